import type { Receipt, ReceiptLine } from '#contract/devices.ts';
import { ok, type Result, unreachable } from '#contract/result.ts';
import { type CharacterSet, holds } from './characters.ts';
import type { GlyphPress, MissingGlyph, Setting } from './glyphs.ts';
import { encodeText, pair, printable, wrap } from './layout.ts';
import type { Bitmap } from './outline.ts';
import { CELL_DOTS, COMMANDS, DOTS, LEADING_DOTS } from './protocol.ts';

const ALIGN = { left: 0, centre: 1, right: 2 } as const;

/** Bytes that a QR code of version 1, 2, ... holds at level M (ISO/IEC 18004); the contract's longest text fits the last. */
const QR_BYTES: readonly number[] = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911,
  997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
];
const QUIET_MODULES = 8;

/** The paper and the font of a printer. */
export interface Paper {
  readonly paperMm: 58 | 80;
  readonly characters: CharacterSet;
}

/**
 * The bytes of a receipt: initialise, the lines, cut. Text is GB 18030; a line with a character that the printer's font does not
 * hold goes as a picture, since a printer prints a blank or `?` for it.
 */
export async function encodeReceipt(
  receipt: Receipt,
  { paperMm, characters }: Paper,
  press: GlyphPress,
): Promise<Result<Uint8Array, MissingGlyph>> {
  const dots = DOTS[paperMm];
  const drawn = (line: string) => !Array.from(line).every((character) => holds(characters, character));
  const parts = [bytes(COMMANDS.initialise, COMMANDS.chineseOn)];
  for (const line of receipt.lines) {
    const { lines, setting, ready } = typeset(line, dots);
    if (ready) parts.push(...ready);
    else
      parts.push(bytes(COMMANDS.align(ALIGN[setting.align]), COMMANDS.size(setting.size), COMMANDS.bold(setting.bold)));
    for (const each of lines) {
      if (!drawn(each)) {
        parts.push(encodeText(each), bytes(COMMANDS.lineEnd));
        continue;
      }
      const picture = await press.line(each, setting, dots);
      if (!picture.ok) return picture;
      parts.push(raster(picture.value), bytes(COMMANDS.feedDots(LEADING_DOTS)));
    }
  }
  return ok(new Uint8Array(Buffer.concat([...parts, bytes(COMMANDS.cut)])));
}

const PLAIN: Setting = { align: 'left', size: 1, bold: false };

/** A line of the contract as lines of the paper, or as commands that are `ready`. */
function typeset(
  line: ReceiptLine,
  dots: number,
): { readonly lines: readonly string[]; readonly setting: Setting; readonly ready?: readonly Uint8Array[] } {
  const cells = dots / CELL_DOTS;
  switch (line.line) {
    case 'text':
      return { lines: wrap(printable(line.text), Math.floor(cells / line.size)), setting: line };
    case 'pair':
      return { lines: pair(printable(line.label), printable(line.value), cells), setting: PLAIN };
    case 'rule':
      return { lines: ['-'.repeat(cells)], setting: PLAIN };
    case 'qr':
      return { lines: [], setting: PLAIN, ready: qr(line.data, line.moduleDots, dots) };
    case 'feed':
      return { lines: [], setting: PLAIN, ready: [bytes(COMMANDS.feed(line.lines))] };
    default:
      return unreachable(line);
  }
}

/** The command of a picture and its dots; the paper's width is a whole number of bytes. */
function raster({ width, height, dots }: Bitmap): Uint8Array {
  const across = width / 8;
  const rows = new Uint8Array(across * height);
  dots.forEach((dot, at) => {
    if (dot === 1) rows[at >> 3] = (rows[at >> 3] ?? 0) | (0x80 >> (at & 7));
  });
  return Buffer.concat([bytes(COMMANDS.raster(across, height)), rows]);
}

function qr(data: string, moduleDots: number, dots: number): Uint8Array[] {
  const content = Buffer.from(data, 'utf8');
  const version = QR_BYTES.findIndex((room) => room >= content.length) + 1;
  const modules = 17 + 4 * version + QUIET_MODULES;
  const size = Math.max(1, Math.min(moduleDots, Math.floor(dots / modules)));
  return [
    bytes(COMMANDS.align(ALIGN.centre), COMMANDS.qrModel2, COMMANDS.qrSize(size), COMMANDS.qrLevelM),
    bytes(COMMANDS.qrStore(content), COMMANDS.qrPrint, COMMANDS.lineEnd),
  ];
}

function bytes(...commands: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(commands.flat());
}
