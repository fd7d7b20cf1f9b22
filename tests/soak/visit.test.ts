import { expect, it } from 'vitest';
import { numbersFrom } from './random.ts';
import { report } from './visit/counts.ts';
import { plan, victims } from './visit/plan.ts';

it('chooses the same rounds for the same seed, and others for another', () => {
  expect(plan(7, 50)).toEqual(plan(7, 50));
  expect(plan(8, 50)).not.toEqual(plan(7, 50));
});

it('strikes everyone, everywhere, and half of the time where something could be lost', () => {
  const rounds = plan(1, 1000);
  expect(new Set(rounds.map(({ victim }) => victim))).toEqual(new Set(victims));
  const critical = rounds.filter(({ moment }) => ['submitting', 'printing', 'confirming'].includes(moment));
  expect(critical.length).toBeGreaterThan(400);
  expect(critical.length).toBeLessThan(600);
  expect(new Set(rounds.map(({ line, returns }) => `${line}, ${returns}`)).size).toBe(4);
  expect(rounds.every(({ delayMs }) => delayMs >= 0 && delayMs < 400)).toBe(true);
});

it('draws numbers from 0 up to 1', () => {
  const next = numbersFrom(3);
  const drawn = Array.from({ length: 1000 }, next);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  expect(new Set(drawn).size).toBeGreaterThan(990);
});

it('prints the counts, and every broken promise with its round', () => {
  const [round] = plan(1, 1);
  if (!round) throw new Error('no round');
  const totals = { seed: 1, accepted: 2, shown: 1, atDistrict: 2, entries: 9, receipts: 2, documents: 1 };
  const struck = [1000, 3000].map((backMs) => ({ round: { ...round, victim: 'service' as const }, backMs }));
  const text = report(struck, [{ round: 4, promise: 'half', what: 'a half case' }], totals);
  expect(text).toMatch(/^service +2 +1\.0 s +3\.0 s +3\.0 s$/m);
  expect(text).toMatch(/^reader +0 *$/m);
  expect(text).toMatch(/^cases without receipt job or journal entry +1$/m);
  expect(text).toMatch(/^papers of somebody else +0$/m);
  expect(text).toContain('cases accepted 2, seen on screen 1, at the district 2');
  expect(text).toContain('broken: 1 (seed 1)\n  round 4: a half case');
});
