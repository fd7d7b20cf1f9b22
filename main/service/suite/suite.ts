/** What this terminal computes in either suite (contract/suite.ts): keys, signatures, hashes. A key knows its suite. */
import { createPublicKey, generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto';
import { unreachable } from '#contract/result.ts';
import { type Suite, suiteOfPublicKey, suites } from '#contract/suite.ts';
import { fromBase64Url, toBase64Url } from '../sealing/base64url.ts';
import { isSm2, newSm2Key, sm2Point, sm2PublicKey, sm2Sign, sm2Verify } from './sm2.ts';

/** SHA-256 or SM3; 32 bytes. */
export function hashOf(suite: Suite, data: Uint8Array | string): Buffer {
  return hash(suites[suite].hash, data, 'buffer');
}

/** A private key for signatures. */
export function newKey(suite: Suite): KeyObject {
  switch (suite) {
    case 'standard':
      return generateKeyPairSync('ed25519').privateKey;
    case 'national':
      return newSm2Key();
    default:
      return unreachable(suite);
  }
}

/** The suite of a key for signatures; null for a key of any other kind. */
export function suiteOf(key: KeyObject): Suite | null {
  if (key.asymmetricKeyType === 'ed25519') return 'standard';
  return isSm2(key) ? 'national' : null;
}

/** A private key's public half in the form that travels. */
export function rawPublicKey(privateKey: KeyObject): string {
  const suite = requireSuite(privateKey);
  switch (suite) {
    case 'standard':
      return String(createPublicKey(privateKey).export({ format: 'jwk' }).x);
    case 'national':
      return toBase64Url(sm2Point(privateKey));
    default:
      return unreachable(suite);
  }
}

/** A public key for signatures from the form in which it travels. @throws Error when it is none. */
export function publicKeyOf(raw: string): KeyObject {
  const suite = suiteOfPublicKey(raw);
  switch (suite) {
    case 'standard':
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
    case 'national':
      return sm2PublicKey(fromBase64Url(raw));
    case null:
      throw new Error('a public key of no suite');
    default:
      return unreachable(suite);
  }
}

/** Ed25519, or SM2 with SM3; 64 bytes. */
export function signText(text: string, key: KeyObject): Uint8Array {
  const data = Buffer.from(text, 'utf8');
  const suite = requireSuite(key);
  switch (suite) {
    case 'standard':
      return sign(null, data, key);
    case 'national':
      return sm2Sign(data, key);
    default:
      return unreachable(suite);
  }
}

/** Whether a public key's owner signed the text, in the key's own suite. */
export function textIsSigned(text: string, signature: Uint8Array, key: KeyObject): boolean {
  const data = Buffer.from(text, 'utf8');
  const suite = requireSuite(key);
  switch (suite) {
    case 'standard':
      return verify(null, data, key, signature);
    case 'national':
      return sm2Verify(data, signature, key);
    default:
      return unreachable(suite);
  }
}

/** @throws Error when the key is not for signatures. */
export function requireSuite(key: KeyObject): Suite {
  const suite = suiteOf(key);
  if (suite === null) throw new Error('a key that is not for signatures');
  return suite;
}
