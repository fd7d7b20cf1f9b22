/** A stroke as points in the order of writing; any unit, y downwards. */
export type Stroke = readonly (readonly [number, number])[];

/**
 * What is compared of strokes: points at even steps along them, four numbers each. x and y are in standard deviations from the middle of
 * all points; then the cosine and sine of twice the line's angle there, which are the same for both directions of writing.
 */
export type Ink = Float32Array;

const POINTS = 64;
/** Parts of the drawing's size in which a trembling line is followed, and how often each point moves between its neighbours. */
const GRAINS = 48;
const STEADYING = 6;
/** How much narrower one way than the other a character stays: 一 is not drawn out to a square. */
const NARROWEST = 0.45;

/** Ink of strokes, without regard to their order and direction; none where nothing is drawn or a number is none. */
export function inkOf(drawn: readonly Stroke[]): Ink {
  const grain = sizeOf(drawn) / GRAINS;
  if (!(grain > 0 && Number.isFinite(grain))) return new Float32Array(0);
  const strokes = drawn.map((stroke) => steadied(stroke, grain));
  const length = strokes.reduce((sum, stroke) => sum + lengthOf(stroke), 0);
  const points = strokes.flatMap((stroke) => sampled(stroke, length / POINTS));
  return points.length > 2 * POINTS ? new Float32Array(0) : normalised(points);
}

function sizeOf(strokes: readonly Stroke[]): number {
  const points = strokes.flat();
  const span = (axis: 0 | 1) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of points) [least, most] = [Math.min(least, point[axis]), Math.max(most, point[axis])];
    return most - least;
  };
  return Math.max(span(0), span(1));
}

/** A stroke without the trembling of a hand. */
function steadied(stroke: Stroke, grain: number): Stroke {
  const points: [number, number][] = stroke.slice(0, 1).map(([x, y]) => [x, y]);
  pairs(stroke, ([fromX, fromY], [toX, toY]) => {
    const pieces = Math.max(1, Math.round(Math.hypot(toX - fromX, toY - fromY) / grain));
    for (let piece = 1; piece <= pieces; piece += 1) {
      points.push([fromX + ((toX - fromX) * piece) / pieces, fromY + ((toY - fromY) * piece) / pieces]);
    }
  });
  for (let round = 0; round < STEADYING; round += 1) {
    let [beforeX, beforeY] = points[0] ?? [0, 0];
    for (const [at, point] of points.entries()) {
      const next = points[at + 1];
      if (at === 0 || next === undefined) continue;
      const [x, y] = point;
      point[0] = (beforeX + 2 * x + next[0]) / 4;
      point[1] = (beforeY + 2 * y + next[1]) / 4;
      [beforeX, beforeY] = [x, y];
    }
  }
  return points;
}

function lengthOf(stroke: Stroke): number {
  let length = 0;
  pairs(stroke, (from, to) => {
    length += Math.hypot(to[0] - from[0], to[1] - from[1]);
  });
  return length;
}

/** The middles of even pieces of about `step`, with the slant of each; a touch by chance has none. */
function sampled(stroke: Stroke, step: number): [number, number, number, number][] {
  const length = lengthOf(stroke);
  if (!(length > step / 3)) return [];
  const piece = length / Math.max(1, Math.round(length / step));
  const points: [number, number, number, number][] = [];
  let [startX, startY] = stroke[0] ?? [0, 0];
  let walked = 0;
  pairs(stroke, (from, to) => {
    const part = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (part === 0) return;
    // What rounding took from the last piece does not cost it.
    while (walked + part >= (points.length + 1) * piece - piece / 1000) {
      const share = Math.min(1, ((points.length + 1) * piece - walked) / part);
      const [x, y] = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      points.push([(startX + x) / 2, (startY + y) / 2, ...slantOf(x - startX, y - startY)]);
      [startX, startY] = [x, y];
    }
    walked += part;
  });
  return points;
}

/** The cosine and sine of twice the angle of a direction. */
export function slantOf(x: number, y: number): readonly [number, number] {
  const square = x * x + y * y;
  return square === 0 ? [1, 0] : [(x * x - y * y) / square, (2 * x * y) / square];
}

function normalised(points: readonly (readonly [number, number, number, number])[]): Ink {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = ([0, 1] as const).map((axis) => mean(points.map((point) => point[axis])));
  const [middleX = 0, middleY = 0] = middle;
  const spreadX = Math.sqrt(mean(points.map(([x]) => (x - middleX) ** 2)));
  const spreadY = Math.sqrt(mean(points.map(([, y]) => (y - middleY) ** 2)));
  const least = Math.max(spreadX, spreadY) * NARROWEST || 1;
  const [wide, high] = [Math.max(spreadX, least), Math.max(spreadY, least)];
  return Float32Array.from(points.flatMap(([x, y, u, v]) => [(x - middleX) / wide, (y - middleY) / high, u, v]));
}

function pairs(stroke: Stroke, visit: (from: Stroke[number], to: Stroke[number]) => void): void {
  for (const [at, to] of stroke.entries()) {
    const from = stroke[at - 1];
    if (from !== undefined) visit(from, to);
  }
}
