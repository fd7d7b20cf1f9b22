import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import type { Log } from '../log/log.ts';
import type { Clock, Timers } from '../time/clock.ts';
import { DISK_FULL, type StoreError, StoreWriteError, sqliteCode, storeError } from './errors.ts';
import { migrate, removeOldCopies } from './migrate.ts';

export { type StoreError, StoreWriteError } from './errors.ts';

export interface StoreOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Bytes that stay free for what a started case still needs; new cases are refused before they are touched. */
  readonly reserveBytes?: number;
  /** Free bytes of the disk that holds `folder`. */
  readonly freeBytes?: (folder: string) => number;
}

const RESERVE_BYTES = 200 * 1024 * 1024;
/** With less than this SQLite fails or is killed at its shared memory, and names everything but the full disk. */
const OPENING_BYTES = 1024 * 1024;
/** The write-ahead log is written back after this long without a write: never while a resident waits. */
const IDLE_MS = 5_000;
/** Above this size it is written back even between two writes. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * The one SQLite file of a terminal: WAL, `synchronous=FULL` (NORMAL loses acknowledged commits in a power cut), strict tables.
 * All access is synchronous on the service's thread; a commit takes about 0.15 ms.
 */
export class Store {
  readonly db: Database.Database;
  readonly #o: StoreOptions;
  readonly #folder: string;
  readonly #statements = new Map<string, Database.Statement>();
  #lastWriteMs = 0;
  /** Also at first: the power may have gone between an erasure and the emptying of the log. */
  #logHoldsErased = true;
  #cancelCheckpoint: (() => void) | null = null;

  private constructor(db: Database.Database, o: StoreOptions) {
    this.db = db;
    this.#o = o;
    this.#folder = dirname(o.file);
  }

  /** Opens or creates the store, checks its integrity and brings its schema up to date. */
  static open(o: StoreOptions): Result<Store, StoreError> {
    const existed = existsSync(o.file);
    let db: Database.Database;
    try {
      mkdirSync(dirname(o.file), { recursive: true, mode: 0o700 });
      if ((o.freeBytes ?? freeBytesOf)(dirname(o.file)) < OPENING_BYTES) return err(DISK_FULL);
      db = new Database(o.file);
    } catch (error) {
      return err(storeError(error));
    }
    try {
      const migrated = migrate(db, { existed, file: o.file, at: o.clock.wall() });
      if (!migrated.ok) {
        db.close();
        return migrated;
      }
      // After the schema is known to be ours: these two write to the file.
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = ON');
      db.pragma('wal_autocheckpoint = 0');
      db.pragma('secure_delete = ON');
      return ok(new Store(db, o));
    } catch (error) {
      db.close();
      return err(storeError(error));
    }
  }

  /**
   * Runs `work` as one durable transaction (`BEGIN IMMEDIATE`): when this returns, it is on the disk; when it throws, nothing
   * is. Inside another transaction it joins that one.
   * @throws StoreWriteError when the disk is full or fails.
   */
  transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
    if (this.db.inTransaction) return work();
    try {
      const result = this.db.transaction(work).immediate();
      this.#wrote();
      return result;
    } catch (error) {
      const code = sqliteCode(error);
      if (code === null || code.startsWith('SQLITE_CONSTRAINT')) throw error;
      const failure = storeError(error);
      throw new StoreWriteError(failure.code === 'disk-full' ? 'disk-full' : 'store-failed', failure.detail);
    }
  }

  /** A {@link transaction} that erases: when the store is next idle its write-ahead log is emptied too, which still holds the pages as they were. */
  erasure<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
    this.#logHoldsErased = true;
    return this.transaction(work);
  }

  /** A prepared statement, made once for each text. */
  sql<Parameters extends unknown[], Row = unknown>(text: string): Database.Statement<Parameters, Row> {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement as Database.Statement<Parameters, Row>;
  }

  freeBytes(): number {
    return (this.#o.freeBytes ?? freeBytesOf)(this.#folder);
  }

  /** Whether a new case, or `bytes` more, may be taken without touching the reserve. */
  hasRoom(bytes = 0): boolean {
    return this.freeBytes() - bytes > (this.#o.reserveBytes ?? RESERVE_BYTES);
  }

  /** @throws StoreWriteError `disk-full` when the reserve would be touched. */
  requireRoom(): void {
    if (!this.hasRoom()) throw new StoreWriteError('disk-full', 'only the reserve is left on the disk');
  }

  /** Reads a value that the store keeps of itself. */
  meta(key: string): string | null {
    return this.sql<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? null;
  }

  /** @throws StoreWriteError as {@link transaction}. */
  setMeta(key: string, value: string): void {
    this.transaction(() =>
      this.sql<[string, string]>(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      ).run(key, value),
    );
  }

  /** Lets go of copies from before a migration that this store has outlived, by the district's time. A disk that refuses is asked again another day. */
  forgetCopies(now: Date): void {
    try {
      const copies = removeOldCopies(this.#o.file, now);
      if (copies.length > 0) this.#o.log.info({ event: 'store.copies-removed', copies: copies.length });
    } catch (error) {
      this.#o.log.warn({ event: 'store.copies-not-removed', detail: storeError(error).detail });
    }
  }

  close(): void {
    this.#cancelCheckpoint?.();
    this.#cancelCheckpoint = null;
    if (this.db.open) this.db.close();
  }

  #wrote(): void {
    this.#lastWriteMs = this.#o.clock.monotonicMs();
    this.#checkpointSoon();
  }

  #checkpointSoon(): void {
    this.#cancelCheckpoint ??= this.#o.timers.after(IDLE_MS, () => this.#checkpointWhenIdle());
  }

  #checkpointWhenIdle(): void {
    this.#cancelCheckpoint = null;
    const idleMs = this.#o.clock.monotonicMs() - this.#lastWriteMs;
    if (idleMs < IDLE_MS && sizeOf(`${this.#o.file}-wal`) < WAL_LIMIT_BYTES) {
      this.#cancelCheckpoint = this.#o.timers.after(IDLE_MS - idleMs, () => this.#checkpointWhenIdle());
      return;
    }
    try {
      if (this.#logHoldsErased) this.#emptyLog();
      else this.db.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      this.#o.log.warn({ event: 'store.checkpoint-failed', code: sqliteCode(error) });
    }
  }

  /** Waits for nobody who reads: it is tried again soon. */
  #emptyLog(): void {
    const patience = Number(this.db.pragma('busy_timeout', { simple: true }));
    this.db.pragma('busy_timeout = 0');
    try {
      const [told] = this.db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      this.#logHoldsErased = told?.busy !== 0;
      if (this.#logHoldsErased) this.#checkpointSoon();
    } finally {
      this.db.pragma(`busy_timeout = ${patience}`);
    }
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
