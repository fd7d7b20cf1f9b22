import { constants, zstdCompressSync } from 'node:zlib';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { z } from 'zod';
import { dictionaries, NEWEST_DICTIONARY } from '#contract/dictionaries.ts';
import { unreachable } from '#contract/result.ts';
import { type Suite, suites } from '#contract/suite.ts';
import {
  dayKeyInfo,
  type EntryKind,
  type KeyOpen,
  type SealedPart,
  sealedPartAad,
  type WrappedKey,
  wrappedKeyAad,
} from '#contract/wire.ts';
import { sm2Encrypt, sm2PublicKey } from '../suite/sm2.ts';
import { hashOf } from '../suite/suite.ts';
import type { Random } from '../time/random.ts';
import { sealed } from './aead.ts';
import { toBase64Url } from './base64url.ts';
import type { CaseKey } from './material.ts';

const NONCE_BYTES = 12;
const POINT_BYTES = 65;
const EPHEMERAL_BYTES = 32;
const LEVEL = 6;

/** The district's public key, to which day keys are sealed. */
export interface DistrictKey {
  readonly suite: Suite;
  readonly id: string;
  /** X25519, raw 32 bytes; or SM2, the uncompressed point of 65 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key that wraps the case keys of one day, and its form sealed to the district, ready to be journaled. */
export interface DayKey {
  readonly suite: Suite;
  readonly id: string;
  readonly key: Uint8Array;
  readonly sealed: z.infer<typeof KeyOpen>;
}

const NEWEST = Buffer.from(dictionaries[NEWEST_DICTIONARY].data, dictionaries[NEWEST_DICTIONARY].encoding);

const hpke = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Makes a day key and seals it once to the district, so that only the intake worker opens it. */
export async function newDayKey(terminal: string, district: DistrictKey, random: Random): Promise<DayKey> {
  const { suite } = district;
  const id = random.uuid();
  const key = random.bytes(suites[suite].keyBytes);
  const { enc, data } = await sealDayKey(key, dayKeyInfo(terminal, id), district, random);
  return {
    suite,
    id,
    key,
    sealed: { dayKey: id, districtKeyId: district.id, enc: toBase64Url(enc), data: toBase64Url(data) },
  };
}

async function sealDayKey(
  key: Uint8Array,
  info: string,
  { suite, publicKey }: DistrictKey,
  random: Random,
): Promise<{ enc: Uint8Array; data: Uint8Array }> {
  switch (suite) {
    case 'standard': {
      const recipientPublicKey = await hpke.kem.deserializePublicKey(buffer(publicKey));
      // The ephemeral key pair is derived from our own randomness (RFC 9180, 7.1.3), so that one source feeds everything.
      const ephemeral = random.bytes(EPHEMERAL_BYTES);
      const given = { recipientPublicKey, info: buffer(Buffer.from(info, 'utf8')), ekm: ephemeral };
      const { enc, ct } = await hpke.seal(given, buffer(key));
      ephemeral.fill(0);
      return { enc: new Uint8Array(enc), data: new Uint8Array(ct) };
    }
    case 'national': {
      const bound = Buffer.concat([key, hashOf(suite, info)]);
      const ciphertext = sm2Encrypt(bound, sm2PublicKey(publicKey));
      bound.fill(0);
      return { enc: ciphertext.subarray(0, POINT_BYTES), data: ciphertext.subarray(POINT_BYTES) };
    }
    default:
      return unreachable(suite);
  }
}

/**
 * Seals the personal part of one body: zstd with the shared dictionary, then the day key's cipher under a key of its own, which is
 * wrapped by the day key. Its own key and the plain bytes are wiped before this returns.
 */
export function sealBody(o: {
  terminal: string;
  entryId: string;
  kind: EntryKind;
  content: object;
  dayKey: DayKey;
  random: Random;
  /** One that materials were sealed under; whoever gives it wipes it. */
  caseKey?: CaseKey | undefined;
}): { part: z.infer<typeof SealedPart>; key: WrappedKey } {
  const { suite } = o.dayKey;
  const caseKey = o.caseKey ?? { id: o.random.uuid(), key: o.random.bytes(suites[suite].keyBytes) };
  const content = packed(o.content, NEWEST);
  try {
    const encrypt = (key: Uint8Array, plain: Uint8Array, aad: string) => {
      const nonce = o.random.bytes(NONCE_BYTES);
      return { nonce: toBase64Url(nonce), data: toBase64Url(sealed(suite, key, nonce, plain, aad)) };
    };
    const part = encrypt(caseKey.key, content, sealedPartAad(o.terminal, o.entryId, o.kind));
    const wrapped = encrypt(o.dayKey.key, caseKey.key, wrappedKeyAad(o.terminal, caseKey.id, o.dayKey.id));
    return {
      part: { dict: NEWEST_DICTIONARY, caseKey: caseKey.id, ...part },
      key: { caseKey: caseKey.id, dayKey: o.dayKey.id, ...wrapped },
    };
  } finally {
    content.fill(0);
    if (!o.caseKey) caseKey.key.fill(0);
  }
}

/** The personal part as one zstd frame that names no dictionary; the plain bytes are wiped. */
export function packed(content: object, dictionary: Uint8Array): Uint8Array {
  const plain = Buffer.from(JSON.stringify(content), 'utf8');
  try {
    return zstdCompressSync(plain, {
      dictionary: Buffer.from(dictionary),
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_dictIDFlag]: 0 },
    });
  } finally {
    plain.fill(0);
  }
}

/** A copy whose buffer holds nothing else, as WebCrypto wants it. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
