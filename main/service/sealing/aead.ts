import { createCipheriv } from 'node:crypto';
import { sm4 } from 'sm-crypto-v2';
import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';

/**
 * AES-256-GCM or SM4-GCM (Node has SM4, but none of its authenticated modes).
 * @param nonce 12 bytes
 * @returns the ciphertext with its 16-byte tag behind it.
 */
export function sealed(suite: Suite, key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: string): Uint8Array {
  const associatedData = Buffer.from(aad, 'utf8');
  switch (suite) {
    case 'standard': {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(associatedData);
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    }
    case 'national': {
      const { output, tag } = sm4.encrypt(plain, key, {
        mode: 'gcm',
        iv: nonce,
        associatedData,
        output: 'array',
        outputTag: true,
      });
      return Buffer.concat([output, tag ?? new Uint8Array()]);
    }
    default:
      return unreachable(suite);
  }
}
