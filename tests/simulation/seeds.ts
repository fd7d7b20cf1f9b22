import { afterAll, expect, it } from 'vitest';
import { report } from './report.ts';
import { type Outcome, simulate } from './simulate.ts';

/** Seeds of one test: a busy machine must not run into its time limit. */
const PORTION = 10;

/** Declares tests that play seeds one after the other, each of which fails with the first broken promise of its portion. */
export function playSeeds(first: number, count: number, whenAllHeld: (outcomes: readonly Outcome[]) => void): void {
  const outcomes: Outcome[] = [];
  const portions = Array.from({ length: count / PORTION }, (_, i) => first + i * PORTION);
  it.each(portions)(`keeps every promise in the ${PORTION} seeds from %i`, async (from) => {
    for (let seed = from; seed < from + PORTION; seed += 1) {
      const outcome = await simulate(seed);
      outcomes.push(outcome);
      if (outcome.broken !== null) expect.fail(report(outcome));
    }
  });
  afterAll(() => {
    if (outcomes.length === count) whenAllHeld(outcomes);
  });
}
