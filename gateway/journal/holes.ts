const MAX_HOLES = 1000;

/** Taken places beyond the head that a cursor looks at for holes. */
export const HOLES_WINDOW = 10_000;

/** The free places between a head and the taken ones, which ascend. */
export function holesBetween(head: number, taken: Iterable<number>): number[] {
  const holes: number[] = [];
  let expected = head + 1;
  for (const seq of taken) {
    for (; expected < seq; expected += 1) {
      if (holes.length === MAX_HOLES) return holes;
      holes.push(expected);
    }
    expected = seq + 1;
  }
  return holes;
}
