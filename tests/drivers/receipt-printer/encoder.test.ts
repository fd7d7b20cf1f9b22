import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { Receipt } from '#contract/devices.ts';
import { encodeReceipt } from '#drivers/receipt-printer/encoder.ts';
import { GlyphPress } from '#drivers/receipt-printer/glyphs.ts';
import { hex } from '../stand.ts';

type Lines = readonly object[];
const press = new GlyphPress();

async function encode(lines: Lines, paperMm: 58 | 80 = 80): Promise<Buffer> {
  const encoded = await encodeReceipt(Receipt.parse({ lines }), { paperMm, characters: 'gb2312' }, press);
  if (!encoded.ok) throw new Error(encoded.error.glyph);
  return Buffer.from(encoded.value);
}

/** The text of a stream, read without the driver: commands are cut out by their own lengths. */
function textOf(stream: Buffer): string {
  const bytes: number[] = [];
  for (let at = 0; at < stream.length; ) {
    const [a = 0, b = 0, , d = 0, e = 0] = stream.subarray(at, at + 5);
    if (a === 0x1b && b === 0x40) at += 2;
    else if (a === 0x1c && b === 0x26) at += 2;
    else if (a === 0x1d && b === 0x28) at += 5 + d + e * 256;
    else if (a === 0x1d && b === 0x56) at += 4;
    else if (a === 0x1b || a === 0x1d) at += 3;
    else {
      bytes.push(a);
      at += 1;
    }
  }
  return iconv.decode(Buffer.from(bytes), 'gb18030');
}

describe('a receipt in bytes', () => {
  it('begins with initialise and Chinese mode, ends with a cut', async () => {
    const stream = await encode([{ line: 'text', text: '一窗' }]);
    expect(stream.subarray(0, 4)).toEqual(Buffer.from(hex('1B40 1C26')));
    expect(stream.subarray(-4)).toEqual(Buffer.from(hex('1D564103')));
  });

  it('is GB 18030 that another reader understands', async () => {
    const stream = await encode([
      { line: 'text', text: '河西区吉祥里·张*', align: 'centre', size: 2, bold: true },
      { line: 'rule' },
      { line: 'pair', label: '收件号', value: '120103-000100' },
    ]);
    expect(textOf(stream)).toBe(`河西区吉祥里·张*\n${'-'.repeat(48)}\n收件号${' '.repeat(29)}120103-000100\n`);
    expect(stream.includes(Buffer.from(hex('1B6101 1D2111 1B4501')))).toBe(true);
  });

  it('lets no command through from a text', async () => {
    expect(textOf(await encode([{ line: 'text', text: 'a\u001bp\u0000b\u001dV\u0000' }]))).toBe('apbV\n');
  });

  it('wraps by the width of the paper', async () => {
    const long = { line: 'text', text: '天'.repeat(30) };
    expect(textOf(await encode([long], 58)).split('\n')[0]).toHaveLength(16);
    expect(textOf(await encode([long], 80)).split('\n')[0]).toHaveLength(24);
  });

  it('stores a QR code with its length, and keeps it on the paper', async () => {
    const data = 'https://example.invalid/'.padEnd(700, 'x');
    const stream = await encode([{ line: 'qr', data, moduleDots: 12 }], 58);
    const store = stream.indexOf(Buffer.from(hex('1D286B BF02 315030')));
    expect(stream.subarray(store + 8, store + 708).toString()).toBe(data);
    const size = stream.indexOf(Buffer.from(hex('1D286B0300 3143')));
    // Version 21 has 101 modules.
    expect((stream[size + 7] ?? 99) * 101).toBeLessThanOrEqual(384);
    expect(stream.includes(Buffer.from(hex('1D286B0300315130')))).toBe(true);
  });
});
