import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Randomness as the service uses it; handed in, so that a test can replay it. */
export interface Random {
  bytes(n: number): Uint8Array;
  /** UUID of version 7 (RFC 9562, 5.7). */
  uuid(): string;
}

export function systemRandom(clock: Pick<Clock, 'wall'>): Random {
  return {
    // A buffer of its own: the pool that small Buffers share could not be wiped.
    bytes: (n) => randomFillSync(new Uint8Array(n)),
    uuid: () => uuidV7(clock.wall().getTime(), randomBytes(10)),
  };
}

/** Lays 48 bits of time and 74 bits of chance out as RFC 9562 wants them. */
export function uuidV7(unixMs: number, chance: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(unixMs, 0, 6);
  bytes.set(chance.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
  bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A number in [0, 1) from 48 random bits. */
export function fraction(random: Pick<Random, 'bytes'>): number {
  return Buffer.from(random.bytes(6)).readUIntBE(0, 6) / 2 ** 48;
}
