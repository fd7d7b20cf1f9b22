import { createDecipheriv, hkdfSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Vault } from '#main/service/sealing/vault.ts';
import { systemRandom } from '#main/service/time/random.ts';

const random = systemRandom({ wall: () => new Date() });
let etc: string;
let storeFile: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'yc-vault-'));
  etc = join(folder, 'etc');
  storeFile = join(folder, 'terminal.sqlite');
});

function open(): Vault {
  const opened = Vault.open({ etc, storeFile, random });
  if (!opened.ok) throw new Error(opened.error.detail);
  return opened.value;
}

describe('the store key', () => {
  it('is made once, for its owner alone, and opens what it sealed after a restart', () => {
    const sealed = open().seal('王秀英', 'case:1');
    expect(statSync(join(etc, 'store.key')).mode & 0o777).toBe(0o600);
    expect(Buffer.from(open().open(sealed, 'case:1')).toString('utf8')).toBe('王秀英');
  });

  it('is never made anew beside a store that needs the old one', () => {
    open();
    writeFileSync(storeFile, 'a store');
    rmSync(join(etc, 'store.key'));
    expect(Vault.open({ etc, storeFile, random })).toMatchObject({ ok: false, error: { code: 'key-missing' } });
    expect(statSync(join(etc, 'store.key'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is refused when it was cut short', () => {
    open();
    writeFileSync(join(etc, 'store.key'), 'short');
    expect(Vault.open({ etc, storeFile, random })).toMatchObject({ ok: false, error: { code: 'key-missing' } });
  });
});

describe('sealing', () => {
  it('gives back what was sealed, and nothing when a single bit, the place or the key differs', () => {
    const vault = open();
    rmSync(join(etc, 'store.key'));
    const other = open();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.nat(), (plain, aad, at) => {
        const sealed = vault.seal(plain, aad);
        expect(new Uint8Array(vault.open(sealed, aad))).toEqual(plain);
        const altered = Uint8Array.from(sealed);
        const i = at % altered.length;
        altered[i] = (altered[i] ?? 0) ^ 1;
        expect(() => vault.open(altered, aad)).toThrow();
        expect(() => vault.open(sealed, `${aad}.`)).toThrow();
        expect(() => other.open(sealed, aad)).toThrow();
      }),
    );
  });

  it('seals the same text differently each time', () => {
    const vault = open();
    expect(vault.seal('a', 'x')).not.toEqual(vault.seal('a', 'x'));
  });
});

describe('blind indexes', () => {
  it('finds equal values and no others, per kind and per terminal', () => {
    const vault = open();
    rmSync(join(etc, 'store.key'));
    const other = open();
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const same = a.normalize('NFC') === b.normalize('NFC');
        expect(Buffer.compare(vault.blindIndex('number', a), vault.blindIndex('number', b)) === 0).toBe(same);
        expect(vault.blindIndex('phone', a)).not.toEqual(vault.blindIndex('number', a));
        expect(other.blindIndex('number', a)).not.toEqual(vault.blindIndex('number', a));
      }),
    );
  });
});

describe('the algorithms underneath', () => {
  it('derives keys as RFC 5869, A.1', () => {
    const okm = hkdfSync(
      'sha256',
      Buffer.alloc(22, 0x0b),
      Buffer.from('000102030405060708090a0b0c', 'hex'),
      Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
      42,
    );
    expect(Buffer.from(okm).toString('hex')).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });

  it('opens AES-256-GCM as test case 14 of its specification', () => {
    const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    decipher.setAuthTag(Buffer.from('d0d1c8a799996bf0265b98b5d48ab919', 'hex'));
    const plain = decipher.update(Buffer.from('cea7403d4d606b6e074ec5d3baf39d18', 'hex'));
    expect(Buffer.concat([plain, decipher.final()])).toEqual(Buffer.alloc(16));
  });
});
