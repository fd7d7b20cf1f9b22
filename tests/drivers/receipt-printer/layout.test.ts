import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pair, width, wrap } from '#drivers/receipt-printer/layout.ts';

describe('wrapping', () => {
  it('counts a Chinese character as two cells', () => {
    expect(width('一窗 No.1')).toBe(9);
    expect(width('𠮷')).toBe(2);
  });

  it('breaks between Chinese characters and keeps words whole', () => {
    expect(wrap('天津市和平区community service', 12)).toEqual(['天津市和平区', 'community', 'service']);
  });

  it('keeps closing marks off the beginning of a line', () => {
    expect(wrap('请带好证件，再来', 10)).toEqual(['请带好证', '件，再来']);
  });

  it('breaks a word that is wider than the paper, and keeps line breaks', () => {
    expect(wrap('abcdefghij\nk', 4)).toEqual(['abcd', 'efgh', 'ij', 'k']);
    expect(wrap('', 10)).toEqual(['']);
  });

  it('never makes a line that is too wide, and loses nothing but spaces', () => {
    const texts = fc.array(fc.constantFrom('中', '，', '。', 'a', 'Word', ' ', '12', '𠮷', '（', '）'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 48 }), (parts, cells) => {
        const text = parts.join('');
        const lines = wrap(text, cells);
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(cells);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a label and its value', () => {
  it('stand at the edges of one line', () => {
    expect(pair('收件号', '0001', 20)).toEqual([`收件号${' '.repeat(10)}0001`]);
  });

  it('take several lines beside the label, or below it', () => {
    expect(pair('地址', '天津市和平区测试路一号', 20)).toEqual(['地址 天津市和平区测', '     试路一号']);
    expect(pair('一个很长的标签', '天津市和平区测试路', 20)).toEqual(['一个很长的标签', '  天津市和平区测试路']);
  });

  it('go below the label rather than break a number', () => {
    expect(pair('收件号', '120103-000100-261123-0001-X', 32)).toEqual(['收件号', '  120103-000100-261123-0001-X']);
  });

  it('never run off the paper', () => {
    const text = fc
      .array(fc.constantFrom('中', 'a', 'B1', '，', ' '), { minLength: 1, maxLength: 40 })
      .map((p) => p.join(''));
    fc.assert(
      fc.property(text, text, fc.constantFrom(32, 48), (label, value, cells) => {
        for (const line of pair(label, value, cells)) expect(width(line)).toBeLessThanOrEqual(cells);
      }),
    );
  });
});
