/** What the gateway computes in either suite (contract/suite.ts): hashes, and the checking of signatures. */
import { createPublicKey, hash, verify } from 'node:crypto';
import { unreachable } from '#contract/result.ts';
import { type Suite, suites } from '#contract/suite.ts';
import { isSm2Point, sm2Verify } from './sm2.ts';

/** SHA-256 or SM3; 32 bytes. */
export function hashOf(suite: Suite, data: Uint8Array | string): Buffer {
  return hash(suites[suite].hash, data, 'buffer');
}

/** Whether a public key that has the suite's form is one. */
export function isPublicKey(suite: Suite, raw: string): boolean {
  switch (suite) {
    case 'standard':
      // Any 32 bytes import.
      return suites.standard.publicKey.test(raw);
    case 'national':
      return suites.national.publicKey.test(raw) && isSm2Point(Buffer.from(raw, 'base64url'));
    default:
      return unreachable(suite);
  }
}

/** @param publicKey of the suite, raw in base64url. */
export function isSigned(suite: Suite, text: string, signature: Uint8Array, publicKey: string): boolean {
  const data = Buffer.from(text);
  switch (suite) {
    case 'standard': {
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
      return verify(null, data, key, signature);
    }
    case 'national':
      return sm2Verify(data, signature, Buffer.from(publicKey, 'base64url'));
    default:
      return unreachable(suite);
  }
}
