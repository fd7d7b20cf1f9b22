import { createHash } from 'node:crypto';

/** Draws a number in [0, 1), another one at each call. */
export type Chance = () => number;

/** The same seed and name give the same row of numbers, whoever else draws in between. */
export function chanceOf(seed: number, name: string): Chance {
  let drawn = 0;
  return () => {
    drawn += 1;
    return createHash('sha256').update(`${seed}\n${name}\n${drawn}`).digest().readUIntBE(0, 6) / 2 ** 48;
  };
}

/** A whole number, both ends included. */
export function between(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}

/** @throws Error when there is nothing to pick from. */
export function pick<T>(chance: Chance, from: readonly T[]): T {
  const [picked] = from.slice(Math.floor(chance() * from.length));
  if (picked === undefined) throw new Error('there is nothing to pick from');
  return picked;
}
