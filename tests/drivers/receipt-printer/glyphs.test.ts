import { afterEach, describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { Receipt } from '#contract/devices.ts';
import { openReceiptPrinter, type ReceiptPrinter } from '#drivers/index.ts';
import { holds } from '#drivers/receipt-printer/characters.ts';
import { GlyphPress } from '#drivers/receipt-printer/glyphs.ts';
import { type Bitmap, bitmap, fill } from '#drivers/receipt-printer/outline.ts';
import { type EscPosPrinter, startEscPosPrinter } from '#tests/simulators/index.ts';

const press = new GlyphPress();
const PLAIN = { align: 'left', size: 1, bold: false } as const;

async function drawn(text: string, setting: Parameters<GlyphPress['line']>[1] = PLAIN, dots = 576): Promise<Bitmap> {
  const line = await press.line(text, setting, dots);
  if (!line.ok) throw new Error(line.error.glyph);
  return line.value;
}

const ink = ({ dots }: Bitmap) => dots.reduce((sum, dot) => sum + dot, 0);

/** The columns from the first black dot to behind the last. */
function span({ width, dots }: Bitmap): readonly [first: number, end: number] {
  const columns = Array.from(dots, (dot, at) => (dot === 1 ? at % width : -1)).filter((x) => x >= 0);
  return [Math.min(...columns), Math.max(...columns) + 1];
}

describe('what a printer’s own font holds', () => {
  it('is GB 2312 with its gaps, or the first plane', () => {
    for (const character of 'aA9~一窗津龟·《—，①ⅠāΩя') expect(holds('gb2312', character), character).toBe(true);
    // GBK letters, its additions within the rows of GB 2312, private use, Extensions A and B.
    for (const character of '镕喆ⅰ\ue000㙍𠮷') expect(holds('gb2312', character), character).toBe(false);
    for (const character of '镕喆㙍') expect(holds('gb18030', character), character).toBe(true);
    for (const character of '\ue000𠮷') expect(holds('gb18030', character), character).toBe(false);
  });

  it('is all of GB 2312, and nothing else', () => {
    const points = Array.from({ length: 0x30000 - 0x80 }, (_, at) => at + 0x80);
    const held = points.filter((point) => holds('gb2312', String.fromCodePoint(point)));
    expect(held).toHaveLength(7_445);
  });
});

describe('an outline', () => {
  const box = (x: number, y: number, side: number, turn: 1 | -1) => {
    const corners = [
      [x, y],
      [x, y + side],
      [x + side, y + side],
      [x + side, y],
    ];
    const [first = [], ...more] = turn === 1 ? corners : corners.toReversed();
    return [
      { command: 'moveTo', args: first } as const,
      ...more.map((args) => ({ command: 'lineTo', args }) as const),
      { command: 'closePath', args: [] } as const,
    ];
  };
  const picture = (target: Bitmap) =>
    Array.from({ length: target.height }, (_row, y) =>
      Array.from(target.dots.subarray(y * target.width, (y + 1) * target.width)).join(''),
    );

  it('is filled by its winding number: a contour the other way round is a hole', () => {
    const target = bitmap(6, 6);
    fill(target, [...box(0, 0, 5, 1), ...box(1, 1, 3, -1)], { scale: 1, x: 0, baseline: 6 });
    expect(picture(target)).toEqual(['000000', '111110', '100010', '100010', '100010', '111110']);
  });

  it('that overlaps itself stays black, and is cut off at the edge', () => {
    const target = bitmap(4, 3);
    fill(target, [...box(-2, 0, 4, 1), ...box(1, 0, 9, 1)], { scale: 1, x: 0, baseline: 3 });
    expect(picture(target)).toEqual(['1111', '1111', '1111']);
  });

  it('follows curves of the second and the third degree', () => {
    const [k, r] = [0.5523 * 8, 8];
    const cubic = (args: number[]) => ({ command: 'bezierCurveTo', args }) as const;
    const circle = [
      { command: 'moveTo', args: [r, 0] } as const,
      cubic([r, k, k, r, 0, r]),
      cubic([-k, r, -r, k, -r, 0]),
      cubic([-r, -k, -k, -r, 0, -r]),
      { command: 'quadraticCurveTo', args: [r, -r, r, 0] } as const,
    ];
    const target = bitmap(20, 20);
    fill(target, circle, { scale: 1, x: 10, baseline: 10 });
    expect(Math.abs(ink(target) - Math.PI * r * r)).toBeLessThan(30);
    expect(picture(target)[10]).toBe(`00${'1'.repeat(16)}00`);
  });
});

describe('a line that is drawn', () => {
  it('stands in the cells in which the printer would have set it', async () => {
    expect((await drawn('一𠮷')).height).toBe(24);
    const [first, end] = span(await drawn('　𠮷'));
    expect(first).toBeGreaterThanOrEqual(24);
    expect(end).toBeLessThanOrEqual(48);
    const [, latin] = span(await drawn('WWWW'));
    expect(latin).toBeGreaterThan(44);
    expect(latin).toBeLessThanOrEqual(48);
  });

  it('is aligned, sized and made bold', async () => {
    const centre = span(await drawn('𠮷', { ...PLAIN, align: 'centre' }));
    expect(centre[0]).toBeGreaterThanOrEqual(276);
    expect(centre[1]).toBeLessThanOrEqual(300);
    expect(span(await drawn('𠮷', { ...PLAIN, align: 'right' }))[0]).toBeGreaterThanOrEqual(552);
    const large = await drawn('𠮷', { ...PLAIN, size: 2 });
    expect(large.height).toBe(48);
    expect(ink(large)).toBeGreaterThan(3 * ink(await drawn('𠮷')));
    expect(ink(await drawn('𠮷', { ...PLAIN, bold: true }))).toBeGreaterThan(1.1 * ink(await drawn('𠮷')));
  });

  it('holds characters of Extensions A to F, each a picture of its own', async () => {
    const rare = Array.from('㙍𠮷𪜀𫖯𫠠𬺰');
    const pictures = await Promise.all(rare.map(async (character) => (await drawn(character)).dots.join('')));
    expect(new Set(pictures).size).toBe(rare.length);
    expect(pictures.every((dots) => dots.includes('1'))).toBe(true);
  });

  it('is refused by the name of the character that no font has', async () => {
    expect(await press.line('王\u{2fffd}', PLAIN, 576)).toEqual({
      ok: false,
      error: { code: 'missing-glyph', glyph: 'U+2FFFD' },
    });
    const none = new GlyphPress([{ path: '/nowhere/font.ttf' }]);
    expect(await none.line('𠮷', PLAIN, 576)).toMatchObject({ ok: false, error: { glyph: 'U+20BB7' } });
  });
});

describe('a printer that holds GB 2312 only', () => {
  let slip: EscPosPrinter;
  let printer: ReceiptPrinter;

  async function print(text: string, characters?: 'gb2312' | 'gb18030') {
    slip = await startEscPosPrinter({ transport: 'tcp', paperMm: 58, font: characters ?? 'gb2312' });
    const connection = parseConnection(slip.connection);
    if (!connection.ok) throw new Error(connection.error.remedy);
    printer = openReceiptPrinter({ connection: connection.value, paperMm: 58, ...(characters && { characters }) });
    await expect.poll(() => printer.state.state).toBe('ready');
    return printer.print(
      Receipt.parse({
        lines: [
          { line: 'text', text: '受理回执' },
          { line: 'text', text },
        ],
      }),
    );
  }

  afterEach(async () => {
    await printer.close();
    await slip.close();
  });

  it('prints a rare name as a picture, never as a question mark', async () => {
    expect(await print('欧阳镕𠮷')).toEqual({ outcome: 'confirmed' });
    await expect.poll(() => slip.papers.length).toBe(1);
    expect(slip.papers[0]?.text).toBe('受理回执\n[picture 384 x 24]');
  });

  it('is sent as text what it says that it holds', async () => {
    expect(await print('欧阳镕', 'gb18030')).toEqual({ outcome: 'confirmed' });
    await expect.poll(() => slip.papers[0]?.text).toContain('欧阳镕');
  });

  it('prints nothing at all when a character can’t be drawn', async () => {
    const outcome = await print('王\u{2fffd}');
    expect(outcome).toMatchObject({ outcome: 'failed', problem: 'missing-glyph' });
    expect(outcome).toHaveProperty('why', expect.stringContaining('U+2FFFD'));
    expect(slip.papersWaiting).toBe(0);
  });
});
