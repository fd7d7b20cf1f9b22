import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import type { Suite } from '#contract/suite.ts';
import { isSm2, newSm2Key, sm2Point, sm2Sign } from '../suite/sm2.ts';

/** What can be done with one kind of private key. */
export interface KeyKind {
  /** For messages. */
  readonly name: string;
  create(): KeyObject;
  is(key: KeyObject): boolean;
  /** The public half as it travels, in base64url. */
  publicKey(key: KeyObject): string;
}

interface SigningKind extends KeyKind {
  /** @returns 64 bytes. */
  sign(data: Uint8Array, key: KeyObject): Buffer;
}

const sm2: SigningKind = {
  name: 'sm2',
  create: newSm2Key,
  is: isSm2,
  publicKey: (key) => Buffer.from(sm2Point(key)).toString('base64url'),
  sign: (data, key) => Buffer.from(sm2Sign(data, key)),
};

/** The kinds of keys that a suite signs with and seals to. */
export const keyKinds: Readonly<Record<Suite, { readonly signing: SigningKind; readonly sealing: KeyKind }>> = {
  standard: {
    signing: {
      name: 'ed25519',
      create: () => generateKeyPairSync('ed25519').privateKey,
      is: (key) => key.asymmetricKeyType === 'ed25519',
      publicKey: octets,
      sign: (data, key) => sign(null, data, key),
    },
    sealing: {
      name: 'x25519',
      create: () => generateKeyPairSync('x25519').privateKey,
      is: (key) => key.asymmetricKeyType === 'x25519',
      publicKey: octets,
    },
  },
  national: { signing: sm2, sealing: sm2 },
};

function octets(key: KeyObject): string {
  return z.object({ x: z.string() }).parse(createPublicKey(key).export({ format: 'jwk' })).x;
}
