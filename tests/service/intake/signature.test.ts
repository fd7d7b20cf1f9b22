import { expect, it } from 'vitest';
import { limits } from '#contract/wire.ts';
import { inSteps, thinSignature } from '#main/service/intake/signature.ts';

it('a signature as long as the contract lets it be still fits into a journal entry, with its ends kept', () => {
  const stroke = Array.from({ length: 3 * 2000 }, (_, i) => (i * 7919) % 600_000);
  const thin = thinSignature({ height: 400, strokes: Array.from({ length: 200 }, () => stroke) });
  expect(JSON.stringify(thin).length).toBeLessThan(limits.bodyBytes / 1.5);
  expect(thin.strokes).toHaveLength(200);
  expect(thin.strokes[0]?.slice(0, 3)).toEqual(stroke.slice(0, 3));
  expect(thin.strokes[0]?.slice(-3)).toEqual(stroke.slice(-3));
});

it('a point without all its numbers is cut off', () => {
  expect(thinSignature({ height: 400, strokes: [[1, 2, 3, 4]] }).strokes).toEqual([[1, 2, 3]]);
});

it('a stroke is told by its first point and the differences from there', () => {
  const strokes = [[500, 200, 1000, 503, 190, 1016, 503, 180, 1040], [7, 8, 9], []];
  expect(inSteps({ height: 400, strokes }).strokes).toEqual([[500, 200, 1000, 3, -10, 16, 0, -10, 24], [7, 8, 9], []]);
});
