import type { PostgresAddress } from './address.ts';
import { IN_QUARANTINE } from './audit.ts';
import { BUSY_MS } from './busy.ts';
import { archiveTables } from './postgres-archive.ts';
import { auditTables } from './postgres-audit.ts';
import { catalogueTables } from './postgres-catalogues.ts';
import { type Connections, codeOf, connect, withClient } from './postgres-connections.ts';
import { erasureTables } from './postgres-erasures.ts';
import { intakeTables } from './postgres-intake.ts';
import { journalTables } from './postgres-journal.ts';
import { materialTables } from './postgres-materials.ts';
import { migrate } from './postgres-schema.ts';
import { successionTables } from './postgres-successions.ts';
import { terminalTables } from './postgres-terminals.ts';
import { updateTables } from './postgres-updates.ts';
import type { Figures, GatewayStore, IntakeStore, PinnedKey, Pins, StoreOptions } from './store.ts';

const statements = {
  renewEpoch: { name: 'renew-epoch', text: "UPDATE facts SET value = $1 WHERE name = 'epoch'" },
  pin: { name: 'pin', text: 'INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING' },
  pinned: { name: 'pinned', text: 'SELECT value FROM facts WHERE name = $1' },
  counts: {
    name: 'counts',
    text: `SELECT (SELECT count(*) FROM terminals) AS terminals,
      (SELECT count(*) FROM entries WHERE state = 'stored') AS entries,
      (SELECT count(*) FROM cases WHERE $1::text IS NULL OR receipt_number = $1) AS cases,
      (SELECT count(*) FROM quarantine q WHERE ${IN_QUARANTINE}) AS quarantined`,
  },
  figures: {
    name: 'figures',
    text: `SELECT
      (SELECT coalesce(sum(contiguous_seq - intake_seq), 0)::bigint FROM heads WHERE intake_seq < contiguous_seq) AS unseen,
      (SELECT count(*) FROM quarantine q WHERE ${IN_QUARANTINE}) AS quarantined,
      count(*) FILTER (WHERE state = 'active' AND coalesce(received_at, enrolled_at) >= $1) AS active,
      count(*) FILTER (WHERE state = 'active' AND coalesce(received_at, enrolled_at) < $1) AS silent,
      count(*) FILTER (WHERE state = 'revoked') AS revoked
      FROM terminals LEFT JOIN heartbeats ON terminal = id`,
  },
} as const;

/**
 * The district's store: a PostgreSQL database that any number of gateways share. It is away when its server is; whoever asks
 * later is answered again.
 * @throws Error when it can't be reached now, or isn't a store of this release.
 */
export async function openPostgresStore(address: PostgresAddress, options: StoreOptions): Promise<GatewayStore> {
  await prepare(address, options);
  const connections = connect(address, options.busyMs ?? BUSY_MS);
  return {
    async renewEpoch(renewed) {
      await connections.run(statements.renewEpoch, [renewed]);
    },
    ...journalTables(connections),
    ...terminalTables(connections),
    ...archiveTables(connections),
    ...auditTables(connections),
    ...catalogueTables(connections),
    ...erasureTables(connections),
    ...materialTables(connections),
    ...updateTables(connections),
    ...successionTables(connections),
    ...pins(connections),
    async counts(receiptNumber) {
      type Counts = Awaited<ReturnType<GatewayStore['counts']>>;
      const [counts] = await connections.run<Counts>(statements.counts, [receiptNumber ?? null]);
      return counts ?? { terminals: 0, entries: 0, cases: 0, quarantined: 0 };
    },
    async figures(silentBefore) {
      type Row = Pick<Figures, 'unseen' | 'quarantined'> & Figures['terminals'];
      const [row] = await connections.run<Row>(statements.figures, [silentBefore]);
      const { unseen = 0, quarantined = 0, active = 0, silent = 0, revoked = 0 } = row ?? {};
      return { unseen, quarantined, terminals: { active, silent, revoked } };
    },
    close: connections.close,
  };
}

/** The same database for the intake worker. @throws as {@link openPostgresStore}. */
export async function openPostgresIntake(address: PostgresAddress, options: StoreOptions): Promise<IntakeStore> {
  await prepare(address, options);
  const connections = connect(address, options.busyMs ?? BUSY_MS);
  const tables = intakeTables(connections);
  return {
    ...tables,
    ...pins(connections),
    async close() {
      await tables.close();
      await connections.close();
    },
  };
}

function pins({ run }: Connections): Pins {
  const kept = async (name: PinnedKey) => (await run<{ value: string }>(statements.pinned, [name]))[0]?.value;
  return {
    async pin(name, publicKey) {
      await run(statements.pin, [name, publicKey]);
      return (await kept(name)) ?? '';
    },
    pinned: async (name) => (await kept(name)) ?? null,
  };
}

async function prepare(address: PostgresAddress, options: StoreOptions): Promise<void> {
  try {
    await withClient(address, (client) => migrate(client, options));
  } catch (error) {
    throw new Error(`${reason(error, address)} (PostgreSQL at ${address.host}:${address.port}, ${address.database})`, {
      cause: error,
    });
  }
}

/** What a person can do about a database that does not open. */
function reason(error: unknown, { database }: PostgresAddress): string {
  const code = codeOf(error);
  switch (code) {
    case '3D000':
      return `there is no database ${database}; make it with createdb`;
    case '28000':
    case '28P01':
      return 'this user may not come in; see pg_hba.conf, and ~/.pgpass or PGPASSWORD for the password';
    case '42501':
      return 'this user may not make tables; make it the owner of the database';
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'no server answers there';
    default:
      return error instanceof Error ? error.message : code;
  }
}
