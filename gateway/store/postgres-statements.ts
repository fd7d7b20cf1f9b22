import { binaryArray } from './postgres-arrays.ts';
import type { Statement } from './postgres-connections.ts';

/** Advisory locks of the whole database; the first is "YCGW", which marks the SQLite file too. */
export const LOCKS = {
  migration: 0x59434757,
  registration: 0x59434758,
  anchors: 0x59434759,
  catalogues: 0x5943475a,
  updates: 0x5943475b,
  archive: 0x5943475c,
} as const;

/**
 * Held by whoever writes what belongs to a terminal's journal: the gateway that takes a batch of it, the intake worker that
 * writes its findings. `NO KEY` lets others still refer to the terminal: a heartbeat does not wait for a batch.
 */
export const HOLD_TERMINAL: Statement = {
  name: 'hold-terminal',
  text: 'SELECT id FROM terminals WHERE id = $1 FOR NO KEY UPDATE',
};

/** Has the intake look again at a terminal's entries that wait for what has come: $1 region, $2 terminal, $3 what came. */
export const LOOK_AGAIN: Statement = {
  name: 'look-again',
  text: `WITH late AS (UPDATE quarantine SET look_again = true
      WHERE region = $1 AND terminal = $2 AND waits_for = ANY ($3::text[]) RETURNING incarnation)
    UPDATE heads SET look_again = true WHERE region = $1 AND terminal = $2 AND incarnation IN (SELECT incarnation FROM late)`,
};

/** Inserts any number of a terminal's rows at once: $1 region, $2 terminal, then an array for each column. */
export function insertMany(
  name: string,
  table: string,
  columns: Readonly<Record<string, string>>,
  conflict = '',
): Statement {
  const names = Object.keys(columns).join(', ');
  const arrays = Object.values(columns).map((type, i) => `$${i + 3}::${type}[]`);
  return {
    name,
    text: `INSERT INTO ${table} (region, terminal, ${names})
      SELECT $1::text, $2::text, given.* FROM unnest(${arrays.join(', ')}) AS given ${conflict}`,
  };
}

/** The columns of rows, as {@link insertMany} takes them. */
export function transposed(rows: readonly (readonly unknown[])[]): unknown[] {
  return (rows[0] ?? []).map((_, column) => binaryArray(rows.map((row) => row[column])));
}
