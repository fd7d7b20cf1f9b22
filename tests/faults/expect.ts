import { expect } from 'vitest';
import { numbersFrom } from '#tests/soak/random.ts';
import { holds, type Verdict } from './judge.ts';
import type { Run } from './stand.ts';

/** A fault that this machine does not allow says so, and holds nothing. */
export async function expectToHold(
  run: (run: Run) => Promise<Verdict | readonly Verdict[]>,
  times: number,
): Promise<void> {
  for (const verdict of [await run({ times, draw: numbersFrom(times) })].flat()) {
    expect(verdict).toSatisfy(holds);
    if (verdict.struck === null) process.stderr.write(`${verdict.fault}: this machine does not allow it\n`);
    else expect(verdict.entries).toBeGreaterThan(0);
  }
}
