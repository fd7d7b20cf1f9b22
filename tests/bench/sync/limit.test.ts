import { expect, it } from 'vitest';
import { limitOf } from './limit.ts';

const parts = { gateway: 4, store: 12 };

it('names the processors when they are full, whoever it was that filled them', () => {
  expect(limitOf({ seconds: 10, processors: 2, busy: 19, parts })).toBe(
    'the processors, 95 % busy: store 120 %, gateway 40 %, other programs 30 %',
  );
});

it('names the part that used a whole processor while another one was free', () => {
  expect(limitOf({ seconds: 10, processors: 2, busy: 17, parts })).toMatch(/^store, which used a whole processor/);
});

it('names no processor when none was full', () => {
  const use = { seconds: 20, processors: 2, busy: 20, parts };
  expect(limitOf(use)).toBe('no processor, 50 % busy, so waiting for disk and answers: store 60 %, gateway 20 %');
});
