import { expect } from 'vitest';
import { playSeeds } from './seeds.ts';

// Apart from the first hundred, so that two cores share them.
playSeeds(101, 100, (outcomes) => {
  expect(outcomes.filter(({ counts }) => counts.forks > 0).length).toBeGreaterThan(10);
  expect(outcomes.filter(({ counts }) => counts.national > 0).length).toBeGreaterThan(1);
});
