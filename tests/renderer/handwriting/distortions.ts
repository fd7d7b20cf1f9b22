/**
 * Writing as unsure hands do it, from the even lines of a font: independent of how the recogniser looks at it. Every kind bends, leans
 * and shakes the whole, shuffles the strokes and turns some round, and then does what its name says.
 */
type Point = readonly [number, number];
export type Line = readonly Point[];

/** A source of numbers from 0 to 1 that is the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Hand {
  readonly next: () => number;
  /** Normally distributed, mean 0. */
  readonly around: (deviation: number) => number;
  readonly between: (low: number, high: number) => number;
  readonly below: (count: number) => number;
}

function handOf(next: () => number): Hand {
  return {
    next,
    around: (deviation) => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    between: (low, high) => low + (high - low) * next(),
    below: (count) => Math.floor(next() * count),
  };
}

/** Points along a line, as close as a screen tells them of a finger. */
function traced(line: Line, step: number): Point[] {
  const points: Point[] = line.slice(0, 1);
  for (let at = 1; at < line.length; at += 1) {
    const [from, to] = [line[at - 1], line[at]];
    if (from === undefined || to === undefined) continue;
    const pieces = Math.max(1, Math.round(Math.hypot(to[0] - from[0], to[1] - from[1]) / step));
    for (let piece = 1; piece <= pieces; piece += 1) {
      const share = piece / pieces;
      points.push([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]);
    }
  }
  return points;
}

/** Leans, widens and turns the whole, bends it in soft waves, and moves, turns and sizes each stroke by itself. */
function written(lines: readonly Line[], hand: Hand, shake: number): Point[][] {
  const [turn, shear, wide] = [hand.around(0.07), hand.around(0.09), Math.exp(hand.around(0.13))];
  const waves = Array.from({ length: 2 }, () => ({
    x: hand.between(0.4, 1.3) / 256,
    y: hand.between(0.4, 1.3) / 256,
    phase: hand.between(0, 2 * Math.PI),
    by: [hand.around(5), hand.around(5)] as const,
  }));
  const whole = ([x, y]: Point): Point => {
    const [left, top] = [(x - 128) * wide, (y - 128) / wide];
    let across = left * Math.cos(turn) - top * Math.sin(turn) + shear * top;
    let down = left * Math.sin(turn) + top * Math.cos(turn);
    for (const wave of waves) {
      const height = Math.sin(2 * Math.PI * (wave.x * x + wave.y * y) + wave.phase);
      across += wave.by[0] * height;
      down += wave.by[1] * height;
    }
    return [across, down];
  };
  return lines.map((line) => {
    const points = traced(line, 6).map(whole);
    const middle = points[Math.floor(points.length / 2)] ?? [0, 0];
    const [lean, size, right, below] = [hand.around(0.06), Math.exp(hand.around(0.07)), hand.around(5), hand.around(5)];
    return points.map(([x, y]): Point => {
      const [fromX, fromY] = [(x - middle[0]) * size, (y - middle[1]) * size];
      return [
        middle[0] + fromX * Math.cos(lean) - fromY * Math.sin(lean) + right + hand.around(shake),
        middle[1] + fromX * Math.sin(lean) + fromY * Math.cos(lean) + below + hand.around(shake),
      ];
    });
  });
}

/** Two strokes that follow one another become one: the finger stays down in between. */
function merged(lines: readonly Line[], hand: Hand): Line[] {
  if (lines.length < 2) return [...lines];
  const at = hand.below(lines.length - 1);
  const joined = traced([...(lines[at] ?? []), ...(lines[at + 1] ?? [])], 6);
  return [...lines.slice(0, at), joined, ...lines.slice(at + 2)];
}

/** A stroke is not there. Characters of one or two strokes keep theirs: they would be others. */
function missing(lines: readonly Line[], hand: Hand): Line[] {
  if (lines.length < 3) return [...lines];
  const at = hand.below(lines.length);
  return lines.filter((_, index) => index !== at);
}

/** A touch of the hand somewhere on the square. */
function touched(lines: readonly Line[], hand: Hand): Line[] {
  const [x, y] = [hand.between(-110, 110), hand.between(-110, 110)];
  return [...lines, [[x, y] as const, [x + hand.around(4), y + hand.around(4)] as const]];
}

function shuffled(lines: readonly Line[], hand: Hand): Line[] {
  const order = [...lines];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = hand.below(at + 1);
    const [one, two] = [order[at], order[other]];
    if (one !== undefined && two !== undefined) [order[at], order[other]] = [two, one];
  }
  return order.map((line) => (hand.next() < 0.3 ? line.toReversed() : line));
}

const inOrder = (lines: readonly Line[]) => [...lines];

/** What goes wrong, each by itself and then together; `shake` is in 256ths of the square. */
const kinds = {
  swapped: { shake: 1, wrong: inOrder },
  noisy: { shake: 3, wrong: inOrder },
  merged: {
    shake: 1,
    wrong: (lines, hand) => (lines.length > 6 ? merged(merged(lines, hand), hand) : merged(lines, hand)),
  },
  missing: { shake: 1, wrong: missing },
  touched: { shake: 1, wrong: touched },
  together: { shake: 2, wrong: (lines, hand) => touched(missing(merged(lines, hand), hand), hand) },
} as const satisfies Record<string, { shake: number; wrong: (lines: readonly Line[], hand: Hand) => Line[] }>;

export type Kind = keyof typeof kinds;
export const allKinds = Object.keys(kinds) as Kind[];

/** The strokes of a character as somebody might write them, on a square of some hundreds of pixels. */
export function distorted(lines: readonly Line[], kind: Kind, seed: number): Line[] {
  const hand = handOf(chance(seed));
  const { shake, wrong } = kinds[kind];
  const strokes = shuffled(wrong(written(lines, hand, shake), hand), hand);
  const [size, left, top] = [hand.between(0.5, 1.8), hand.between(100, 300), hand.between(100, 300)];
  return strokes.map((line) => line.map(([x, y]): Point => [left + x * size, top + y * size]));
}
