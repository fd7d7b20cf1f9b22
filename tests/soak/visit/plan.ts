/** What happens in each round of the soak, chosen by a seed. */
import { type Scene, scenes } from '#tests/stand/resident.ts';
import { numbersFrom } from '../random.ts';

/** Who or what is struck. `terminal` is shell and service together, as when the power of the machine goes. */
export const victims = [
  'service',
  'page',
  'terminal',
  'gateway',
  'network',
  'reader',
  'receipt paper',
  'document printer',
] as const;
export type Victim = (typeof victims)[number];

/** Where it strikes: on the way to a screen, or while a case is being written and printed. */
export type Moment = Scene | 'submitting' | 'printing' | 'confirming';

export interface Round {
  readonly number: number;
  readonly victim: Victim;
  readonly moment: Moment;
  /** From the last touch to the blow, in milliseconds. */
  readonly delayMs: number;
  /** The way of the visit: whether the district can be reached during it. */
  readonly line: 'connected' | 'offline';
  /** When a device that was taken away comes back; `next visit` is while the next resident stands at the home page (R25). */
  readonly returns: 'at once' | 'next visit';
}

/** Half of the rounds aim at the moments in which something could be lost or doubled. */
export function plan(seed: number, rounds: number): Round[] {
  const next = numbersFrom(seed);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(next() * from.length)] ?? from[0];
  return Array.from({ length: rounds }, (_, index) => {
    const victim = pick(victims);
    const critical = next() < 0.5;
    const moment = critical ? pick<Moment>(['submitting', 'printing', 'confirming']) : pick<Moment>(scenes);
    const line = next() < 0.25 ? 'offline' : 'connected';
    const returns = next() < 0.5 ? 'next visit' : 'at once';
    return { number: index + 1, victim, moment, delayMs: Math.floor(next() * 400), line, returns };
  });
}
