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

/**
 * The taken places from one on, as far as a head can move over them: they end where one is free and none of the given fills it. What lies
 * behind stays held, and a batch need not read it.
 * @param taken in ascending order
 */
export function* following<Row extends { readonly seq: number }>(
  from: number,
  taken: Iterable<Row>,
  given: ReadonlySet<number>,
): Generator<Row, void> {
  let next = from;
  for (const row of taken) {
    while (next < row.seq && given.has(next)) next += 1;
    if (next < row.seq) return;
    yield row;
    next = row.seq + 1;
  }
}
