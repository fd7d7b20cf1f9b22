/**
 * The model of the handwriting recogniser: the strokes of the characters of the state's table (通用规范汉字表), from the middle
 * lines of npm `hanzi-writer-data`. Those are derived from fonts of Arphic and stay under their licence, in a file of their own.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import levels from './characters.json' with { type: 'json' };
import { root } from './setup.mjs';

type Point = readonly [number, number];
type Line = readonly Point[];
export type Level = keyof typeof levels;

const source = path.join(root, 'node_modules/hanzi-writer-data');

/** The characters of one level of the table, in its order: 3,500 common ones, 3,000 less common, 1,605 of names and trades. */
export function levelOf(level: Level): string[] {
  return Array.from(levels[level]);
}

/** The middle lines of a character's strokes, x and y from 0 to 255, y downwards; `undefined` where the package has none. */
export async function mediansOf(character: string): Promise<Line[] | undefined> {
  const text = await readFile(path.join(source, `${character}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { medians } = JSON.parse(text) as { readonly medians: readonly Line[] };
  // The em square of the fonts is 1024 wide, its top at 900.
  const toByte = (value: number) => Math.min(Math.max(Math.round(value / 4), 0), 255);
  return medians.map((line) => line.map(([x, y]) => [toByte(x), toByte(900 - y)] as const));
}

/** A line without the points that lie within `tolerance` of the straight way between those that stay (Douglas and Peucker). */
function simplified(line: Line, tolerance: number): Line {
  const [first, last] = [line[0], line.at(-1)];
  if (first === undefined || last === undefined || line.length < 3) return line;
  const length = Math.hypot(last[0] - first[0], last[1] - first[1]);
  const away = ([x, y]: Point) =>
    length === 0
      ? Math.hypot(x - first[0], y - first[1])
      : Math.abs((last[0] - first[0]) * (first[1] - y) - (first[0] - x) * (last[1] - first[1])) / length;
  const distances = line.map(away);
  const farthest = Math.max(...distances);
  if (farthest <= tolerance) return [first, last];
  const at = distances.indexOf(farthest);
  return [...simplified(line.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(line.slice(at), tolerance)];
}

/** What the licence wants to stand in a file that was made of theirs. */
const changes = `Made from fonts of Arphic Technology (npm hanzi-writer-data 2.0.1) in November 2026: of each character only the middle lines of
its strokes are left, on a grid of 256, with fewer points, in a form of its own. Under the Arphic Public License: ARPHICPL.TXT.`;

/**
 * The model, bytes as `renderer/input/handwriting/recogniser.ts` reads them: a line of text, then for each character its number in Unicode (3 bytes, big-endian), the
 * count of its strokes, then for each stroke the count of its points and their x and y.
 */
export async function handwritingModel(): Promise<Uint8Array> {
  const bytes: number[] = [...Buffer.from(`${changes.replaceAll('\n', ' ')}\n`)];
  for (const character of [...levelOf('first'), ...levelOf('second'), ...levelOf('third')]) {
    const medians = await mediansOf(character);
    const code = character.codePointAt(0);
    if (medians === undefined || code === undefined) continue;
    bytes.push(code >> 16, (code >> 8) & 255, code & 255, medians.length);
    for (const line of medians) {
      const points = simplified(line, 1.5);
      bytes.push(points.length, ...points.flat());
    }
  }
  return Uint8Array.from(bytes);
}

/** Writes the model to `handwriting.bin` in a folder, and the licence of its source beside it. */
export async function writeHandwriting(folder: string): Promise<void> {
  const place = path.join(root, folder);
  await mkdir(place, { recursive: true });
  await writeFile(path.join(place, 'handwriting.bin'), await handwritingModel());
  await copyFile(path.join(source, 'ARPHICPL.TXT'), path.join(place, 'ARPHICPL.TXT'));
}
