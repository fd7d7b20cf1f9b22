import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Suite } from '#contract/suite.ts';
import type { DistrictKeys } from '#gateway/identity/district.ts';
import { keyKinds } from '#gateway/identity/key-kinds.ts';
import type { GatewayKeys } from '#gateway/identity/keys.ts';
import { dayKeyOpener } from '#gateway/intake/unseal.ts';

/** PKCS #8 heads of raw 32-byte keys (RFC 8410, 7). */
const HEADS = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420',
} as const;

/** A private key that is made of given bytes, where the runtime's own generator would make another one in each run. */
function privateKeyOf(type: keyof typeof HEADS, bytes: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([Buffer.from(HEADS[type], 'hex'), bytes]),
    format: 'der',
    type: 'pkcs8',
  });
}

/**
 * A key of a terminal, the gateway or the district, of the seed's bytes; one of SM2 is another in each run, as the chance that its library draws
 * is: no seed reaches there, and nothing but values of keys and hashes comes of it.
 */
export function keyOf(suite: Suite, use: 'signing' | 'sealing', bytes: Uint8Array): KeyObject {
  if (suite === 'national') return keyKinds.national[use].create();
  return privateKeyOf(use === 'signing' ? 'ed25519' : 'x25519', bytes);
}

/** All keys of a district. @param bytes the seed's, 32 for each name */
export async function keysOfDistrict(bytes: (name: string) => Uint8Array, hasNational: boolean) {
  const standard = await keysOf('standard', bytes);
  // Where no terminal asks for them nobody makes the others.
  const national = hasNational ? await keysOf('national', bytes) : standard;
  return {
    keys: { standard: standard.key, national: national.key } satisfies GatewayKeys,
    districts: { standard: standard.district, national: national.district } satisfies DistrictKeys,
    openers: { standard: standard.opener, national: national.opener },
  };
}

async function keysOf(suite: Suite, bytes: (name: string) => Uint8Array) {
  const { sealing, signing } = keyKinds[suite];
  const own = keyOf(suite, 'sealing', bytes('district-key'));
  const key = keyOf(suite, 'signing', bytes('gateway-key'));
  const publicKey = signing.publicKey(key);
  const signer = { publicKey, sign: (data: string) => signing.sign(Buffer.from(data), key) };
  const id = `district-${suite}`;
  return {
    key: { publicKey, publicKeyAt: () => publicKey, at: () => signer, successors: [] },
    district: { id, publicKey: sealing.publicKey(own), from: null },
    opener: new Map([[id, await dayKeyOpener(suite, own)]]),
  };
}
