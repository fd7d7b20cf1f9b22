import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Signature } from '#contract/calls.ts';
import { answersOf, isAsked } from '#renderer/screens/form-answers.ts';
import { monthsOf, monthWords, nowWords, yearPages } from '#renderer/ui/months.ts';
import { begin, carryOn, type FlatStroke, isSigned, pathOf } from '#renderer/ui/strokes.ts';
import { form, moment } from './snapshots.ts';

const point = fc.tuple(
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 360 }),
  fc.integer({ min: 0, max: 600_000 }),
);

describe('a signature', () => {
  it('always has the shape that the contract takes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(point, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 230 }),
        (touches) => {
          let strokes: readonly FlatStroke[] = [];
          for (const [first, ...others] of touches) {
            if (first === undefined) continue;
            strokes = begin(strokes, first);
            for (const other of others) strokes = carryOn(strokes, other);
          }
          expect(Signature.safeParse({ height: 360, strokes: strokes.map((stroke) => [...stroke]) }).success).toBe(
            true,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stops at the length that the contract takes', () => {
    let strokes = begin([], [0, 0, 0]);
    for (let step = 1; step < 2500; step += 1) strokes = carryOn(strokes, [step % 2 === 0 ? 0 : 1000, 0, step]);
    expect(strokes[0]).toHaveLength(6000);
  });

  it('is more than a touch by chance', () => {
    const touched = begin([], [10, 10, 0]);
    expect(isSigned(touched)).toBe(false);
    expect(isSigned(carryOn(touched, [11, 10, 5]))).toBe(false);
    expect(pathOf([10, 10, 0])).toBe('M10 10h0.1');
    expect(pathOf([10, 10, 0, 20, 30, 5])).toBe('M10 10L20 30');
  });
});

describe('months', () => {
  it('page every year between the limits once, the latest first', () => {
    const pages = yearPages('1950-02', '2026-11');
    expect(pages.flat()).toEqual(Array.from({ length: 77 }, (_, index) => 2026 - index));
    expect(pages.every((page) => page.length <= 20)).toBe(true);
    expect(yearPages('2026-01', '2026-11')).toEqual([[2026]]);
  });

  it('open only between the limits', () => {
    const open = (year: number) => monthsOf(year, '1950-02', '2026-11').filter((month) => month.open).length;
    expect([open(1950), open(2000), open(2026)]).toEqual([11, 12, 11]);
  });

  it('and times are said as people say them', () => {
    expect(monthWords('2008-04', 'zh')).toBe('2008年4月');
    expect(monthWords('2008-04', 'en')).toBe('April 2008');
    expect(nowWords(moment, 'zh')).toEqual({ day: '11月23日星期一', time: '14:26' });
    const english = nowWords(moment, 'en');
    expect(english.day).toMatch(/^Mon,? 23 Nov$/);
    expect(english.time).toBe('14:26');
  });
});

describe('answers', () => {
  const { fields } = form(2);

  it('of questions that do not stand on the screen are left out', () => {
    expect(answersOf(fields, { residence: 'as-on-card', building: '12' })).toEqual({ residence: 'as-on-card' });
    expect(Object.keys(answersOf(fields, { residence: 'other' }))).toEqual([
      'residence',
      'estate',
      'building',
      'entrance',
      'room',
    ]);
  });

  it('are asked where the service left a question of an earlier step in', () => {
    const lone = fields.filter(({ id }) => id === 'room');
    expect(lone.every((field) => isAsked(field, lone, {}))).toBe(true);
  });
});
