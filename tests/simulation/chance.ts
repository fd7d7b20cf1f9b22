import { createHash } from 'node:crypto';
import { numbersFrom } from '#tests/soak/random.ts';

/** Chance that a seed decides; each part of the world draws from a stream of its own. */
export class Chance {
  /** The seed and the way to this stream. */
  readonly name: string;
  readonly #next: () => number;

  constructor(name: string) {
    this.name = name;
    this.#next = numbersFrom(createHash('sha256').update(name).digest().readUInt32LE());
  }

  /** Another stream, which nothing drawn here moves. */
  stream(name: string): Chance {
    return new Chance(`${this.name}/${name}`);
  }

  /** @returns from 0 up to 1. */
  fraction(): number {
    return this.#next();
  }

  happens(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.between(0, from.length - 1)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.between(0, 255));
  }

  /** Time until the next of events that come at random, `meanMs` apart. */
  wait(meanMs: number): number {
    return Math.round(-Math.log(1 - this.#next()) * meanMs);
  }
}
