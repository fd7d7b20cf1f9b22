import fc from 'fast-check';
import { transform } from 'receiptline';
import { expect, it } from 'vitest';
import { Receipt } from '#contract/devices.ts';
import { encodeReceipt } from '#drivers/receipt-printer/encoder.ts';
import { GlyphPress } from '#drivers/receipt-printer/glyphs.ts';

const press = new GlyphPress();
const letters = Array.from('天津市和平区社区一窗收件号请带好证件0123456789ABCxyz，。：·');

it('writes a text in the bytes in which receiptline, which nobody here wrote, writes it', async () => {
  const line = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 20 }).map((all) => all.join(''));
  await fc.assert(
    fc.asyncProperty(line, async (text) => {
      const theirs = Buffer.from(transform(text, { cpl: 48, encoding: 'gb18030', command: 'escpos' }), 'latin1');
      const receipt = Receipt.parse({ lines: [{ line: 'text', text }] });
      const ours = await encodeReceipt(receipt, { paperMm: 80, characters: 'gb2312' }, press);
      if (!ours.ok) throw new Error(ours.error.glyph);
      // Between the last command before the text (bold off) and the end of the line.
      const bytes = Buffer.from(ours.value);
      const start = bytes.indexOf(Buffer.of(0x1b, 0x45, 0)) + 3;
      const own = bytes.subarray(start, bytes.indexOf(0x0a, start));
      expect(own.length).toBeGreaterThan(0);
      expect(theirs.indexOf(own)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 500 },
  );
});
