import type { Successor } from '#contract/keys.ts';
import type { Connections } from './postgres-connections.ts';
import type { SuccessionStore } from './successions.ts';

const statements = {
  insert: {
    name: 'successor-insert',
    text: `INSERT INTO gateway_successors (suite, n, public_key, valid_from, signature)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
  },
  all: {
    name: 'successors',
    text: `SELECT public_key AS "publicKey", valid_from AS "from", signature FROM gateway_successors
      WHERE suite = $1 ORDER BY n`,
  },
} as const;

/** Announcements of the gateway's keys in PostgreSQL. */
export function successionTables({ run }: Connections): SuccessionStore {
  return {
    async announce(suite, n, { publicKey, from, signature }) {
      await run(statements.insert, [suite, n, publicKey, from, signature]);
    },
    successors: (suite) => run<Successor>(statements.all, [suite]),
  };
}
