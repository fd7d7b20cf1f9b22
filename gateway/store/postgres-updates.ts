import type { Connections } from './postgres-connections.ts';
import { LOCKS } from './postgres-statements.ts';
import type { PackagePart, PublishedUpdate, StoredUpdate, UpdateStore } from './updates.ts';

const OURS = 'region = $1 AND (terminal IS NULL OR terminal = $2)';
const counted = (outcome: string) => `count(*) FILTER (WHERE outcome = '${outcome}') AS ${outcome}`;

const statements = {
  // One publication at a time: whoever has read up to a number will see none below it any more.
  turn: { name: 'publish-turn', text: `SELECT pg_advisory_xact_lock(${LOCKS.updates})` },
  insert: {
    name: 'publish',
    text: `INSERT INTO updates (id, region, terminal, content, expires_at, published_at)
      VALUES ($1, $2, $3, $4, $5, $6)`,
  },
  next: {
    name: 'updates',
    text: `SELECT n, content FROM updates WHERE ${OURS} AND n > $3 AND expires_at > $4 ORDER BY n LIMIT $5`,
  },
  find: { name: 'update-find', text: `SELECT 1 FROM updates WHERE ${OURS} AND id = $3` },
  tell: {
    name: 'update-outcome',
    text: `INSERT INTO update_outcomes (id, terminal, outcome, told_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING`,
  },
  all: {
    name: 'updates-all',
    text: `SELECT n, region, updates.terminal, content, ${counted('done')}, ${counted('expired')}, ${counted('failed')}
      FROM updates LEFT JOIN update_outcomes told ON told.id = updates.id GROUP BY n ORDER BY n`,
  },
  part: {
    name: 'package-part',
    text: `SELECT length(package) AS total, substring(package FROM $3::integer FOR $4::integer) AS content
      FROM catalogues WHERE version = $1 AND region = $2`,
  },
} as const;

/** What is published for terminals, in PostgreSQL. */
export function updateTables({ run, transaction }: Connections): UpdateStore {
  return {
    publish: (update, { region, terminal }, at) =>
      transaction(async (within) => {
        await within(statements.turn, []);
        const content = JSON.stringify(update);
        await within(statements.insert, [update.id, region, terminal, content, update.expiresAt, at]);
      }),
    updates: ({ region, id }, after, limit, at) => run<StoredUpdate>(statements.next, [region, id, after, at, limit]),
    async acknowledge({ region, id }, update, outcome, at) {
      if ((await run(statements.find, [region, id, update])).length === 0) return false;
      await run(statements.tell, [update, id, outcome, at]);
      return true;
    },
    published: () => run<PublishedUpdate>(statements.all, []),
    async packagePart(region, version, from, bytes) {
      return (await run<PackagePart>(statements.part, [version, region, from + 1, bytes]))[0] ?? null;
    },
  };
}
