import { generateKeyPairSync } from 'node:crypto';
import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { dayKeyOpener, openSealedPart, unwrapCaseKey } from '#gateway/intake/unseal.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { type DayKey, newDayKey, sealBody } from '#main/service/sealing/district.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { fakeRandom } from '../time/fakes.ts';

const TERMINAL = '01890000-0000-7000-8000-000000000001';
const ENTRY = '01890000-0000-7000-8000-000000000002';
const random = systemRandom({ wall: () => new Date() });
const pair = generateKeyPairSync('x25519');
const district = {
  suite: 'standard' as const,
  id: 'district-1',
  publicKey: fromBase64Url(String(pair.publicKey.export({ format: 'jwk' }).x)),
};
const content = { card: { name: '王秀英', number: '120103195002280004' }, answers: {} };

function seal(dayKey: DayKey) {
  return sealBody({ terminal: TERMINAL, entryId: ENTRY, kind: 'case', content, dayKey, random });
}

describe('sealing for the district', () => {
  it("opens with the district's key alone, by the gateway's own code", async () => {
    const dayKey = await newDayKey(TERMINAL, district, random);
    const { part, key } = seal(dayKey);
    const opened = await (await dayKeyOpener('standard', pair.privateKey)).open(TERMINAL, dayKey.sealed);
    expect(opened).toEqual(dayKey.key);
    const caseKey = unwrapCaseKey({ suite: 'standard', terminal: TERMINAL }, key, opened ?? new Uint8Array());
    const entry = { suite: 'standard', terminal: TERMINAL, id: ENTRY, kind: 'case' } as const;
    expect(openSealedPart(entry, part, caseKey ?? new Uint8Array(32))).toEqual({ ok: true, value: content });
    const moved = { ...entry, id: TERMINAL };
    expect(openSealedPart(moved, part, caseKey ?? new Uint8Array(32)).ok).toBe(false);
    const other = generateKeyPairSync('x25519').privateKey;
    expect(await (await dayKeyOpener('standard', other)).open(TERMINAL, dayKey.sealed)).toBeNull();
  });

  it('takes all of its chance from the randomness that it was given', async () => {
    const repeated = () => fakeRandom({ wall: () => new Date(0) });
    const [a, b] = [await newDayKey(TERMINAL, district, repeated()), await newDayKey(TERMINAL, district, repeated())];
    expect(b).toEqual(a);
    expect(a.sealed.enc).not.toBe((await newDayKey(TERMINAL, district, random)).sealed.enc);
  });

  it('gives every body a key of its own', async () => {
    const dayKey = await newDayKey(TERMINAL, district, random);
    const [a, b] = [seal(dayKey), seal(dayKey)];
    expect(a.key.caseKey).not.toBe(b.key.caseKey);
    expect(a.part.data).not.toBe(b.part.data);
  });

  it('stays small: the dictionary and GCM together add no more than the names took away', async () => {
    const { part } = seal(await newDayKey(TERMINAL, district, random));
    expect(part.data.length).toBeLessThan(JSON.stringify(content).length * 1.6);
  });
});

describe('the HPKE library', () => {
  it('opens the base mode vector of RFC 9180, A.1.1', async () => {
    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes128Gcm(),
    });
    const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex')).buffer;
    const recipientKey = await suite.kem.importKey(
      'raw',
      bytes('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
      false,
    );
    const context = await suite.createRecipientContext({
      recipientKey,
      enc: bytes('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'),
      info: bytes('4f6465206f6e2061204772656369616e2055726e'),
    });
    const plain = await context.open(
      bytes('f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a'),
      bytes('436f756e742d30'),
    );
    expect(Buffer.from(plain).toString('utf8')).toBe('Beauty is truth, truth beauty');
  });
});
