import { expect, test } from 'vitest';
import { Backoff } from '#main/shell/backoff.ts';

test('delays double from 0.3 s up to 5 s', () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 9 }, () => backoff.delay(0));
  expect(delays).toEqual([300, 600, 1200, 2400, 4800, 5_000, 5_000, 5_000, 5_000]);
});

test('five seconds of health begins anew', () => {
  const backoff = new Backoff();
  for (let death = 0; death < 5; death += 1) backoff.delay(4_999);
  expect(backoff.delay(5_000)).toBe(300);
  expect(backoff.delay(0)).toBe(600);
});
