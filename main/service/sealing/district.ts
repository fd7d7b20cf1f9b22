import { createCipheriv } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { z } from 'zod';
import {
  dayKeyInfo,
  dictionaries,
  type EntryKind,
  type KeyOpen,
  type SealedPart,
  sealedPartAad,
  type WrappedKey,
  wrappedKeyAad,
} from '#contract/wire.ts';
import type { Random } from '../time/random.ts';
import { toBase64Url } from './base64url.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const DICTIONARY = 1;

/** The district's public key, to which day keys are sealed. */
export interface DistrictKey {
  readonly id: string;
  /** X25519, raw 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key that wraps the case keys of one day, and its form sealed to the district, ready to be journaled. */
export interface DayKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly sealed: z.infer<typeof KeyOpen>;
}

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Makes a day key and seals it once to the district: HPKE base mode (RFC 9180), so that only the intake worker opens it. */
export async function newDayKey(terminal: string, district: DistrictKey, random: Random): Promise<DayKey> {
  const id = random.uuid();
  const key = random.bytes(KEY_BYTES);
  const recipientPublicKey = await suite.kem.deserializePublicKey(buffer(district.publicKey));
  const info = buffer(Buffer.from(dayKeyInfo(terminal, id), 'utf8'));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, buffer(key));
  return {
    id,
    key,
    sealed: {
      dayKey: id,
      districtKeyId: district.id,
      enc: toBase64Url(new Uint8Array(enc)),
      data: toBase64Url(new Uint8Array(ct)),
    },
  };
}

/**
 * Seals the personal part of one body: zstd with the shared dictionary, then AES-256-GCM under a key of its own, which is
 * wrapped by the day key. The key and the plain bytes are wiped before this returns.
 */
export function sealBody(o: {
  terminal: string;
  entryId: string;
  kind: EntryKind;
  content: object;
  dayKey: DayKey;
  random: Random;
}): { part: z.infer<typeof SealedPart>; key: WrappedKey } {
  const caseKey = { id: o.random.uuid(), key: o.random.bytes(KEY_BYTES) };
  const plain = Buffer.from(JSON.stringify(o.content), 'utf8');
  const packed = zstdCompressSync(plain, {
    dictionary: Buffer.from(dictionaries[DICTIONARY] ?? '', 'utf8'),
    params: { [constants.ZSTD_c_compressionLevel]: 6 },
  });
  try {
    const part = encrypt(caseKey.key, packed, sealedPartAad(o.terminal, o.entryId, o.kind), o.random);
    const wrapped = encrypt(o.dayKey.key, caseKey.key, wrappedKeyAad(o.terminal, caseKey.id, o.dayKey.id), o.random);
    return {
      part: { dict: DICTIONARY, caseKey: caseKey.id, ...part },
      key: { caseKey: caseKey.id, dayKey: o.dayKey.id, ...wrapped },
    };
  } finally {
    plain.fill(0);
    packed.fill(0);
    caseKey.key.fill(0);
  }
}

/** AES-256-GCM; `data` is the ciphertext with its 16-byte tag behind it. */
function encrypt(key: Uint8Array, plain: Uint8Array, aad: string, random: Random): { nonce: string; data: string } {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(aad, 'utf8'));
  const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { nonce: toBase64Url(nonce), data: toBase64Url(data) };
}

/** A copy whose buffer holds nothing else, as WebCrypto wants it. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
