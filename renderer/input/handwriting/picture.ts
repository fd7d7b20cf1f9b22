import type { Ink } from './ink.ts';

const CELLS = 8;
const SLANTS = 4;
/** Deviations from the middle that a picture shows to each side. */
const REACH = 2.1;
const BLUR = 1.2;

/** How many numbers a picture has. */
export const PICTURE = CELLS * CELLS * SLANTS;

/**
 * How much ink of each of four slants lies in each of 8 x 8 cells, softly: two pictures are the more alike, the greater the sum of their
 * products, at most 1. It knows neither strokes nor their order, so that joined and missing ones change it little.
 */
export function pictureOf(ink: Ink): Float32Array {
  const picture = new Float32Array(PICTURE);
  for (let at = 0; at < ink.length; at += 4) {
    const [x, y] = [placeOf(ink[at] ?? 0), placeOf(ink[at + 1] ?? 0)];
    const slant = (Math.atan2(ink[at + 3] ?? 0, ink[at + 2] ?? 0) / (2 * Math.PI) + 1) * SLANTS;
    const lower = Math.floor(slant);
    for (const row of near(y)) {
      for (const column of near(x)) {
        const weight = Math.exp(-((row - y) ** 2 + (column - x) ** 2) / BLUR);
        const cell = (row * CELLS + column) * SLANTS;
        add(picture, cell + (lower % SLANTS), weight * (lower + 1 - slant));
        add(picture, cell + ((lower + 1) % SLANTS), weight * (slant - lower));
      }
    }
  }
  // The root gives thin places their say.
  const whole = picture.reduce((sum, value) => sum + value, 0) || 1;
  return picture.map((value) => Math.sqrt(value / whole));
}

function placeOf(deviations: number): number {
  const place = (deviations / REACH + 1) * (CELLS / 2) - 0.5;
  return Math.min(Math.max(place, -0.5), CELLS - 0.5);
}

function near(place: number): number[] {
  const first = Math.floor(place) - 1;
  return [first, first + 1, first + 2, first + 3].filter((cell) => cell >= 0 && cell < CELLS);
}

function add(numbers: Float32Array, at: number, value: number): void {
  numbers[at] = (numbers[at] ?? 0) + value;
}
