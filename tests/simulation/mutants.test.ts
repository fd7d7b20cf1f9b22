import { expect, it } from 'vitest';
import { gatewayMutants, terminalMutants } from './mutants.ts';
import { simulate } from './simulate.ts';

/** So many seeds may pass before one finds a fault of our own making. */
const SEEDS = 60;

it.each([...terminalMutants, ...gatewayMutants])('finds out: %s', async (mutant) => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { broken } = await simulate(seed, { mutant });
    if (broken === null) continue;
    expect((await simulate(seed, { mutant })).broken).toBe(broken);
    return;
  }
  expect.fail(`none of ${SEEDS} seeds found it`);
});
