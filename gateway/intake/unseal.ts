/** Opens what terminals seal to the district (sync.md, Sealing). Nothing that it returns may reach a disk or a log. */
import type { KeyObject } from 'node:crypto';
import { constants, zstdDecompressSync } from 'node:zlib';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { z } from 'zod';
import { dictionaries } from '#contract/dictionaries.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { type Suite, suites } from '#contract/suite.ts';
import {
  dayKeyInfo,
  type EntryKind,
  type SealedPart,
  sealedPartAad,
  type WrappedKey,
  wrappedKeyAad,
} from '#contract/wire.ts';
import type { SealedDayKey } from '../store/store.ts';
import { opened } from '../suite/aead.ts';
import { sm2Decrypt } from '../suite/sm2.ts';
import { hashOf } from '../suite/suite.ts';

/** The longest personal part of a case, before compression. */
const MAX_PLAIN_BYTES = 1024 * 1024;
/** A frame may ask its reader for this much memory (2^23 = 8 MiB), as that of a batch may; left alone, zstd gives 128 MiB. */
const WINDOW_LOG_MAX = 23;

const DICTIONARIES: ReadonlyMap<number, Buffer> = new Map(
  Object.entries(dictionaries).map(([number, { data, encoding }]) => [Number(number), Buffer.from(data, encoding)]),
);

/** Opens day keys with the district's private key of one suite. */
export interface DayKeyOpener {
  open(terminal: string, sealed: SealedDayKey): Promise<Uint8Array | null>;
}

/** By the id of the district's key. */
export type DistrictOpeners = ReadonlyMap<string, DayKeyOpener>;

export async function dayKeyOpener(suite: Suite, privateKey: KeyObject): Promise<DayKeyOpener> {
  switch (suite) {
    case 'standard':
      return hpkeOpener(privateKey);
    case 'national':
      return sm2Opener(privateKey);
    default:
      return unreachable(suite);
  }
}

/** HPKE base mode (RFC 9180). */
async function hpkeOpener(privateKey: KeyObject): Promise<DayKeyOpener> {
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
        return key.length === suites.standard.keyBytes ? key : null;
      } catch {
        return null;
      }
    },
  };
}

/** SM2 encryption; behind the key stands the hash of what it is bound to. */
function sm2Opener(privateKey: KeyObject): DayKeyOpener {
  const { keyBytes } = suites.national;
  return {
    async open(terminal, { dayKey, enc, data }) {
      const plain = sm2Decrypt(Buffer.concat([bytesOf(enc), bytesOf(data)]), privateKey);
      const bound = hashOf('national', dayKeyInfo(terminal, dayKey));
      if (!plain || !bound.equals(plain.subarray(keyBytes))) return null;
      return plain.subarray(0, keyBytes);
    },
  };
}

/** Who sealed something, and in which suite. */
interface SealedBy {
  readonly terminal: string;
  readonly suite: Suite;
}

/** @returns the case key, or null when the day key doesn't open it. */
export function unwrapCaseKey(
  { suite, terminal }: SealedBy,
  wrapped: WrappedKey,
  dayKey: Uint8Array,
): Uint8Array | null {
  const aad = wrappedKeyAad(terminal, wrapped.caseKey, wrapped.dayKey);
  const key = opened(suite, dayKey, wrapped.nonce, wrapped.data, aad);
  return key?.length === suites[suite].keyBytes ? key : null;
}

/** @returns the personal part as JSON, or `seal` when it was altered, moved or sealed with another key. */
export function openSealedPart(
  entry: SealedBy & { readonly id: string; readonly kind: EntryKind },
  part: SealedPart,
  caseKey: Uint8Array,
): Result<unknown, 'seal'> {
  const dictionary = DICTIONARIES.get(part.dict);
  const aad = sealedPartAad(entry.terminal, entry.id, entry.kind);
  const packed = opened(entry.suite, caseKey, part.nonce, part.data, aad);
  if (dictionary === undefined || !packed) return err('seal');
  try {
    const plain = zstdDecompressSync(packed, {
      dictionary,
      maxOutputLength: MAX_PLAIN_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
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

/** A copy in memory of its own, as WebCrypto wants it. */
function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}
