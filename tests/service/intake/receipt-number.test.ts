import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReceiptNumber, isReceiptNumber } from '#main/service/intake/receipt-number.ts';

const day = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2079-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const number = fc
  .record({
    region: fc.stringMatching(/^\d{6}$/),
    terminal: fc.stringMatching(/^\d{4}$/),
    incarnation: fc.integer({ min: 1, max: 250 }),
    day,
    sequence: fc.integer({ min: 1, max: 20_000 }),
  })
  .map(formatReceiptNumber);

/** Positions of digits; hyphens stay. */
function digits(text: string): number[] {
  return Array.from(text).flatMap((character, i) => (character === '-' ? [] : [i]));
}

function swapped(text: string, i: number, j: number): string {
  const characters = Array.from(text);
  [characters[i], characters[j]] = [characters[j] ?? '', characters[i] ?? ''];
  return characters.join('');
}

describe('the receipt number', () => {
  it('reads region, terminal with incarnation, date, sequence and check character', () => {
    const parts = { region: '120103', terminal: '0007', incarnation: 1, day: '2026-11-23', sequence: 42 };
    expect(formatReceiptNumber(parts)).toMatch(/^120103-000701-261123-0042-[\dX]$/);
    expect(formatReceiptNumber({ ...parts, incarnation: 123, sequence: 12_345 })).toMatch(
      /^120103-0007123-261123-12345-[\dX]$/,
    );
  });

  it('is valid as it was made', () => {
    fc.assert(fc.property(number, isReceiptNumber), { numRuns: 2_000 });
  });

  it('shows every single changed digit', () => {
    fc.assert(
      fc.property(number, fc.nat(), fc.integer({ min: 1, max: 9 }), (text, at, by) => {
        const body = digits(text).slice(0, -1);
        const i = body[at % body.length] ?? 0;
        const changed = text.slice(0, i) + ((Number(text.charAt(i)) + by) % 10) + text.slice(i + 1);
        return !isReceiptNumber(changed);
      }),
      { numRuns: 5_000 },
    );
  });

  it('shows every swap of two neighbours that differ', () => {
    fc.assert(
      fc.property(number, fc.nat(), (text, at) => {
        const places = digits(text);
        const i = at % (places.length - 1);
        const [a = 0, b = 0] = [places[i], places[i + 1]];
        fc.pre(text.charAt(a) !== text.charAt(b));
        return !isReceiptNumber(swapped(text, a, b));
      }),
      { numRuns: 5_000 },
    );
  });
});
