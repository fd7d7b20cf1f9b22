import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import { type StoreError, sqliteCode, storeError } from './errors.ts';

/** Holds a store for one service. */
export interface StoreLock {
  release(): void;
}

/**
 * Keeps a second service away from a store: two would send one journal and print for one visit. It is SQLite's own lock on an empty
 * file beside the store, which the system lets go of with the process, however that ends; readers of the store are not kept out.
 */
export function lockStore(file: string): Result<StoreLock, StoreError> {
  let db: Database.Database | null = null;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const held = new Database(`${file}-lock`, { timeout: 0 });
    db = held;
    held.exec('BEGIN EXCLUSIVE');
    return ok({ release: () => held.close() });
  } catch (error) {
    db?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true) return err(storeError(error));
    return err({
      code: 'store-in-use',
      detail: `another service uses ${file}`,
      remedy: 'end the other one; this one goes on by itself then',
    });
  }
}
