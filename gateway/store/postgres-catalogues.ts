import type { CatalogueStore, FoundCatalogue, StoredCatalogue } from './catalogues.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { LOCKS } from './postgres-statements.ts';

/** Entries that wait for version $1. */
const WAITING = "quarantine WHERE code = 'no-catalogue' AND waits_for = $1";

const statements = {
  turn: { name: 'catalogue-turn', text: `SELECT pg_advisory_xact_lock(${LOCKS.catalogues})` },
  share: { name: 'catalogue-share', text: `SELECT pg_advisory_xact_lock_shared(${LOCKS.catalogues})` },
  insert: {
    name: 'catalogue-insert',
    text: `INSERT INTO catalogues (version, region, sequence, date, package, added_at)
      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING version`,
  },
  // In one order, before their heads are written, as everyone else does.
  hold: {
    name: 'catalogue-hold',
    text: `SELECT id FROM terminals WHERE id IN (SELECT terminal FROM ${WAITING}) ORDER BY id FOR NO KEY UPDATE`,
  },
  lookAgain: {
    name: 'catalogue-look-again',
    text: `WITH late AS (UPDATE quarantine SET look_again = true WHERE code = 'no-catalogue' AND waits_for = $1
        RETURNING region, terminal, incarnation)
      UPDATE heads SET look_again = true FROM (SELECT DISTINCT * FROM late) AS late
      WHERE heads.region = late.region AND heads.terminal = late.terminal AND heads.incarnation = late.incarnation`,
  },
  all: {
    name: 'catalogues',
    text: `SELECT version, region, sequence, date, length(package) AS bytes FROM catalogues
      ORDER BY region, sequence, version`,
  },
  find: { name: 'catalogue-find', text: 'SELECT package AS content FROM catalogues WHERE version = $1' },
  any: { name: 'catalogue-any', text: 'SELECT 1 FROM catalogues LIMIT 1' },
  known: { name: 'catalogue-known', text: 'SELECT 1 FROM catalogues WHERE version = ANY ($1::text[]) LIMIT 1' },
} as const;

/** Catalogue packages in PostgreSQL. */
export function catalogueTables({ run, transaction }: Connections): CatalogueStore {
  return {
    addCatalogue: ({ version, region, sequence, date }, content, at) =>
      transaction(async (within) => {
        await within(statements.turn, []);
        const added = await within(statements.insert, [version, region, sequence, date, Buffer.from(content), at]);
        if (added.length === 0) return false;
        await within(statements.hold, [version]);
        await within(statements.lookAgain, [version]);
        return true;
      }),
    catalogues: () => run<StoredCatalogue>(statements.all, []),
  };
}

/** What the intake looks up. */
export async function findCatalogue(run: Run, version: string): Promise<FoundCatalogue> {
  const [stored] = await run<{ content: Buffer }>(statements.find, [version]);
  if (stored) return { found: 'package', content: stored.content };
  return { found: (await run(statements.any, [])).length === 0 ? 'no-version-at-all' : 'nothing' };
}

/** Whether one of these versions has come; until the transaction's end none will. Taken before any lock of a terminal. */
export async function hasComeMeanwhile(run: Run, versions: readonly string[]): Promise<boolean> {
  await run(statements.share, []);
  return (await run(statements.known, [versions])).length > 0;
}
