import { scrypt, timingSafeEqual } from 'node:crypto';
import { PIN_HASH } from '#contract/configuration.ts';
import type { Random } from '../time/random.ts';

/** N = 2^16 takes 64 MB and about 0.2 s: dear enough for a short PIN that is also locked after five wrong ones. */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MOST_MEMORY = 256 * 1024 * 1024;

/** @returns `scrypt$N$r$p$salt$hash`, the last two in base64url, for `terminal.yaml`. */
export async function hashPin(pin: string, random: Pick<Random, 'bytes'>, cost: Cost = COST): Promise<string> {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const hash = await derive(pin, salt, HASH_BYTES, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Compares in constant time, off the service's thread. @returns false for a hash that is not of our form or can't be computed. */
export async function verifyPin(pin: string, stored: string): Promise<boolean> {
  const parts = PIN_HASH.exec(stored);
  if (!parts?.[4] || !parts[5]) return false;
  const expected = Buffer.from(parts[5], 'base64url');
  const cost = { N: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) };
  const hash = await derive(pin, Buffer.from(parts[4], 'base64url'), expected.length, cost).catch(() => null);
  return hash !== null && timingSafeEqual(hash, expected);
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

function derive(pin: string, salt: Uint8Array, length: number, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, length, { ...cost, maxmem: MOST_MEMORY }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
