import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { Receipt } from '#contract/devices.ts';
import { ReceiptConcealer } from '#drivers/receipt-printer/conceal.ts';
import { encodeReceipt } from '#drivers/receipt-printer/encoder.ts';
import { GlyphPress } from '#drivers/receipt-printer/glyphs.ts';
import { COMMANDS, jobId, jobNumber } from '#drivers/receipt-printer/protocol.ts';
import { hex } from '../stand.ts';

const press = new GlyphPress();

async function encode(lines: readonly object[], characters: 'gb2312' | 'gb18030'): Promise<Buffer> {
  const encoded = await encodeReceipt(Receipt.parse({ lines }), { paperMm: 80, characters }, press);
  if (!encoded.ok) throw new Error(encoded.error.glyph);
  return Buffer.from(encoded.value);
}

const conceal = (...writes: readonly Uint8Array[]): Buffer => {
  const concealer = new ReceiptConcealer();
  return Buffer.concat(writes.map((write) => concealer.give(write)));
};
const gb = (text: string) => iconv.encode(text, 'gb18030');

/** A stream as its commands, whole, and how much there is between them; read without the driver, by the sheet. */
function structureOf(stream: Buffer): string[] {
  const found: string[] = [];
  let text = 0;
  for (let at = 0; at < stream.length; ) {
    const [length, data] = commandAt(stream.subarray(at));
    if (length === 0) text += 1;
    else {
      found.push(`${text} of text`, stream.toString('hex', at, at + length), `${data} of data`);
      text = 0;
    }
    at += length === 0 ? 1 : length + data;
  }
  return found;
}

/** How long the command is that stands first, and what follows it; nothing when text stands there. */
function commandAt([a = 0, b = 0, , d = 0, e = 0, f = 0, g = 0, h = 0]: Uint8Array): [length: number, data: number] {
  if (a === 0x0a) return [1, 0];
  if (a < 0x1b || a > 0x1d) return [0, 0];
  if (a === 0x1d && b === 0x28) return g === 0x50 ? [8, d + 256 * e - 3] : [5 + d + 256 * e, 0];
  if (a === 0x1d && b === 0x76) return [8, (e + 256 * f) * (g + 256 * h)];
  if (a === 0x1d && b === 0x56) return [4, 0];
  return b === 0x40 || a === 0x1c ? [2, 0] : [3, 0];
}

/** Characters that stand for nothing: of one byte, of two in GB 2312, of four in GB 18030, and one that is drawn. */
const personal = fc.string({
  minLength: 3,
  maxLength: 60,
  unit: fc.constantFrom(...Array.from('bcdkm123789@-，王秀英天津河西区吉祥里㐱䶮𠮷')),
});
const line = fc.oneof(
  fc.record({
    line: fc.constant('text'),
    text: personal,
    size: fc.integer({ min: 1, max: 4 }),
    bold: fc.boolean(),
    align: fc.constantFrom('left', 'centre', 'right'),
  }),
  fc.record({ line: fc.constant('pair'), label: personal, value: personal }),
  fc.record({ line: fc.constant('qr'), data: personal }),
  fc.record({ line: fc.constantFrom('rule') }),
  fc.record({ line: fc.constant('feed'), lines: fc.integer({ min: 1, max: 20 }) }),
);
const characters = fc.constantFrom('gb2312' as const, 'gb18030' as const);

describe('a receipt in a recording', () => {
  it('has the length and every command of the one that was printed, and none of its texts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), characters, async (lines, set) => {
        const stream = await encode(lines, set);
        const told = conceal(stream);
        expect(told).toHaveLength(stream.length);
        expect(structureOf(told)).toEqual(structureOf(stream));
        for (const [name, text] of lines.flatMap((each) => Object.entries(each))) {
          if (!['text', 'label', 'value', 'data'].includes(name)) continue;
          for (const bytes of [gb(String(text)), Buffer.from(String(text))]) expect(told.includes(bytes)).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is the same however it is torn, and the same again when it is replayed', async () => {
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), characters, cuts, async (lines, set, where) => {
        const stream = await encode(lines, set);
        const told = conceal(stream);
        const at = [0, ...where.map((cut) => cut % stream.length), stream.length].toSorted((a, b) => a - b);
        expect(conceal(...at.slice(1).map((to, i) => stream.subarray(at[i], to)))).toEqual(told);
        expect(conceal(told)).toEqual(told);
      }),
      { numRuns: 100 },
    );
  });

  it('of any bytes is as long, and the same again when it is replayed', () => {
    const parts = fc.constantFrom(
      ...['1B61', '1D286B', '1D7630', '0A', '1B40', '81', '30', 'CDF5', '10', 'FF', '04'].map(hex),
    );
    const stream = fc.array(fc.oneof(parts, fc.uint8Array({ maxLength: 3 })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 4 }), (writes) => {
        const [first, second] = [new ReceiptConcealer(), new ReceiptConcealer()];
        for (const write of writes.map((pieces) => Buffer.concat(pieces))) {
          const told = first.give(write);
          expect(told).toHaveLength(write.length);
          expect(second.give(told)).toEqual(told);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the width and the form of each character', () => {
    expect(conceal(gb('张Abc-110，㐱 王')).toString('hex')).toBe(gb('某XXX*000某').toString('hex') + 'c430813020c4b3');
  });

  it('has no dot of a picture and no byte of a code', async () => {
    const told = conceal(
      await encode(
        [
          { line: 'text', text: '𠮷' },
          { line: 'qr', data: '王秀英' },
        ],
        'gb2312',
      ),
    );
    const picture = told.indexOf(hex('1D763000'));
    expect(told.subarray(picture + 8, picture + 8 + 72 * 24).every((byte) => byte === 0)).toBe(true);
    const code = told.indexOf(hex('1D286B 0C00 315030'));
    expect(told.subarray(code + 8, code + 17)).toEqual(Buffer.alloc(9));
  });
});

