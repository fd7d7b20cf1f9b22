import type { EntryName, Erasure, ErasureStore } from './erasures.ts';
import type { Connections, Run, Statement } from './postgres-connections.ts';
import { HOLD_TERMINAL, transposed } from './postgres-statements.ts';

/** Whether the entry with this id, of terminal $2 in region $1, is erased. */
const isErased = (id: string) =>
  `EXISTS (SELECT FROM erasures x WHERE x.region = $1 AND x.terminal = $2 AND x.entry_id = ${id})`;

/** As `insertMany` makes them: of what is erased no key is kept, however often it comes. */
export const insertKeys: Statement = {
  name: 'insert-keys',
  text: `INSERT INTO wrapped_keys (region, terminal, incarnation, seq, case_key, day_key, nonce, data)
    SELECT $1::text, $2::text, incarnation, seq, case_key, day_key, nonce, data
    FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
      AS given (incarnation, seq, entry_id, case_key, day_key, nonce, data)
    WHERE NOT ${isErased('given.entry_id')}`,
};
export const insertUnfit: Statement = {
  name: 'insert-quarantine',
  text: `INSERT INTO quarantine (region, terminal, incarnation, seq, fingerprint, found_by, code, takes_place, hash,
      computed_hash, line, keys, found_at, entry_id, claimed_id)
    SELECT $1::text, $2::text, incarnation, seq, fingerprint, found_by, code, takes_place, hash, computed_hash, line,
      CASE WHEN ${isErased('given.claimed_id')} THEN NULL ELSE keys END, found_at, entry_id, claimed_id
    FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::text[], $10::text[],
      $11::text[], $12::text[], $13::timestamptz[], $14::text[], $15::text[])
      AS given (incarnation, seq, fingerprint, found_by, code, takes_place, hash, computed_hash, line, keys, found_at,
        entry_id, claimed_id)
    ON CONFLICT DO NOTHING`,
};

/** Entries of terminal $2 in region $1 with one of the ids $3. */
const PLACES = `SELECT incarnation, seq FROM entries
  WHERE region = $1 AND terminal = $2 AND id COLLATE "C" = ANY ($3::text[]) AND kind = 'case'`;
const SAME_PLACE = 'row.region = $1 AND row.terminal = $2 AND row.incarnation = p.incarnation AND row.seq = p.seq';

const statements = {
  order: {
    name: 'erase-order',
    text: `INSERT INTO erasures (region, terminal, entry_id, ordered_by, order_id, erased_at)
      SELECT $1::text, $2::text, given.* FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) AS given
      ON CONFLICT DO NOTHING`,
  },
  destroy: {
    name: 'erase-keys',
    text: `WITH p AS (${PLACES}) DELETE FROM wrapped_keys AS row USING p WHERE ${SAME_PLACE} RETURNING row.seq`,
  },
  destroyAside: {
    name: 'erase-keys-aside',
    text: `UPDATE quarantine SET keys = NULL WHERE region = $1 AND terminal = $2 AND claimed_id = ANY ($3::text[])
      AND keys IS NOT NULL RETURNING seq`,
  },
  // What waited for something that would have opened it is a case without its personal part now.
  lookAgain: {
    name: 'erase-look-again',
    text: `WITH p AS (${PLACES}), again AS (UPDATE quarantine AS row SET look_again = true FROM p
        WHERE ${SAME_PLACE} AND found_by = 'intake' AND resolved_at IS NULL RETURNING row.incarnation)
      UPDATE heads SET look_again = true
      WHERE region = $1 AND terminal = $2 AND incarnation IN (SELECT incarnation FROM again)`,
  },
  erased: {
    name: 'erased',
    text: 'SELECT entry_id AS entry FROM erasures WHERE region = $1 AND terminal = $2 AND entry_id = ANY ($3::text[])',
  },
  all: {
    name: 'erasures',
    text: `SELECT region, terminal, entry_id AS entry, ordered_by AS "by", order_id AS "order", erased_at AS at
      FROM erasures ORDER BY erased_at, terminal, entry_id`,
  },
  byReceipt: {
    name: 'entries-of-receipt',
    text: `SELECT region, terminal, entry_id AS entry FROM cases WHERE receipt_number = $1
      ORDER BY region, terminal, case_id`,
  },
  known: {
    name: 'entry-known',
    text: `SELECT 1 WHERE EXISTS (${PLACES}) OR EXISTS (SELECT FROM quarantine
        WHERE region = $1 AND terminal = $2 AND claimed_id = ANY ($3::text[]) AND keys IS NOT NULL)
      OR EXISTS (SELECT FROM erasures WHERE region = $1 AND terminal = $2 AND entry_id = ANY ($3::text[]))`,
  },
} as const;

/** Erasures in PostgreSQL. */
export function erasureTables({ run, transaction }: Connections): ErasureStore {
  return {
    erase: (erasures) =>
      transaction(async (within) => {
        let destroyed = 0;
        // In one order, as everyone else holds them.
        const terminals = [...Map.groupBy(erasures, ({ terminal }) => terminal)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [terminal, all] of terminals) {
          await within(HOLD_TERMINAL, [terminal]);
          for (const [region, its] of Map.groupBy(all, (one) => one.region)) {
            destroyed += await eraseOf(within, [region, terminal], its);
          }
        }
        return destroyed;
      }),
    async erasures() {
      const rows = await run<Omit<Erasure, 'at'> & { at: Date }>(statements.all, []);
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
    entriesOfReceipt: (receiptNumber) => run<EntryName>(statements.byReceipt, [receiptNumber]),
    knowsEntry: async ({ region, terminal, entry }) =>
      (await run(statements.known, [region, terminal, [entry]])).length > 0,
    // Its log is the server's; see docs/gateway.md.
    wipe: async () => true,
  };
}

/** Erases entries of one terminal within a transaction that holds it. @returns how many keys and lines with keys there were. */
export async function eraseOf(
  run: Run,
  owner: readonly [region: string, terminal: string],
  erasures: readonly Erasure[],
): Promise<number> {
  const rows = erasures.map(({ entry, by, order, at }) => [entry, by, order, new Date(at)]);
  await run(statements.order, [...owner, ...transposed(rows)]);
  const named = [...owner, erasures.map(({ entry }) => entry)];
  await run(statements.lookAgain, named);
  const keys = await run(statements.destroy, named);
  const aside = await run(statements.destroyAside, named);
  return keys.length + aside.length;
}

/** Those of a terminal's entries that are erased. */
export async function erasedAmong(run: Run, region: string, terminal: string, entries: string[]): Promise<Set<string>> {
  const rows = await run<{ entry: string }>(statements.erased, [region, terminal, entries]);
  return new Set(rows.map(({ entry }) => entry));
}
