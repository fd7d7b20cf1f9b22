import type { ArchiveStore } from './archive.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { HOLD_TERMINAL, LOCKS } from './postgres-statements.ts';

/** The body of an entry, wherever it is; empty when its archive was taken away. @param entry the name that its row has in the query */
export function bodyOf(entry: string): string {
  return `CASE WHEN ${entry}.archived_in IS NULL THEN ${entry}.body ELSE coalesce((SELECT a.body FROM archived_bodies a
    WHERE a.month = ${entry}.archived_in AND a.region = ${entry}.region AND a.terminal = ${entry}.terminal
      AND a.incarnation = ${entry}.incarnation AND a.seq = ${entry}.seq), '') END`;
}

/** Entries that one transaction looks at: their terminal's own batches wait meanwhile. */
const PORTION = 500;

const CHAIN = 'region = $1 AND terminal = $2 AND incarnation = $3';
const RANGE = `${CHAIN} AND seq > $4 AND seq <= $5`;
const MONTH = "date_trunc('month', received_at AT TIME ZONE 'UTC')::date";

type Chain = readonly [region: string, terminal: string, incarnation: number];
const FIRST_CHAIN: Chain = ['', '', 0];

interface Due {
  readonly region: string;
  readonly terminal: string;
  readonly incarnation: number;
  readonly after: number;
  readonly upTo: number;
}

const statements = {
  // What came late fills a place among older ones: the portion ends before the first that is too young.
  due: {
    name: 'archive-due',
    text: `SELECT region, terminal, incarnation, archived_seq AS after, least(seen, archived_seq + ${PORTION}, (SELECT min(seq) - 1
        FROM entries e WHERE e.region = h.region AND e.terminal = h.terminal AND e.incarnation = h.incarnation
          AND e.seq > h.archived_seq AND e.seq <= h.archived_seq + ${PORTION} AND received_at >= $1)) AS "upTo"
      FROM (SELECT *, least(intake_seq, contiguous_seq) AS seen FROM heads) AS h
      WHERE (region, terminal, incarnation) >= ($2, $3, $4::bigint) AND archived_seq < seen AND (SELECT received_at FROM entries e
        WHERE e.region = h.region AND e.terminal = h.terminal AND e.incarnation = h.incarnation AND e.seq > h.archived_seq
        ORDER BY seq LIMIT 1) < $1
      ORDER BY region, terminal, incarnation LIMIT 1`,
  },
  months: {
    name: 'archive-months',
    text: `SELECT DISTINCT to_char(${MONTH}, 'YYYY-MM-DD') AS month FROM entries WHERE ${RANGE} AND archived_in IS NULL`,
  },
  turn: { name: 'archive-turn', text: `SELECT pg_advisory_xact_lock(${LOCKS.archive})` },
  copy: {
    name: 'archive-copy',
    text: `INSERT INTO archived_bodies (month, region, terminal, incarnation, seq, body)
      SELECT ${MONTH}, region, terminal, incarnation, seq, body FROM entries WHERE ${RANGE} AND archived_in IS NULL`,
  },
  empty: {
    name: 'archive-empty',
    text: `UPDATE entries SET body = '', archived_in = ${MONTH} WHERE ${RANGE} AND archived_in IS NULL RETURNING seq`,
  },
  advance: {
    name: 'archive-advance',
    text: `UPDATE heads SET archived_seq = $5 WHERE ${CHAIN} AND archived_seq = $4 RETURNING incarnation`,
  },
} as const;

/** Bodies in a table for each month, which may lie on another disk. Several gateways may do it at the same time. */
export function archiveTables({ run, transaction }: Connections): ArchiveStore {
  // Where the last portion was: nobody looks at thousands of journals for each.
  let chain = FIRST_CHAIN;
  return {
    async archive(receivedBefore) {
      for (;;) {
        const [due] = await run<Due>(statements.due, [receivedBefore, ...chain]);
        if (!due && chain === FIRST_CHAIN) return 0;
        chain = due ? [due.region, due.terminal, due.incarnation] : FIRST_CHAIN;
        if (!due) continue;
        const range = [...chain, due.after, due.upTo];
        for (const { month } of await run<{ month: string }>(statements.months, range)) {
          // By itself, so that nobody who reads waits for more than this.
          await transaction((within) => addMonth(within, month));
        }
        const moved = await transaction((within) => move(within, due.terminal, range));
        // Another gateway was here before, or only places without an entry.
        if (moved > 0) return moved;
      }
    },
  };
}

/** @param month its first day */
async function addMonth(run: Run, month: string): Promise<void> {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  const table = `archived_bodies_${month.slice(0, 7).replace('-', '_')}`;
  await run(statements.turn, []);
  await run(
    {
      name: table,
      text: `CREATE TABLE IF NOT EXISTS ${table} PARTITION OF archived_bodies FOR VALUES FROM ('${month}') TO ('${next}')`,
    },
    [],
  );
}

async function move(run: Run, terminal: string, range: readonly unknown[]): Promise<number> {
  await run(HOLD_TERMINAL, [terminal]);
  if ((await run(statements.advance, range)).length === 0) return 0;
  await run(statements.copy, range);
  return (await run(statements.empty, range)).length;
}
