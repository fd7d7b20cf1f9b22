import type { Database } from 'better-sqlite3';
import type { Successor } from '#contract/keys.ts';
import type { SuccessionStore } from './successions.ts';

/** Announcements of the gateway's keys in SQLite. */
export function successionTables(db: Database): SuccessionStore {
  const insert = db.prepare(`INSERT INTO gateway_successors (suite, n, public_key, valid_from, signature)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const all = db.prepare<[string], Successor>(
    'SELECT public_key AS publicKey, valid_from AS "from", signature FROM gateway_successors WHERE suite = ? ORDER BY n',
  );
  return {
    announce: async (suite, n, { publicKey, from, signature }) => void insert.run(suite, n, publicKey, from, signature),
    successors: async (suite) => all.all(suite),
  };
}
