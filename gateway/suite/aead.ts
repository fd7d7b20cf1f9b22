import { createDecipheriv } from 'node:crypto';
import { sm4 } from 'sm-crypto-v2';
import { unreachable } from '#contract/result.ts';
import { type Suite, suites } from '#contract/suite.ts';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/**
 * Opens AES-256-GCM or SM4-GCM whose tag stands behind the ciphertext (Node has SM4, but none of its authenticated modes).
 * @param nonce and `data` in base64url
 * @returns null when the bytes were altered, moved or sealed with another key.
 */
export function opened(suite: Suite, key: Uint8Array, nonce: string, data: string, aad: string): Uint8Array | null {
  return openedBytes(suite, key, Buffer.from(nonce, 'base64url'), Buffer.from(data, 'base64url'), aad);
}

/** As {@link opened}. */
export function openedBytes(suite: Suite, key: Uint8Array, iv: Buffer, bytes: Buffer, aad: string): Uint8Array | null {
  if (key.length !== suites[suite].keyBytes || iv.length !== NONCE_BYTES || bytes.length < TAG_BYTES) return null;
  const sealed = {
    iv,
    ciphertext: bytes.subarray(0, -TAG_BYTES),
    tag: bytes.subarray(-TAG_BYTES),
    aad: Buffer.from(aad),
  };
  try {
    switch (suite) {
      case 'standard':
        return openAes(key, sealed);
      case 'national':
        return openSm4(key, sealed);
      default:
        return unreachable(suite);
    }
  } catch {
    return null;
  }
}

interface Sealed {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
  readonly aad: Uint8Array;
}

function openAes(key: Uint8Array, { iv, ciphertext, tag, aad }: Sealed): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

function openSm4(key: Uint8Array, { iv, ciphertext, tag, aad }: Sealed): Uint8Array {
  return sm4.decrypt(ciphertext, key, { mode: 'gcm', iv, tag, associatedData: aad, output: 'array' });
}
