import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { encode } from 'uqr';
import { unreachable } from '#contract/result.ts';
import { findProgram } from '../children.ts';
import { lineDots } from './interpreter.ts';
import { type Bitmap, CELL, cellsOf, HEAD, type PaperMm, type Row } from './slip.ts';

/** One thing on the slip; places and sizes in dots of 1/8 mm from the paper's upper left corner. */
interface Place {
  readonly x: number;
  readonly y: number;
}
interface Glyph extends Place {
  readonly text: string;
  readonly cell: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly bold: boolean;
  readonly underline: boolean;
}
interface Picture extends Place {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** The unprinted edge above the first and below the last row: the way from the head to the knife. */
const EDGE = 48;
/** The ground that the slip lies on in its picture. */
const GROUND = 24;

const TEMPLATE = `
#let slip = json(bytes(sys.inputs.slip))
#let dot = 1mm / 8
#set page(width: slip.width * dot, height: slip.height * dot, margin: 0pt, fill: rgb("#d9d9d6"))
#set text(font: ("Noto Sans Mono CJK SC", "HanaMinA", "HanaMinB"), size: 24 * dot, fill: rgb("#1c1b1f"),
  top-edge: 0.88em, bottom-edge: -0.12em, lang: "zh", region: "CN", cjk-latin-spacing: none)
#place(dx: slip.ground * dot, dy: slip.ground * dot,
  rect(width: slip.paper * dot, height: (slip.height - 2 * slip.ground) * dot, fill: rgb("#fdfdfb"), stroke: none))
#for g in slip.glyphs {
  place(dx: g.x * dot, dy: g.y * dot, scale(x: g.scaleX * 100%, y: g.scaleY * 100%, origin: top + left,
    box(width: g.cell * dot, height: 24 * dot, stroke: if g.underline { (bottom: 2 * dot) } else { none },
      align(center, text(weight: if g.bold { 700 } else { 400 }, g.text)))))
}
#for p in slip.pictures {
  place(dx: p.x * dot, dy: p.y * dot,
    image(bytes(p.svg), format: "svg", width: p.width * dot, height: p.height * dot))
}
`;

/** Fonts are searched for once. */
let compiler: NodeCompiler | null = null;

/** Writes a PNG of a slip of 58 or 80 mm paper, 8 dots to the millimetre. */
export async function drawSlip(slip: { rows: readonly Row[]; paperMm: PaperMm; file: string }): Promise<void> {
  compiler ??= NodeCompiler.create();
  const layout = JSON.stringify(layOut(slip.rows, slip.paperMm));
  const pdf = compiler.pdf({ mainFileContent: TEMPLATE, inputs: { slip: layout } });
  const folder = await mkdtemp(join(tmpdir(), 'slip-'));
  try {
    await writeFile(join(folder, 'slip.pdf'), pdf);
    const target = slip.file.replace(/\.png$/, '');
    await promisify(execFile)(findProgram('pdftoppm'), [
      '-png',
      '-gray',
      '-singlefile',
      '-r',
      '203.2',
      join(folder, 'slip.pdf'),
      target,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function layOut(rows: readonly Row[], paperMm: PaperMm) {
  const { paper, printable } = HEAD[paperMm];
  const left = GROUND + (paper - printable) / 2;
  const glyphs: Glyph[] = [];
  const pictures: Picture[] = [];
  let y = GROUND + EDGE;

  function start(row: { readonly align: 'left' | 'centre' | 'right' }, width: number): number {
    const free = Math.max(0, printable - width);
    return left + (row.align === 'left' ? 0 : row.align === 'right' ? free : Math.floor(free / 2));
  }

  function picture(row: Row & { row: 'qr' | 'raster' }, bitmap: Bitmap, scaleX: number, scaleY: number): void {
    const width = (bitmap[0]?.length ?? 0) * scaleX;
    const height = bitmap.length * scaleY;
    if (width > 0) pictures.push({ x: start(row, width), y, svg: svgOf(bitmap), width, height });
    y += height;
  }

  for (const row of rows) {
    switch (row.row) {
      case 'line': {
        const tall = Math.max(0, ...row.runs.map((run) => run.height)) * CELL.height;
        let x = start(row, lineDots(row.runs));
        for (const run of row.runs) {
          for (const text of run.text) {
            const cell = cellsOf(text) * CELL.width;
            const top = y + tall - run.height * CELL.height;
            const { bold, underline, width: scaleX, height: scaleY } = run;
            if (text.trim() || underline) glyphs.push({ text, x, y: top, cell, scaleX, scaleY, bold, underline });
            x += cell * scaleX;
          }
        }
        y += Math.max(row.spacing, tall);
        break;
      }
      case 'qr':
        picture(row, qrBitmap(row), row.moduleDots, row.moduleDots);
        break;
      case 'raster':
        picture(row, row.bitmap, row.scaleX, row.scaleY);
        break;
      case 'feed':
        y += row.dots;
        break;
      default:
        unreachable(row);
    }
  }
  return { width: paper + 2 * GROUND, height: y + EDGE + GROUND, paper, ground: GROUND, glyphs, pictures };
}

function qrBitmap(row: Row & { row: 'qr' }): Bitmap {
  return encode(row.data, { ecc: row.level, border: 0, boostEcc: false }).data;
}

/** Black runs of a bitmap as one path, a unit to the dot. */
function svgOf(bitmap: Bitmap): string {
  const width = bitmap[0]?.length ?? 0;
  const path = bitmap.map((row, y) => rowPath(row, y)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bitmap.length}" shape-rendering="crispEdges"><path fill="#1c1b1f" d="${path}"/></svg>`;
}

function rowPath(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const end = row.indexOf(false, x);
    const length = (end < 0 ? row.length : end) - x;
    path += `M${x} ${y}h${length}v1h-${length}z`;
    x += length;
  }
  return path;
}
