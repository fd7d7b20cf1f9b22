import type { Database } from 'better-sqlite3';
import type { EntryName, Erasure, ErasureStore } from './erasures.ts';

interface Place {
  incarnation: number;
  seq: number;
}

/** Erasures in SQLite. */
export function erasureTables(db: Database): ErasureStore {
  const all = db.prepare<[], Erasure>(`SELECT region, terminal, entry_id AS entry, ordered_by AS "by",
    order_id AS "order", erased_at AS at FROM erasures ORDER BY erased_at, terminal, entry_id`);
  const byReceipt = db.prepare<[string], EntryName>(
    'SELECT region, terminal, entry_id AS entry FROM cases WHERE receipt_number = ? ORDER BY region, terminal, case_id',
  );
  const known = db
    .prepare<
      [EntryName],
      number
    >(`SELECT EXISTS (SELECT 1 FROM entries WHERE terminal = @terminal AND id = @entry AND kind = 'case')
      OR EXISTS (SELECT 1 FROM quarantine WHERE terminal = @terminal AND claimed_id = @entry AND keys IS NOT NULL)
      OR EXISTS (SELECT 1 FROM erasures WHERE region = @region AND terminal = @terminal AND entry_id = @entry)`)
    .pluck();
  const erase = db.transaction(eraser(db));
  return {
    erase: async (erasures) => erase.immediate(erasures),
    erasures: async () => all.all(),
    entriesOfReceipt: async (receiptNumber) => byReceipt.all(receiptNumber),
    knowsEntry: async (name) => known.get(name) === 1,
    wipe: async () => emptyLog(db),
  };
}

/** Which entries of a terminal are erased: they have no keys, and get none. One question for many. */
export function erasedFinder(db: Database): (region: string, terminal: string, entries: string[]) => Set<string> {
  const find = db
    .prepare<[string, string, string], string>(
      'SELECT entry_id FROM erasures WHERE region = ? AND terminal = ? AND entry_id IN (SELECT value FROM json_each(?))',
    )
    .pluck();
  return (region, terminal, entries) => new Set(find.all(region, terminal, JSON.stringify(entries)));
}

/** Erases within a transaction. @returns how many keys and lines with keys there were. */
export function eraser(db: Database): (erasures: readonly Erasure[]) => number {
  const WHERE = 'region = ? AND terminal = ? AND incarnation = ?';
  const order = db.prepare<
    [Erasure]
  >(`INSERT INTO erasures (region, terminal, entry_id, ordered_by, order_id, erased_at)
    VALUES (@region, @terminal, @entry, @by, @order, @at) ON CONFLICT DO NOTHING`);
  const places = db.prepare<[string, string, string], Place>(
    `SELECT incarnation, seq FROM entries WHERE region = ? AND terminal = ? AND id = ? AND kind = 'case'`,
  );
  const destroy = db.prepare(`DELETE FROM wrapped_keys WHERE ${WHERE} AND seq = ?`);
  const destroyAside = db.prepare(`UPDATE quarantine SET keys = NULL
    WHERE region = ? AND terminal = ? AND claimed_id = ? AND keys IS NOT NULL`);
  // What waited for something that would have opened it is a case without its personal part now.
  const lookAgain = db.prepare(`UPDATE quarantine SET look_again = 1
    WHERE ${WHERE} AND seq = ? AND found_by = 'intake' AND resolved_at IS NULL`);
  const headLooksAgain = db.prepare(`UPDATE heads SET look_again = 1 WHERE ${WHERE}`);
  return (erasures) => {
    let destroyed = 0;
    for (const erasure of erasures) {
      const { region, terminal, entry } = erasure;
      order.run(erasure);
      for (const { incarnation, seq } of places.all(region, terminal, entry)) {
        destroyed += destroy.run(region, terminal, incarnation, seq).changes;
        if (lookAgain.run(region, terminal, incarnation, seq).changes > 0) {
          headLooksAgain.run(region, terminal, incarnation);
        }
      }
      destroyed += destroyAside.run(region, terminal, entry).changes;
    }
    return destroyed;
  };
}

/** Empties the write-ahead log, which still holds the pages as they were. @returns false while somebody who reads or writes is in the way. */
function emptyLog(db: Database): boolean {
  const [told] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  return told?.busy === 0;
}

/** As {@link emptyLog}, and waits for nobody. */
export function emptyLogNow(db: Database): boolean {
  const patience = Number(db.pragma('busy_timeout', { simple: true }));
  db.pragma('busy_timeout = 0');
  try {
    return emptyLog(db);
  } finally {
    db.pragma(`busy_timeout = ${patience}`);
  }
}