describe('a command in a recording', () => {
  const every: readonly (readonly number[])[] = [
    ...Object.values(COMMANDS).filter((command) => typeof command === 'object'),
    ...[1, 2, 3, 4].map(COMMANDS.size),
    ...([0, 1, 2] as const).map(COMMANDS.align),
    COMMANDS.bold(true),
    COMMANDS.bold(false),
    COMMANDS.feed(20),
    COMMANDS.feedDots(6),
    COMMANDS.qrSize(12),
    ...([1, 2, 3, 4] as const).map(COMMANDS.realTimeStatus),
    COMMANDS.processId(jobId(9_876)),
    COMMANDS.raster(0, 0),
  ];

  it('is told as it was sent', () => {
    for (const command of every) {
      const bytes = Uint8Array.from(command);
      expect(conceal(bytes), Buffer.from(bytes).toString('hex')).toEqual(Buffer.from(bytes));
      // In bytes of their own, and with a text behind.
      const torn = conceal(...[...bytes].map((byte) => Uint8Array.of(byte)), gb('王'));
      expect(torn).toEqual(Buffer.concat([bytes, gb('某')]));
    }
  });

  it.each([
    ['is not in the table', '1B 07'],
    ['has a parameter that it never has', '1B 61 41'],
    ['names a job as nobody does', '1D 28 48 06 00 30 30 31'],
    ['is no command', '07'],
    ['is the last of ASCII', '7F'],
  ])('that %s hides all behind it in the write', (_what, command) => {
    const unknown = hex(command);
    const name = gb('王秀英 1B');
    const told = conceal(Buffer.concat([unknown, name, hex('1B40'), name]), gb('王'));
    expect(told).toHaveLength(unknown.length + 2 * name.length + 2 + 2);
    expect(told.subarray(unknown.length - 1).toString('latin1')).toMatch(/^\*+..$/s);
    expect(told.subarray(-2)).toEqual(gb('某'));
  });

  it('that lies about its length hides as much as it says', () => {
    const picture = Buffer.concat([hex('1D763000 FFFF FFFF'), gb('王秀英'), hex('1B40')]);
    expect(conceal(picture).subarray(8)).toEqual(Buffer.alloc(8));
    // Shorter than its own head: what follows is a text again.
    expect(conceal(Buffer.concat([hex('1D286B 0000 315030'), gb('王')])).subarray(-2)).toEqual(gb('某'));
  });

  it('may stand behind a character that broke off', () => {
    expect(conceal(hex('CD 1B40')).toString('hex')).toBe('c41b40');
    expect(conceal(hex('81 30 1B40')).toString('hex')).toBe('c4301b40');
    expect(conceal(hex('81 30 81 1B40 CDF5')).toString('hex')).toBe('c430811b40c4b3');
    expect(conceal(hex('81 30 41 81 30 81 FF 81 30 81 CD 80')).toString('hex')).toBe('c43058c430812ac43081b358');
  });
});

describe('an answer in a recording', () => {
  it('is told with all its bytes, and of what is none that there was something', () => {
    const concealer = new ReceiptConcealer();
    const said = (text: string) =>
      concealer.take(hex(text)).map((each) => (each === 'garbled' ? each : Buffer.from(each).toString('hex')));
    expect(said('12 00 14000000')).toEqual(['12', '00', '14000000']);
    expect(said('3722 4141')).toEqual([]);
    expect(said('1a 4142 00 372500')).toEqual(['1a', '37224141414200', '372500']);
    expect(said('ff fe cd f5 3722 41 cd 00')).toEqual(['garbled', '00']);
  });

  it('says by its name which job it is for', () => {
    for (const number of [0, 7, 1_234, 9_999]) expect(jobNumber(jobId(number))).toBe(number);
  });
});
