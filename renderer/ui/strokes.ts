/** A stroke as the contract takes it: x, y in thousandths of the pad's width, t in ms, flat. */
export type FlatStroke = readonly number[];

const MOST_POINTS = 2000;
const MOST_STROKES = 200;
const NEAR = 3;

/** Starts a stroke, or keeps the strokes as they are where no more are taken. */
export function begin(strokes: readonly FlatStroke[], point: readonly [number, number, number]): readonly FlatStroke[] {
  return strokes.length < MOST_STROKES ? [...strokes, point] : strokes;
}

/** Carries the last stroke on; a point that hardly moved is left out. */
export function carryOn(
  strokes: readonly FlatStroke[],
  point: readonly [number, number, number],
): readonly FlatStroke[] {
  const last = strokes.at(-1);
  if (last === undefined || last.length >= 3 * MOST_POINTS) return strokes;
  const [x, y] = [last.at(-3) ?? 0, last.at(-2) ?? 0];
  if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return strokes;
  return [...strokes.slice(0, -1), [...last, ...point]];
}

/** A stroke as an SVG path; a single point becomes a dot. */
export function pathOf(stroke: FlatStroke): string {
  const points: string[] = [];
  for (let at = 0; at < stroke.length; at += 3) points.push(`${stroke[at]} ${stroke[at + 1]}`);
  return `M${points.join('L')}${points.length === 1 ? 'h0.1' : ''}`;
}

/** Whether a name may stand there: more than a touch by chance. */
export function isSigned(strokes: readonly FlatStroke[]): boolean {
  const length = strokes.reduce((sum, stroke) => sum + stroke.length / 3, 0);
  return length >= 6;
}
