import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSm2, isSm2Point, newSm2Key, sm2Decrypt, sm2Point, sm2Sign, sm2Verify } from '#gateway/suite/sm2.ts';
import { isPublicKey } from '#gateway/suite/suite.ts';
import {
  bytes,
  N,
  number,
  sm2Encrypt,
  sm2Pair,
  sm2Sign as sm2SignAgain,
  sm2Verify as sm2VerifyAgain,
} from '../national.ts';
import { ENCRYPTED, hex, SIGNED } from '../vectors.ts';

/** The standard's example key, as a PKCS #8 file would hold it. */
const example = createPrivateKey({
  key: Buffer.concat([
    hex('308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420'),
    hex(SIGNED.secret),
    hex('a144034200'),
    hex(SIGNED.point),
  ]),
  format: 'der',
  type: 'pkcs8',
});
const message = Buffer.from(SIGNED.message);

describe('SM2 signatures at the gateway', () => {
  it('agree with the published example', () => {
    expect(Buffer.from(sm2Point(example)).toString('hex')).toBe(SIGNED.point);
    expect(sm2Verify(message, hex(SIGNED.signature), hex(SIGNED.point))).toBe(true);
    expect(sm2Verify(Buffer.from('message digest.'), hex(SIGNED.signature), hex(SIGNED.point))).toBe(false);
    expect(sm2Verify(message, sm2Sign(message, example), hex(SIGNED.point))).toBe(true);
  });

  it('and a second implementation take each other at their word, for messages of any length', () => {
    for (const length of [0, 1, 63, 64, 1000]) {
      const text = Buffer.alloc(length, 'x');
      const key = newSm2Key();
      const { secret, point } = sm2Pair();
      expect(sm2VerifyAgain(text, sm2Sign(text, key), sm2Point(key))).toBe(true);
      expect(sm2Verify(text, sm2SignAgain(text, secret), point)).toBe(true);
      expect(sm2Verify(text, sm2SignAgain(text, secret), sm2Point(key))).toBe(false);
      expect(sm2Verify(text, sm2SignAgain(text, secret, undefined, ''), point)).toBe(false);
    }
  });

  it('of another length, or with a number that is none, are refused and raise nothing', () => {
    const good = hex(SIGNED.signature);
    const [r, s] = [number(good.subarray(0, 32)), number(good.subarray(32))];
    // A number and the order more is the same number in the formula.
    const numbers = [
      [0n, s],
      [r, 0n],
      [N, s],
      [r, N],
      [r, N - r],
      [(1n << 256n) - 1n, s],
    ] as const;
    for (const [a, b] of numbers) {
      expect(sm2Verify(message, Buffer.concat([bytes(a), bytes(b)]), hex(SIGNED.point))).toBe(false);
    }
    for (const length of [0, 32, 63, 65]) {
      expect(sm2Verify(message, Buffer.alloc(length, 1), hex(SIGNED.point))).toBe(false);
    }
  });
});

describe('SM2 encryption at the gateway', () => {
  it('opens the published example and what a second implementation sealed', () => {
    expect(Buffer.from(sm2Decrypt(hex(ENCRYPTED.sealed), example) ?? []).toString()).toBe(ENCRYPTED.message);
    for (const length of [1, 16, 48, 100]) {
      const plain = Buffer.alloc(length, 7);
      expect(sm2Decrypt(sm2Encrypt(plain, hex(SIGNED.point)), example)).toEqual(new Uint8Array(plain));
    }
  });

  it('opens nothing that was cut, altered, sealed to another key or built on a point of another curve', () => {
    const sealed = hex(ENCRYPTED.sealed);
    for (const length of [0, 1, 64, 65, 97, 98, sealed.length - 1]) {
      expect(sm2Decrypt(sealed.subarray(0, length), example)).toBeNull();
    }
    for (const at of [0, 1, 40, 70, 100, sealed.length - 1]) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(sm2Decrypt(altered, example)).toBeNull();
    }
    expect(sm2Decrypt(sealed, newSm2Key())).toBeNull();
    expect(sm2Decrypt(Buffer.concat([p256Point(), sealed.subarray(65)]), example)).toBeNull();
  });
});

describe('SM2 keys at the gateway', () => {
  it('are told from every other kind', () => {
    expect(isSm2(newSm2Key())).toBe(true);
    expect(isSm2(generateKeyPairSync('ed25519').privateKey)).toBe(false);
    expect(isSm2(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey)).toBe(false);
  });

  it('are points of the curve and nothing else', () => {
    expect(isSm2Point(hex(SIGNED.point))).toBe(true);
    const beside = hex(SIGNED.point);
    beside.writeUInt8(beside.readUInt8(64) ^ 1, 64);
    for (const point of [beside, p256Point(), Buffer.concat([Buffer.of(4), Buffer.alloc(64)]), Buffer.of(0)]) {
      expect(isSm2Point(point)).toBe(false);
      expect(isPublicKey('national', point.toString('base64url'))).toBe(false);
    }
    const text = hex(SIGNED.point).toString('base64url');
    expect(isPublicKey('national', text)).toBe(true);
    expect(isPublicKey('standard', text)).toBe(false);
    // Bits that mean nothing would let one key stand under several names.
    expect(isPublicKey('national', `${text.slice(0, -1)}N`)).toBe(false);
  });
});

function p256Point(): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
}
