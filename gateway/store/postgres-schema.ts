import type { Client } from 'pg';
import { migrations } from './postgres-migrations.ts';
import { LOCKS } from './postgres-statements.ts';

/**
 * Brings the tables up to this release, for however many processes start at once.
 * @throws Error when the database holds something else, is a newer release's, or would lose what was acknowledged.
 */
export async function migrate(
  client: Client,
  { newEpoch, missing }: { readonly newEpoch: () => string; readonly missing: 'create' | 'refuse' },
): Promise<void> {
  await checkServer(client);
  await client.query('BEGIN');
  // One process at a time; the others then find it done. Whatever fails ends the connection, and nothing of it stays.
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.migration]);
  const applied = await appliedMigrations(client);
  if (applied > migrations.length) throw new Error('this store was written by a newer release; run that one');
  if (applied === 0 && missing === 'refuse') throw new Error('there is no store in this database');
  if (applied === 0) {
    await client.query(`CREATE TABLE gateway_migrations (
      version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
  }
  for (const [i, step] of migrations.entries()) {
    if (i < applied) continue;
    await client.query(step);
    await client.query('INSERT INTO gateway_migrations (version) VALUES ($1)', [i + 1]);
  }
  if (applied === 0) await client.query("INSERT INTO facts (name, value) VALUES ('epoch', $1)", [newEpoch()]);
  await client.query('COMMIT');
}

/** @returns how many, 0 for an empty database. */
async function appliedMigrations(client: Client): Promise<number> {
  const { rows } = await client.query<{ ours: boolean; tables: number }>(`SELECT
    to_regclass('gateway_migrations') IS NOT NULL AS ours,
    (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')) AS tables`);
  const [found] = rows;
  if (found?.ours !== true) {
    if (found?.tables !== 0) throw new Error("this database isn't a gateway's store");
    return 0;
  }
  const version = await client.query<{ version: number }>('SELECT max(version) AS version FROM gateway_migrations');
  return Number(version.rows[0]?.version);
}

async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ fsync: string; encoding: string }>(
    "SELECT current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding",
  );
  const [server] = rows;
  if (server?.fsync !== 'on') throw new Error('this PostgreSQL runs with fsync off and may lose what was acknowledged');
  if (server.encoding !== 'UTF8') throw new Error('this database cannot hold every character: make it with UTF8');
}
