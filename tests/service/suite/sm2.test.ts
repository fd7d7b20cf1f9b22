import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isSm2, newSm2Key, sm2Encrypt, sm2Point, sm2PublicKey, sm2Sign, sm2Verify } from '#main/service/suite/sm2.ts';
import {
  bytes,
  N,
  number,
  sm2Decrypt,
  sm2Pair,
  sm2Sign as sm2SignAgain,
  sm2Verify as sm2VerifyAgain,
} from '../../gateway/national.ts';
import { hex, SIGNED } from '../../gateway/vectors.ts';

const key = newSm2Key();
const publicKey = sm2PublicKey(sm2Point(key));
const message = Buffer.from(SIGNED.message);

/** OpenSSL's own program, with files of the test's. */
function openssl(files: Readonly<Record<string, Uint8Array | string>>, ...args: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'yc-sm2-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
}

const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
const SM2 = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678', '-in', 'text', '-inkey', 'key.pem'];

describe('SM2 signatures of a terminal', () => {
  it('agree with the published example', () => {
    expect(sm2Verify(message, hex(SIGNED.signature), sm2PublicKey(hex(SIGNED.point)))).toBe(true);
    expect(sm2Verify(Buffer.from('another'), hex(SIGNED.signature), sm2PublicKey(hex(SIGNED.point)))).toBe(false);
  });

  it('and a second implementation take each other at their word', () => {
    const { secret, point } = sm2Pair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (text) => {
        expect(sm2VerifyAgain(text, sm2Sign(text, key), sm2Point(key))).toBe(true);
        expect(sm2Verify(text, sm2SignAgain(text, secret), sm2PublicKey(point))).toBe(true);
        expect(sm2Verify(text, sm2SignAgain(text, secret), publicKey)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it("are what OpenSSL's program checks and makes", () => {
    const signed = openssl({ text: 'a text', 'key.pem': pem }, 'pkeyutl', '-sign', ...SM2);
    expect(sm2Verify(Buffer.from('a text'), fromDer(signed), publicKey)).toBe(true);
    expect(sm2Verify(Buffer.from('a text.'), fromDer(signed), publicKey)).toBe(false);
    const files = { text: 'a text', 'key.pem': pem, signature: toDer(sm2Sign(Buffer.from('a text'), key)) };
    const said = openssl(files, 'pkeyutl', '-verify', '-sigfile', 'signature', ...SM2).toString();
    expect(said).toContain('Signature Verified Successfully');
  });

  it('never repeat their random number', () => {
    const twice = [sm2Sign(message, key), sm2Sign(message, key)].map((bytes) => Buffer.from(bytes.subarray(0, 32)));
    expect(twice[0]).not.toEqual(twice[1]);
  });

  it('of another length, or with a number that is none, are refused and raise nothing', () => {
    const example = sm2PublicKey(hex(SIGNED.point));
    const [r, s] = [number(hex(SIGNED.signature).subarray(0, 32)), number(hex(SIGNED.signature).subarray(32))];
    for (const [a, b] of [
      [0n, s],
      [r, 0n],
      [N, s],
      [r, N],
      [r, N - r],
    ] as const) {
      expect(sm2Verify(message, Buffer.concat([bytes(a), bytes(b)]), example)).toBe(false);
    }
    for (const length of [0, 32, 63, 65, 128]) expect(sm2Verify(message, Buffer.alloc(length, 1), example)).toBe(false);
  });

  it("are not what Node's own sign makes with the same key: should it ever be, the library can go", () => {
    expect(sm2Verify(message, fromDer(sign('sm3', message, key)), publicKey)).toBe(false);
    expect(sm2VerifyAgain(message, fromDer(sign('sm3', message, key)), sm2Point(key), '')).toBe(true);
    const { privateKey, publicKey: made } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const point = made.export({ type: 'spki', format: 'der' }).subarray(-65);
    expect(sm2VerifyAgain(message, fromDer(sign('sm3', message, privateKey)), point, '')).toBe(false);
  });
});

describe('SM2 encryption of a terminal', () => {
  it('opens by a second implementation', () => {
    const { secret, point } = sm2Pair();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 120 }), (plain) => {
        expect(sm2Decrypt(sm2Encrypt(plain, sm2PublicKey(point)), secret)).toEqual(Buffer.from(plain));
      }),
      { numRuns: 20 },
    );
  });

  it("opens by OpenSSL's program", () => {
    const sealed = Buffer.from(sm2Encrypt(Buffer.from('a day key'), publicKey));
    const [x, y, c3, c2] = [
      sealed.subarray(1, 33),
      sealed.subarray(33, 65),
      sealed.subarray(65, 97),
      sealed.subarray(97),
    ];
    const der = tlv(0x30, Buffer.concat([integer(x), integer(y), tlv(0x04, c3), tlv(0x04, c2)]));
    const opened = openssl(
      { sealed: der, 'key.pem': pem },
      'pkeyutl',
      '-decrypt',
      '-in',
      'sealed',
      '-inkey',
      'key.pem',
    );
    expect(opened.toString()).toBe('a day key');
  });
});

describe('an SM2 key of a terminal', () => {
  it('is read as OpenSSL writes it, and told from every other kind', () => {
    const foreign = createPrivateKey(openssl({}, 'genpkey', '-algorithm', 'SM2').toString());
    expect(isSm2(foreign)).toBe(true);
    expect(sm2Verify(message, sm2Sign(message, foreign), sm2PublicKey(sm2Point(foreign)))).toBe(true);
    expect(isSm2(generateKeyPairSync('ed25519').privateKey)).toBe(false);
    expect(isSm2(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey)).toBe(false);
  });

  it('is no point of another curve', () => {
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const point = other.export({ type: 'spki', format: 'der' }).subarray(-65);
    expect(() => sm2PublicKey(point)).toThrow();
  });
});

// -- DER, as far as OpenSSL's program needs it ----------------------------------------------------------------------------

function tlv(tag: number, value: Uint8Array): Buffer {
  const length = value.length < 128 ? [value.length] : [0x81, value.length];
  return Buffer.concat([Buffer.of(tag, ...length), value]);
}

function integer(value: Uint8Array): Buffer {
  const digits = BigInt(`0x${Buffer.from(value).toString('hex')}`).toString(16);
  const even = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return tlv(0x02, (even[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), even]) : even);
}

function toDer(signature: Uint8Array): Buffer {
  return tlv(0x30, Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]));
}

function fromDer(der: Buffer): Buffer {
  const length = der.readUInt8(3);
  const numbers = [der.subarray(4, 4 + length), der.subarray(6 + length)];
  return Buffer.concat(numbers.map((part) => bytes(number(part))));
}
