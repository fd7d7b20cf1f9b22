import { expect } from 'vitest';
import { faults, networkFaults } from './profile.ts';
import { strikes } from './report.ts';
import { playSeeds } from './seeds.ts';

playSeeds(1, 100, (outcomes) => {
  const struck = strikes(outcomes);
  expect([...faults, ...networkFaults].filter((fault) => !struck.has(fault))).toEqual([]);
  expect(outcomes.reduce((sum, { counts }) => sum + counts.told, 0)).toBeGreaterThan(500);
  const rare = ['letGo', 'lost', 'withdrawn', 'keyChanges'] as const;
  expect(rare.filter((what) => outcomes.every(({ counts }) => counts[what] === 0))).toEqual([]);
});
