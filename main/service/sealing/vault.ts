import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '#contract/result.ts';
import { writeDurably } from '../store/files.ts';
import type { Random } from '../time/random.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of everything sealed: which key and which algorithm. */
const VERSION = 1;

export type IndexKind = 'number' | 'phone' | 'receipt';

export interface VaultError {
  readonly code: 'key-missing';
  readonly detail: string;
  readonly remedy: string;
}

/**
 * Seals what rests on this terminal's disk with the store key: AES-256-GCM under a key derived for that alone. The store key
 * is a 0600 file in `etc`, so it guards copies and backups, not a stolen terminal.
 */
export class Vault {
  readonly #sealing: Uint8Array;
  readonly #indexing: Readonly<Record<IndexKind, Uint8Array>>;
  readonly #random: Random;

  private constructor(key: Uint8Array, random: Random) {
    this.#random = random;
    this.#sealing = derive(key, 'yichuang-store-sealing-1');
    this.#indexing = {
      number: derive(key, 'yichuang-index-number-1'),
      phone: derive(key, 'yichuang-index-phone-1'),
      receipt: derive(key, 'yichuang-index-receipt-1'),
    };
  }

  /**
   * Opens `etc/store.key`. A new key is made only while there is no store yet: with a store and without its key everything sealed
   * would be lost silently, so that is refused.
   */
  static open(o: { etc: string; storeFile: string; random: Random }): Result<Vault, VaultError> {
    const file = join(o.etc, 'store.key');
    if (!existsSync(file)) {
      if (existsSync(o.storeFile)) {
        return missing('the store key is gone, but a store exists', `bring ${file} back from where keys are kept`);
      }
      mkdirSync(o.etc, { recursive: true, mode: 0o700 });
      const fresh = o.random.bytes(KEY_BYTES);
      writeDurably(file, fresh, 0o600);
      fresh.fill(0);
    }
    chmodSync(file, 0o600);
    const key = readFileSync(file);
    if (key.length !== KEY_BYTES) {
      return missing(`the store key has ${key.length} bytes instead of ${KEY_BYTES}`, `bring ${file} back`);
    }
    const vault = new Vault(key, o.random);
    key.fill(0);
    return ok(vault);
  }

  /**
   * @param aad what the bytes belong to, such as `case:<id>`: they open nowhere else.
   * @returns version, nonce, ciphertext and tag in one piece.
   */
  seal(plain: Uint8Array | string, aad: string): Uint8Array {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce);
    cipher.setAAD(Buffer.from(aad, 'utf8'));
    const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
    return Buffer.concat([Uint8Array.of(VERSION), nonce, body, cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error when the bytes were altered, moved or sealed with another key. */
  open(sealed: Uint8Array, aad: string): Uint8Array {
    if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES)
      throw new Error('not sealed by this vault');
    const tagAt = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.#sealing, sealed.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(aad, 'utf8'));
    decipher.setAuthTag(sealed.subarray(tagAt));
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, tagAt)), decipher.final()]);
  }

  /** 32 bytes by which an equal value is found again without being readable: HMAC-SHA-256 under a key per kind. */
  blindIndex(kind: IndexKind, value: string): Uint8Array {
    return createHmac('sha256', this.#indexing[kind]).update(value.normalize('NFC'), 'utf8').digest();
  }
}

function derive(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), purpose, KEY_BYTES));
}

function missing(detail: string, remedy: string): Result<never, VaultError> {
  return err({ code: 'key-missing', detail, remedy });
}
