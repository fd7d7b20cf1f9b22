import { expect, it } from 'vitest';
import { Signature } from '#contract/calls.ts';
import type { FormField } from '#contract/catalogue.ts';
import { IdCard } from '#contract/devices.ts';
import { type Catalogue, loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { syntheticApplication } from '#main/service/fleet/applications.ts';
import { atOnce } from '#main/service/fleet/at-once.ts';
import { between, chanceOf, pick } from '#main/service/fleet/chance.ts';
import { faultOf, spreadOf, timing } from '#main/service/fleet/report.ts';
import { isResidentNumber } from '#main/service/intake/id-number.ts';
import { CATALOGUE } from './stand.ts';

function catalogue(): Catalogue {
  const loaded = loadCatalogue(CATALOGUE);
  if (!loaded.ok) throw new Error(loaded.error.detail);
  return loaded.value;
}

const TODAY = '2026-03-02';

it('draws the same residents from the same seed and name, and others from others', () => {
  const drawn = (seed: number, name: string) => {
    const chance = chanceOf(seed, name);
    return Array.from({ length: 5 }, () => syntheticApplication(catalogue(), TODAY, chance));
  };
  expect(drawn(1, 'a')).toEqual(drawn(1, 'a'));
  expect(drawn(1, 'a')).not.toEqual(drawn(1, 'b'));
  expect(drawn(1, 'a')).not.toEqual(drawn(2, 'a'));
});

it('draws applications that a terminal takes, of every item', () => {
  const chance = chanceOf(3, 'residents');
  const drawn = Array.from({ length: 200 }, () => syntheticApplication(catalogue(), TODAY, chance));
  for (const { card, signature } of drawn) {
    expect(IdCard.safeParse(card).success).toBe(true);
    expect(isResidentNumber(card.number)).toBe(true);
    expect(Signature.safeParse(signature).success).toBe(true);
  }
  expect(new Set(drawn.map(({ item }) => item.id)).size).toBe(catalogue().content.items.length);
  expect(new Set(drawn.map(({ card }) => card.number)).size).toBeGreaterThan(150);
  expect(drawn.some(({ card }) => card.name.includes('·'))).toBe(true);
});

it('says which question of a package it finds no answer for', () => {
  const whole = catalogue();
  const [item] = whole.content.items;
  if (!item) throw new Error('there is no item');
  const field: FormField = {
    id: 'unborn',
    label: { zh: '月', en: 'Month' },
    kind: 'choice',
    required: true,
    personal: true,
    options: [{ value: 'as-on-card', label: { zh: '甲', en: 'A' } }],
  };
  const nothing = { ...field, options: [{ value: '', label: { zh: '', en: '' } }] };
  const asks = { ...item, form: { steps: [{ id: 'step', title: item.title, fields: [nothing] }] } };
  const content = { ...whole.content, items: [asks] };
  expect(() => syntheticApplication({ ...whole, content }, TODAY, chanceOf(1, ''))).toThrow('unborn in step');
});

it('draws whole numbers with both ends', () => {
  expect([between(() => 0, 3, 5), between(() => 0.999, 3, 5)]).toEqual([3, 5]);
  expect([pick(() => 0, 'ab'.split('')), pick(() => 0.999, 'ab'.split(''))]).toEqual(['a', 'b']);
  expect(() => pick(() => 0, [])).toThrow('nothing to pick from');
});

it('does no more at once than it is told, and keeps the order', async () => {
  let [running, most] = [0, 0];
  const doubled = await atOnce(3, [1, 2, 3, 4, 5, 6, 7], async (n) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 8 - n));
    running -= 1;
    return n * 2;
  });
  expect(doubled).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(most).toBe(3);
});

it('tells ranks that were measured, and none of nothing', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(spreadOf(hundred)).toEqual({ p50: 50, p99: 99, most: 100 });
  expect(spreadOf([7])).toEqual({ p50: 7, p99: 7, most: 7 });
  expect(spreadOf([])).toEqual({ p50: null, p99: null, most: null });
});

it('counts the drain from the last commit, or from the start of sending when that came later', () => {
  const seen = { acceptedMs: [1], acknowledgedMs: [500], again: 2, lastCommit: 4_000, lastAnswer: 6_000 };
  const other = { ...seen, again: 1, lastCommit: 5_000, lastAnswer: 5_500 };
  const figures = (startedAt: number) => timing([seen, other], { delivered: 500, startedAt });
  expect(figures(1_000)).toMatchObject({ entriesPerSecond: 100, drainSeconds: 1, again: 3 });
  expect(figures(5_500)).toMatchObject({ entriesPerSecond: 1000, drainSeconds: 0.5 });
});

it('finds fault with what is lost, doubled or late, and with nothing else', () => {
  const good = { lost: 0, doubled: 0, undelivered: 0 } as Parameters<typeof faultOf>[0];
  expect(faultOf({ ...good, quarantined: 1, breaks: 9 })).toBe(null);
  expect(faultOf({ ...good, lost: 3, doubled: 1, undelivered: 2 })).toBe('3 lost, 1 doubled, 2 not delivered in time');
});
