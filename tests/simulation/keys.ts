import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { GatewayKeys } from '#gateway/identity/keys.ts';

/** PKCS #8 heads of raw 32-byte keys (RFC 8410, 7). */
const HEADS = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420',
} as const;

/** A private key that is made of given bytes, where the runtime's own generator would make another one in each run. */
export function privateKeyOf(type: keyof typeof HEADS, bytes: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([Buffer.from(HEADS[type], 'hex'), bytes]),
    format: 'der',
    type: 'pkcs8',
  });
}

/** The raw public half in base64url. */
export function publicHalf(key: KeyObject): string {
  return String(createPublicKey(key).export({ format: 'jwk' }).x);
}

export function gatewayKeyOf(bytes: Uint8Array): GatewayKeys['standard'] {
  const key = privateKeyOf('ed25519', bytes);
  return { publicKey: publicHalf(key), sign: (data) => sign(null, Buffer.from(data), key) };
}
