import { unreachable } from '#contract/result.ts';

export type Align = 'left' | 'centre' | 'right';

/** Characters in one style; `width` and `height` are multiples of the printer's own size. */
export interface Run {
  readonly text: string;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly width: number;
  readonly height: number;
}

/** A black-and-white picture, row by row; `true` is black. */
export type Bitmap = readonly (readonly boolean[])[];

/** What lies on a slip from top to bottom. Lengths in dots of 1/8 mm. */
export type Row =
  | { readonly row: 'line'; readonly align: Align; readonly runs: readonly Run[]; readonly spacing: number }
  | {
      readonly row: 'qr';
      readonly align: Align;
      readonly data: string;
      readonly moduleDots: number;
      readonly level: QrLevel;
    }
  | {
      readonly row: 'raster';
      readonly align: Align;
      readonly bitmap: Bitmap;
      readonly scaleX: number;
      readonly scaleY: number;
    }
  | { readonly row: 'feed'; readonly dots: number };

export type QrLevel = 'L' | 'M' | 'Q' | 'H';

/** Characters of one cell are 12 dots wide and 24 high; Chinese ones take two cells. */
export const CELL = { width: 12, height: 24 } as const;

/** Dots of paper and dots that the head reaches, by paper width in millimetres. */
export const HEAD = { 58: { paper: 464, printable: 384 }, 80: { paper: 640, printable: 576 } } as const;
export type PaperMm = keyof typeof HEAD;

/** Cells that a character takes: one for ASCII and other single-byte characters, two for Chinese ones. */
export function cellsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) < 0x80 ? 1 : 2;
}

/** What a person reads on the slip, line by line, without styles. */
export function plainText(rows: readonly Row[]): string {
  return rows
    .flatMap((row): string[] => {
      switch (row.row) {
        case 'line':
          return [
            row.runs
              .map((run) => run.text)
              .join('')
              .trimEnd(),
          ];
        case 'qr':
          return [`[QR ${row.data}]`];
        case 'raster':
          return [`[picture ${row.bitmap[0]?.length ?? 0} x ${row.bitmap.length}]`];
        case 'feed':
          return [];
        default:
          return unreachable(row);
      }
    })
    .join('\n')
    .trim();
}
