import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import { localDay } from '../time/clock.ts';
import { DAMAGED, type StoreError } from './errors.ts';
import { APPLICATION_ID, type Migration, migrations, RELEASE } from './migrations.ts';

/**
 * Days that a copy from before a migration stays: an update that harms is noticed, and rolled back, within a week, and for no longer may a
 * copy hold what its store has let go of or erased (R21, R40).
 */
const COPY_DAYS = 7;
const DAY_MS = 86_400_000;

export interface MigrateOptions {
  readonly file: string;
  /** Whether the file was there before it was opened. */
  readonly existed: boolean;
  readonly at: Date;
  readonly steps?: readonly Migration[];
  readonly release?: number;
}

/**
 * Refuses a store that is not ours, damaged or too new, and otherwise applies what is missing, all in one transaction, with a
 * copy in `backup/` before and a check after.
 */
export function migrate(db: Database, o: MigrateOptions): Result<void, StoreError> {
  const steps = o.steps ?? migrations;
  const release = o.release ?? RELEASE;
  const version = number(db, 'user_version');

  if (o.existed && !empty(db)) {
    if (number(db, 'application_id') !== APPLICATION_ID) return damaged('the file is not a store of this product');
    const check = db.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok') return damaged('the integrity check found damage');
    const least = leastRelease(db);
    if (least > release) {
      return err({
        code: 'store-newer',
        detail: `the store needs release ${least}, this is release ${release}`,
        remedy: 'install the newer release again',
      });
    }
  }

  const missing = steps.filter((step) => step.version > version);
  if (missing.length === 0) return ok();
  if (version > 0) backUp(db, o, version);
  db.transaction(() => {
    for (const step of missing) {
      db.exec(step.sql);
      db.prepare(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ).run('least-release', String(step.leastRelease));
      db.pragma(`user_version = ${step.version}`);
    }
    db.pragma(`application_id = ${APPLICATION_ID}`);
  }).immediate();
  return db.pragma('quick_check(1)', { simple: true }) === 'ok'
    ? ok()
    : damaged('the check after the migration failed');
}

/**
 * Removes the copies that {@link migrate} made of a store, and what a kill left of them, once they are old. A copy that is dated later than now
 * was made under a wrong clock.
 * @param now the district's time
 * @returns the names of those that were removed
 */
export function removeOldCopies(file: string, now: Date): string[] {
  const folder = backupFolder(file);
  if (!existsSync(folder)) return [];
  const today = Date.parse(localDay(now));
  const old = readdirSync(folder).filter((name) => {
    const day = /^schema-\d+-(\d{4}-\d\d-\d\d)\.sqlite/.exec(name)?.[1];
    return day !== undefined && Math.abs(today - Date.parse(day)) > COPY_DAYS * DAY_MS;
  });
  for (const name of old) rmSync(join(folder, name));
  return old;
}

function backupFolder(file: string): string {
  return join(dirname(file), 'backup');
}

function backUp(db: Database, o: MigrateOptions, version: number): void {
  const folder = backupFolder(o.file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const copy = join(folder, `schema-${version}-${localDay(o.at)}.sqlite`);
  if (existsSync(copy)) return;
  // Under its own name only when it is whole: a kill in between must not pass for a backup.
  const beside = `${copy}.new`;
  rmSync(beside, { force: true });
  db.prepare('VACUUM INTO ?').run(beside);
  renameSync(beside, copy);
}

function empty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function leastRelease(db: Database): number {
  const row = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'least-release'").get();
  return Number(row?.value ?? 0);
}

function number(db: Database, pragma: string): number {
  return Number(db.pragma(pragma, { simple: true }));
}

function damaged(detail: string): Result<never, StoreError> {
  return err({ code: 'store-damaged', detail, remedy: DAMAGED });
}
