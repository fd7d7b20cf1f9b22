import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { IN_QUARANTINE } from './audit.ts';
import { BUSY_MS } from './busy.ts';
import { auditTables } from './sqlite-audit.ts';
import { catalogueTables } from './sqlite-catalogues.ts';
import { erasureTables } from './sqlite-erasures.ts';
import { intakeTables } from './sqlite-intake.ts';
import { journalTables } from './sqlite-journal.ts';
import { materialTables } from './sqlite-materials.ts';
import { migrate } from './sqlite-schema.ts';
import { successionTables } from './sqlite-successions.ts';
import { terminalTables } from './sqlite-terminals.ts';
import { updateTables } from './sqlite-updates.ts';
import type { GatewayStore, IntakeStore, Pins, StoreOptions } from './store.ts';

/**
 * Pages of 4 KiB in the write-ahead log from which on the HTTP side brings them over into the file itself. Before, at a thousand, the intake
 * worker does: no terminal waits for that then.
 */
const LOG_PAGES = 8_192;

/**
 * The embedded store: one SQLite file in WAL mode; every commit is on the disk before its promise resolves. Several
 * processes of one machine may have it open.
 * @throws Error when the file cannot be opened or is not a store of this release.
 */
export function openSqliteStore(path: string, options: StoreOptions): GatewayStore {
  const db = open(path, options);
  db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  const journal = journalTables(db);
  const terminals = terminalTables(db);
  const count = (sql: string, ...values: string[]) =>
    Number(
      db
        .prepare(sql)
        .pluck()
        .get(...values),
    );
  return {
    renewEpoch: async (epoch) => {
      db.prepare("UPDATE facts SET value = ? WHERE name = 'epoch'").run(epoch);
    },
    ...journal,
    ...terminals,
    archive: async () => 0,
    ...auditTables(db),
    ...catalogueTables(db),
    ...erasureTables(db),
    ...materialTables(db),
    ...updateTables(db),
    ...successionTables(db),
    ...pins(db),
    async counts(receiptNumber) {
      return db.transaction(() => ({
        terminals: count('SELECT count(*) FROM terminals'),
        entries: count("SELECT count(*) FROM entries WHERE state = 'stored'"),
        cases:
          receiptNumber === undefined
            ? count('SELECT count(*) FROM cases')
            : count('SELECT count(*) FROM cases WHERE receipt_number = ?', receiptNumber),
        quarantined: count(`SELECT count(*) FROM quarantine q WHERE ${IN_QUARANTINE}`),
      }))();
    },
    async figures(silentBefore) {
      const heard = 'coalesce(received_at, enrolled_at)';
      const active = `SELECT count(*) FROM terminals LEFT JOIN heartbeats ON terminal = id WHERE state = 'active' AND ${heard}`;
      const before = silentBefore.toISOString();
      return db.transaction(() => ({
        // The same condition as the index of what waits for the intake.
        unseen: count(
          'SELECT coalesce(sum(contiguous_seq - intake_seq), 0) FROM heads WHERE intake_seq < contiguous_seq',
        ),
        quarantined: count(`SELECT count(*) FROM quarantine q WHERE ${IN_QUARANTINE}`),
        terminals: {
          active: count(`${active} >= ?`, before),
          silent: count(`${active} < ?`, before),
          revoked: count("SELECT count(*) FROM terminals WHERE state = 'revoked'"),
        },
      }))();
    },
    close: async () => void db.close(),
  };
}

/** The same file for the intake worker. @throws as {@link openSqliteStore}. */
export function openSqliteIntake(path: string, options: StoreOptions): IntakeStore {
  const db = open(path, options);
  return { ...intakeTables(db), ...pins(db), close: async () => void db.close() };
}

function pins(db: Database.Database): Pins {
  const add = db.prepare('INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const kept = db.prepare<[string], string>('SELECT value FROM facts WHERE name = ?').pluck();
  return {
    async pin(name, publicKey) {
      add.run(name, publicKey);
      return kept.get(name) ?? '';
    },
    pinned: async (name) => kept.get(name) ?? null,
  };
}

function open(path: string, options: StoreOptions): Database.Database {
  if (!existsSync(path)) {
    if (options.missing === 'refuse') throw new Error(`there is no store at ${path}`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite would make it readable for everyone; its other files take this mode too.
    closeSync(openSync(path, 'a', 0o600));
  }
  const db = new Database(path, { timeout: options.busyMs ?? BUSY_MS });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    // Not only while it erases: what was moved from page to page before would stay behind.
    db.pragma('secure_delete = ON');
    migrate(db, options.newEpoch);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
