import { expect, it } from 'vitest';
import { judge, percentile, table } from './figures.ts';

it.each([
  [[5], 0.5, 5],
  [[4, 1, 3, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.51, 3],
  [Array.from({ length: 100 }, (_, at) => at + 1), 0.95, 95],
  [Array.from({ length: 100 }, (_, at) => at + 1), 1, 100],
  [[1, 2], 0, 1],
])('of %j the percentile %f is %f', (numbers, share, expected) => {
  expect(percentile(numbers, share)).toBe(expected);
});

it('has no percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing');
});

it('judges by the ratio where there is a floor, by the number where there is none, and not without a goal', () => {
  const figure = { name: 'a', unit: 'ms', ours: 3, floor: 2, goal: 1.5 } as const;
  expect(judge(figure)).toMatchObject({ ratio: 1.5, met: true });
  expect(judge({ ...figure, ours: 3.1 })).toMatchObject({ met: false });
  expect(judge({ ...figure, floor: null })).toMatchObject({ ratio: null, met: false });
  expect(judge({ ...figure, goal: null })).toMatchObject({ met: null });
});

it('judges by what has to be reached at least, where a goal says so', () => {
  const figure = { name: 'a', unit: '', ours: 6, floor: 2, goal: { atLeast: 3 } } as const;
  expect(judge(figure)).toMatchObject({ ratio: 3, met: true });
  expect(judge({ ...figure, ours: 5.9 })).toMatchObject({ met: false });
  expect(judge({ ...figure, floor: null, ours: 2.9 })).toMatchObject({ ratio: null, met: false });
});

it('prints a line for each figure, its columns one below the other', () => {
  const figures = [
    judge({ name: 'commit, p50', unit: 'ms', ours: 0.25, floor: 0.2, goal: 1.3 }),
    judge({ name: 'memory', unit: 'MB', ours: 300, floor: null, goal: null }),
    judge({ name: 'entries', unit: '', ours: 5, floor: 2, goal: { atLeast: 3 } }),
    judge({ name: 'share', unit: '%', ours: 5, floor: null, goal: { atLeast: 3 } }),
  ];
  expect(table(figures).split('\n')).toEqual([
    'figure           ours     floor    ratio       goal',
    'commit, p50   0.25 ms   0.20 ms   1.25 x   <= 1.3 x      met',
    'memory         300 MB',
    'entries          5.00      2.00   2.50 x     >= 3 x   MISSED',
    'share          5.00 %                        >= 3 %      met',
  ]);
});
