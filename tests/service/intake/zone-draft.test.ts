import { describe, expect, it } from 'vitest';
import {
  EMPTY_DRAFT,
  linesOf,
  pressKey,
  withFormat,
  withScan,
  type ZoneDraft,
  zoneIn,
} from '#main/service/intake/zone-draft.ts';

const typed = (text: string, draft: ZoneDraft = EMPTY_DRAFT) => Array.from(text).reduce(pressKey, draft);
const keys = (draft: ZoneDraft, ...list: readonly string[]) => list.reduce(pressKey, draft);
const line = (first: string, length: number) => first.padEnd(length, '<');

function scanned(draft: ZoneDraft, ...texts: readonly string[]): ZoneDraft {
  return texts.reduce((before, text) => {
    const scan = zoneIn(text);
    return scan ? withScan(before, scan) : before;
  }, draft);
}

describe('a zone that is typed', () => {
  it('flows from one line into the next and takes no more than it holds', () => {
    const draft = typed('A'.repeat(95), { ...EMPTY_DRAFT, format: 'td1' });
    expect(linesOf(draft).lines).toEqual(['A'.repeat(30), 'A'.repeat(30), 'A'.repeat(30)]);
    expect(linesOf(draft).cursor).toEqual({ line: 2, column: 30 });
    expect(linesOf(typed('B'.repeat(44))).cursor).toEqual({ line: 1, column: 0 });
  });

  it('is mended in its middle', () => {
    const draft = keys(typed('AXC'), 'left', 'erase', 'B');
    expect(draft).toMatchObject({ text: 'ABC', cursor: 2 });
    expect(keys(draft, 'right', 'right', 'D').text).toBe('ABCD');
    expect(keys(draft, 'left', 'left', 'left', 'erase').text).toBe('ABC');
    expect(keys(draft, 'clear')).toMatchObject({ text: '', cursor: 0 });
  });

  it('flows into the lines of another layout, which may be shorter', () => {
    const draft = withFormat(typed('A'.repeat(88)), 'td2');
    expect(draft).toEqual({ format: 'td2', text: 'A'.repeat(72), cursor: 72 });
  });
});

describe('a scan', () => {
  it.each([30, 36, 44, 72, 88, 90])('of %i characters of a zone is a zone or a line', (length) => {
    expect(zoneIn(line('P', length))).not.toBeNull();
  });

  it.each([
    ['a receipt number', '120103-000101-261123-0001-7'],
    ['small letters', line('p', 44)],
    ['another length', line('P', 43)],
    ['Chinese', '护照'.padEnd(44, '<')],
    ['nothing', ''],
  ])('of %s is passed over', (_, text) => {
    expect(zoneIn(text)).toBeNull();
  });

  it('may have blanks between its lines', () => {
    expect(zoneIn(` ${line('P', 44)} ${line('1', 44)} `)).toMatchObject({ format: 'td3' });
  });

  it('of one line after another makes a zone, and one that comes twice counts once', () => {
    const [one, two, three] = [line('I', 30), line('2', 30), line('C', 30)] as const;
    const draft = scanned(EMPTY_DRAFT, one, one, two, three);
    expect(draft).toEqual({ format: 'td1', text: one + two + three, cursor: 90 });
  });

  it('begins anew over a half-typed line, another layout and a whole zone', () => {
    expect(scanned(typed('ABC'), line('P', 44)).text).toBe(line('P', 44));
    expect(scanned(typed('A'.repeat(44)), line('I', 30))).toMatchObject({ format: 'td1', text: line('I', 30) });
    expect(scanned(EMPTY_DRAFT, line('P', 88), line('Q', 44)).text).toBe(line('Q', 44));
    expect(scanned(EMPTY_DRAFT, line('P', 44), line('Q', 88)).text).toBe(line('Q', 88));
  });

  it('of the second line goes behind a first line that was typed', () => {
    expect(scanned(typed('A'.repeat(44)), line('2', 44)).text).toBe('A'.repeat(44) + line('2', 44));
  });
});
