/** A step of a glyph's outline, in font units, y upwards. */
export interface Step {
  readonly command: 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath';
  readonly args: readonly number[];
}

/** Black and white dots, a byte each (0 or 1), row by row from the top. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly dots: Uint8Array;
}

export function bitmap(width: number, height: number): Bitmap {
  return { width, height, dots: new Uint8Array(width * height) };
}

/** Where an outline goes: dots per font unit, and the dot of its origin on the baseline. */
export interface Placed {
  readonly scale: number;
  readonly x: number;
  readonly baseline: number;
}

type Point = readonly [x: number, y: number];
type Edge = readonly [from: Point, to: Point];

/** Each dot is looked at in so many rows and columns. */
const SAMPLES = 4;
/** A dot is black from here on, of SAMPLES * SAMPLES: below half, so that thin strokes of a small glyph stay whole. */
const BLACK = 5;
const CURVE_PIECES = 8;

/** Fills an outline by its winding number. What lies outside the bitmap is cut off. */
export function fill(target: Bitmap, outline: readonly Step[], placed: Placed): void {
  const edges = edgesOf(outline, placed);
  const { width, height, dots } = target;
  for (let y = 0; y < height; y += 1) {
    const covered = new Uint8Array(width);
    for (let row = 0; row < SAMPLES; row += 1) cover(covered, edges, y + (row + 0.5) / SAMPLES);
    for (let x = 0; x < width; x += 1) if ((covered[x] ?? 0) >= BLACK) dots[y * width + x] = 1;
  }
}

/** Counts the samples of one line that lie inside. */
function cover(covered: Uint8Array, edges: readonly Edge[], y: number): void {
  const crossings = edges
    .filter(([[, from], [, to]]) => from <= y !== to <= y)
    .map(([[x0, y0], [x1, y1]]) => ({ x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), turn: y1 > y0 ? 1 : -1 }))
    .toSorted((a, b) => a.x - b.x);
  let winding = 0;
  crossings.forEach(({ x, turn }, at) => {
    winding += turn;
    const next = crossings[at + 1];
    if (winding === 0 || !next) return;
    const first = Math.max(0, Math.ceil(x * SAMPLES - 0.5));
    const end = Math.min(covered.length * SAMPLES, Math.ceil(next.x * SAMPLES - 0.5));
    for (let sample = first; sample < end; sample += 1) {
      const dot = Math.floor(sample / SAMPLES);
      covered[dot] = (covered[dot] ?? 0) + 1;
    }
  });
}

function edgesOf(outline: readonly Step[], { scale, x, baseline }: Placed): Edge[] {
  const edges: Edge[] = [];
  let start: Point = [0, 0];
  let at: Point = [0, 0];
  const line = (to: Point) => {
    edges.push([at, to]);
    at = to;
  };
  for (const { command, args } of outline) {
    const points = pairs(args).map(([px, py]): Point => [x + px * scale, baseline - py * scale]);
    if (command === 'closePath' || command === 'moveTo') {
      line(start);
      const [to = start] = points;
      start = to;
      at = to;
    } else curve([at, ...points]).forEach(line);
  }
  line(start);
  return edges;
}

function pairs(numbers: readonly number[]): Point[] {
  return numbers.flatMap((value, i): Point[] => (i % 2 === 0 ? [[value, numbers[i + 1] ?? 0]] : []));
}

/** Points on the Bézier curve of any degree through de Casteljau's construction; a straight line is its end. */
function curve(points: readonly Point[]): readonly Point[] {
  if (points.length === 2) return points.slice(1);
  return Array.from({ length: CURVE_PIECES }, (_piece, i) => pointAt(points, (i + 1) / CURVE_PIECES));
}

function pointAt(points: readonly Point[], t: number): Point {
  const [only = [0, 0]] = points;
  if (points.length === 1) return only;
  const nearer = points.slice(1).map(([x1, y1], i): Point => {
    const [x0, y0] = points[i] ?? only;
    return [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t];
  });
  return pointAt(nearer, t);
}
