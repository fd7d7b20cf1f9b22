import { existsSync } from 'node:fs';
import type { Font } from 'fontkit';
import { err, ok, type Result } from '#contract/result.ts';
import { width as cellsOf } from './layout.ts';
import { type Bitmap, bitmap, fill } from './outline.ts';
import { CELL_DOTS } from './protocol.ts';

/** A character that no font here can draw, as `U+XXXX`. */
export interface MissingGlyph {
  readonly code: 'missing-glyph';
  readonly glyph: string;
}

export interface FontFile {
  readonly path: string;
  /** The font of a collection. */
  readonly postscriptName?: string;
}

/** Debian's fonts-noto-cjk and fonts-hanazono, in the order in which they are asked (ISO/IEC 10646 planes 0 and 2). */
const FONTS: readonly FontFile[] = [
  { path: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', postscriptName: 'NotoSansMonoCJKsc-Regular' },
  { path: '/usr/share/fonts/truetype/hanazono/HanaMinA.ttf' },
  { path: '/usr/share/fonts/truetype/hanazono/HanaMinB.ttf' },
];

/** Height of a line of size 1 in dots: a Chinese character is a square of two cells. */
const EM_DOTS = 2 * CELL_DOTS;
/** The baseline of Chinese fonts lies so far below the top of the square. */
const BASELINE = 0.88;

/** How a line of text is set: its size is a multiple of the printer's own. */
export interface Setting {
  readonly align: 'left' | 'centre' | 'right';
  readonly size: number;
  readonly bold: boolean;
}

/**
 * Draws text that the printer's own font does not hold. Fonts, and what reads them, are loaded when the first such character
 * comes: few terminals ever see one, and all of them start.
 */
export class GlyphPress {
  readonly #files: readonly FontFile[];
  readonly #fonts = new Map<FontFile, Font>();

  constructor(files: readonly FontFile[] = FONTS) {
    this.#files = files;
  }

  /**
   * One line as dots over the whole width of the paper, in the cells in which the printer would have set it.
   * @param dots width of the paper.
   */
  async line(text: string, { align, size, bold }: Setting, dots: number): Promise<Result<Bitmap, MissingGlyph>> {
    const target = bitmap(dots, EM_DOTS * size);
    const cell = CELL_DOTS * size;
    const free = Math.max(0, dots - cellsOf(text) * cell);
    let x = { left: 0, centre: Math.floor(free / 2), right: free }[align];
    for (const character of text) {
      const room = cellsOf(character) * cell;
      const font = await this.#fontOf(character);
      if (!font) return err({ code: 'missing-glyph', glyph: codePoint(character) });
      const glyph = font.glyphForCodePoint(character.codePointAt(0) ?? 0);
      const scale = target.height / font.unitsPerEm;
      const side = (room - glyph.advanceWidth * scale) / 2;
      fill(target, glyph.path.commands, { scale, x: x + side, baseline: BASELINE * target.height });
      x += room;
    }
    return ok(bold ? thickened(target, size) : target);
  }

  async #fontOf(character: string): Promise<Font | undefined> {
    const point = character.codePointAt(0) ?? 0;
    for (const file of this.#files) {
      const font = await this.#open(file);
      if (font?.hasGlyphForCodePoint(point)) return font;
    }
    return undefined;
  }

  async #open(file: FontFile): Promise<Font | undefined> {
    if (!this.#fonts.has(file) && existsSync(file.path)) {
      const { open } = await import('fontkit');
      const opened = await open(file.path, file.postscriptName);
      if ('glyphForCodePoint' in opened) this.#fonts.set(file, opened);
    }
    return this.#fonts.get(file);
  }
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Every black dot is made wider by `by` to the right. */
function thickened({ width, height, dots }: Bitmap, by: number): Bitmap {
  const bold = bitmap(width, height);
  dots.forEach((dot, at) => {
    if (dot === 1) bold.dots.fill(1, at, Math.min(at + by + 1, at - (at % width) + width));
  });
  return bold;
}
