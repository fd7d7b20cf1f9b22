import { type Ink, slantOf } from './ink.ts';

/** Where a point comes to lie: x becomes `a x + b y + c`, y becomes `d x + e y + f`. */
export type Turn = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const unturned: Turn = [1, 0, 0, 0, 1, 0];

/** How far apart two drawings lie, and the turn of the first after which they would lie nearer. */
export interface Fit {
  readonly cost: number;
  readonly turn: Turn;
}

/** What a difference of slants counts beside one of places, squared. */
const SLANT = 0.25;
/** Squared distance from which ink has no counterpart: a stroke too many or too few costs no more. */
const FAR = 0.35;
/** Points that say the drawing stands as it should: few points alone turn nothing. */
const STAND = 6;

/** Finds for each point of either drawing the nearest of the other, then the affine turn that brings those pairs together. */
export function fit(drawn: Ink, model: Ink, turn: Turn): Fit {
  const moved = turned(drawn, turn);
  const nearest = nearestIn(moved, model);
  const [count, others] = [drawn.length / 4, model.length / 4];
  let [cost, back] = [0, 0];
  const pairs = new Pairs();
  for (let one = 0; one < count; one += 1) {
    const distance = nearest.there[one] ?? FAR;
    cost += Math.min(distance, FAR);
    pairs.add(drawn, one, model, nearest.thereAt[one] ?? 0, distance);
  }
  for (let other = 0; other < others; other += 1) {
    const distance = nearest.back[other] ?? FAR;
    back += Math.min(distance, FAR);
    pairs.add(drawn, nearest.backAt[other] ?? 0, model, other, distance);
  }
  return { cost: cost / count + back / others, turn: pairs.turn() };
}

function turned(ink: Ink, [a, b, c, d, e, f]: Turn): Ink {
  const moved = ink.slice();
  for (let at = 0; at < ink.length; at += 4) {
    const [x, y] = [ink[at] ?? 0, ink[at + 1] ?? 0];
    const angle = Math.atan2(ink[at + 3] ?? 0, ink[at + 2] ?? 0) / 2;
    const [along, down] = [Math.cos(angle), Math.sin(angle)];
    const [cosine, sine] = slantOf(a * along + b * down, d * along + e * down);
    moved[at] = a * x + b * y + c;
    moved[at + 1] = d * x + e * y + f;
    moved[at + 2] = cosine;
    moved[at + 3] = sine;
  }
  return moved;
}

function nearestIn(drawn: Ink, model: Ink) {
  const [count, others] = [drawn.length / 4, model.length / 4];
  const there = new Float32Array(count);
  const thereAt = new Uint16Array(count);
  const back = new Float32Array(others).fill(Number.POSITIVE_INFINITY);
  const backAt = new Uint16Array(others);
  for (let one = 0; one < count; one += 1) {
    const x = drawn[4 * one] ?? 0;
    const y = drawn[4 * one + 1] ?? 0;
    const u = drawn[4 * one + 2] ?? 0;
    const v = drawn[4 * one + 3] ?? 0;
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < others; other += 1) {
      const right = x - (model[4 * other] ?? 0);
      const down = y - (model[4 * other + 1] ?? 0);
      const place = right * right + down * down;
      if (place >= least && place >= (back[other] ?? 0)) continue;
      const cosine = u - (model[4 * other + 2] ?? 0);
      const sine = v - (model[4 * other + 3] ?? 0);
      const distance = place + SLANT * (cosine * cosine + sine * sine);
      if (distance < least) {
        least = distance;
        thereAt[one] = other;
      }
      if (distance < (back[other] ?? 0)) {
        back[other] = distance;
        backAt[other] = one;
      }
    }
    there[one] = least;
  }
  return { there, thereAt, back, backAt };
}

/** Sums over pairs of points for the affine turn of least squares. */
class Pairs {
  private xx = STAND;
  private xy = 0;
  private yy = STAND;
  private x = 0;
  private y = 0;
  private weight = STAND / 3;
  private readonly right = [STAND, 0, 0];
  private readonly down = [0, STAND, 0];

  /** @param distance squared; pairs far apart count little */
  add(drawn: Ink, one: number, model: Ink, other: number, distance: number): void {
    const weight = FAR / (FAR + 4 * distance);
    const x = drawn[4 * one] ?? 0;
    const y = drawn[4 * one + 1] ?? 0;
    this.xx += weight * x * x;
    this.xy += weight * x * y;
    this.yy += weight * y * y;
    this.x += weight * x;
    this.y += weight * y;
    this.weight += weight;
    for (const [sums, place] of [
      [this.right, (model[4 * other] ?? 0) * weight],
      [this.down, (model[4 * other + 1] ?? 0) * weight],
    ] as const) {
      sums[0] = (sums[0] ?? 0) + x * place;
      sums[1] = (sums[1] ?? 0) + y * place;
      sums[2] = (sums[2] ?? 0) + place;
    }
  }

  /** The inverse of the symmetric matrix of the sums, times each side. */
  turn(): Turn {
    const { xx, xy, yy, x, y, weight } = this;
    const inverse = [
      [yy * weight - y * y, x * y - xy * weight, xy * y - x * yy],
      [x * y - xy * weight, xx * weight - x * x, x * xy - xx * y],
      [xy * y - x * yy, x * xy - xx * y, xx * yy - xy * xy],
    ] as const;
    const whole = xx * inverse[0][0] + xy * inverse[0][1] + x * inverse[0][2];
    const times = (row: readonly [number, number, number], sums: readonly number[]) =>
      (row[0] * (sums[0] ?? 0) + row[1] * (sums[1] ?? 0) + row[2] * (sums[2] ?? 0)) / whole;
    const [one, two, three] = inverse;
    const { right, down } = this;
    return [
      times(one, right),
      times(two, right),
      times(three, right),
      times(one, down),
      times(two, down),
      times(three, down),
    ];
  }
}
