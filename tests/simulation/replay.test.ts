import { expect, it } from 'vitest';
import { report } from './report.ts';
import { simulate } from './simulate.ts';

it.each([2, 10, 130])('plays seed %i twice in the same way, to the last event and the last hash', async (seed) => {
  const lines: string[][] = [[], []];
  const [first, second] = [
    await simulate(seed, { trace: (line) => lines[0]?.push(line) }),
    await simulate(seed, { trace: (line) => lines[1]?.push(line) }),
  ];
  expect(lines[0]?.length).toBeGreaterThan(100);
  expect(lines[1]).toEqual(lines[0]);
  expect(second.hash).toBe(first.hash);
  expect(second.counts).toEqual(first.counts);
});

it('plays another seed otherwise', async () => {
  const [one, other] = [await simulate(4), await simulate(5)];
  expect(one.hash).not.toBe(other.hash);
});

it('tells of a broken promise with its seed, the way to play it again and what came before', async () => {
  const outcome = { ...(await simulate(4)), broken: 'something is gone' };
  expect(report(outcome)).toMatch(
    /^seed 4: something is gone\nplay it again: npm run soak -- sync simulation --seed 4 --seeds 1\n/,
  );
  expect(report(outcome).split('\n').length).toBeGreaterThan(20);
});
