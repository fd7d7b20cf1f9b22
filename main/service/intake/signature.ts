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

/** As the journal takes it (contract/wire.ts, CaseSealed): every point after a stroke's first as its difference from the one before. */
export function inSteps(signature: Signature): Signature {
  const step = (stroke: readonly number[]) => stroke.map((value, i) => value - (stroke[i - 3] ?? 0));
  return { height: signature.height, strokes: signature.strokes.map(step) };
}

function pointsOf(stroke: readonly number[]): number[][] {
  const points: number[][] = [];
  for (let i = 0; i + 2 < stroke.length; i += 3) points.push(stroke.slice(i, i + 3));
  return points;
}
