/** Opens what terminals seal to the district (sync.md, Sealing). Nothing that it returns may reach a disk or a log. */
import { createDecipheriv, type KeyObject } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import {
  dayKeyInfo,
  dictionaries,
  type EntryKind,
  type SealedPart,
  sealedPartAad,
  type WrappedKey,
  wrappedKeyAad,
} from '#contract/wire.ts';
import type { SealedDayKey } from '../store/store.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** The longest personal part of a case, before compression. */
const MAX_PLAIN_BYTES = 1024 * 1024;

/** Opens day keys: HPKE base mode with the district's private key. */
export interface DayKeyOpener {
  open(terminal: string, sealed: SealedDayKey): Promise<Uint8Array | null>;
}

export async function dayKeyOpener(privateKey: KeyObject): Promise<DayKeyOpener> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const { d } = z.object({ d: z.string() }).parse(privateKey.export({ format: 'jwk' }));
  const recipientKey = await suite.kem.importKey('raw', bytesOf(d), false);
  return {
    async open(terminal, { dayKey, enc, data }) {
      const info = new TextEncoder().encode(dayKeyInfo(terminal, dayKey));
      try {
        const context = await suite.createRecipientContext({ recipientKey, enc: bytesOf(enc), info });
        const key = new Uint8Array(await context.open(bytesOf(data)));
        return key.length === KEY_BYTES ? key : null;
      } catch {
        return null;
      }
    },
  };
}

/** @returns the case key, or null when the day key doesn't open it. */
export function unwrapCaseKey(terminal: string, wrapped: WrappedKey, dayKey: Uint8Array): Uint8Array | null {
  const aad = wrappedKeyAad(terminal, wrapped.caseKey, wrapped.dayKey);
  const key = openAesGcm(dayKey, wrapped.nonce, wrapped.data, aad);
  return key?.length === KEY_BYTES ? key : null;
}

/** @returns the personal part as JSON, or `seal` when it was altered, moved or sealed with another key. */
export function openSealedPart(
  entry: { readonly terminal: string; readonly id: string; readonly kind: EntryKind },
  part: SealedPart,
  caseKey: Uint8Array,
): Result<unknown, 'seal'> {
  const dictionary = dictionaries[part.dict];
  const packed = openAesGcm(caseKey, part.nonce, part.data, sealedPartAad(entry.terminal, entry.id, entry.kind));
  if (dictionary === undefined || !packed) return err('seal');
  try {
    const plain = zstdDecompressSync(packed, {
      dictionary: Buffer.from(dictionary),
      maxOutputLength: MAX_PLAIN_BYTES,
    });
    const value: unknown = JSON.parse(plain.toString('utf8'));
    plain.fill(0);
    return ok(value);
  } catch {
    return err('seal');
  } finally {
    packed.fill(0);
  }
}

/** AES-256-GCM whose tag stands behind the ciphertext. */
function openAesGcm(key: Uint8Array, nonce: string, data: string, aad: string): Buffer | null {
  const iv = Buffer.from(nonce, 'base64url');
  const sealed = Buffer.from(data, 'base64url');
  if (iv.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}

/** A copy in memory of its own, as WebCrypto wants it. */
function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}
