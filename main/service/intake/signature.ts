import type { Signature } from '#contract/calls.ts';

/** A journal entry's body holds 64 KB; a signature of this many points takes a third of that and still draws as it was drawn. */
const MOST_POINTS = 1500;

/** Cuts broken points off and thins a very long signature out evenly; first and last points of a stroke stay. */
export function thinSignature(signature: Signature): Signature {
  const strokes = signature.strokes.map(pointsOf);
  const total = strokes.reduce((sum, points) => sum + points.length, 0);
  const step = Math.ceil(total / MOST_POINTS);
  return {
    height: signature.height,
    strokes: strokes.map((points) => points.filter((_, i) => i % step === 0 || i === points.length - 1).flat()),
  };
}

function pointsOf(stroke: readonly number[]): number[][] {
  const points: number[][] = [];
  for (let i = 0; i + 2 < stroke.length; i += 3) points.push(stroke.slice(i, i + 3));
  return points;
}
