import Database from 'better-sqlite3';

/** Why the store is not opened. Nothing was moved or changed: a person decides. */
export interface StoreError {
  readonly code: 'store-newer' | 'store-damaged' | 'store-in-use' | 'disk-full' | 'store-failed';
  /** For staff; no personal data. */
  readonly detail: string;
  readonly remedy: string;
}

/** Thrown inside {@link Store.transaction}, which rolls everything back: the disk is full or fails. */
export class StoreWriteError extends Error {
  readonly code: 'disk-full' | 'store-failed';

  constructor(code: 'disk-full' | 'store-failed', detail: string) {
    super(detail);
    this.name = 'StoreWriteError';
    this.code = code;
  }
}

/** SQLite's name of an error, or null when the error is not SQLite's. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof Database.SqliteError ? error.code : null;
}

export const DISK_FULL: StoreError = {
  code: 'disk-full',
  detail: 'the disk is full',
  remedy: 'make room on the disk that holds the data folder',
};

/** Names what SQLite, the file system or a {@link StoreWriteError} says in our words. */
export function storeError(error: unknown): StoreError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'disk-full') return DISK_FULL;
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return { code: 'store-damaged', detail: `the store can't be read (${code})`, remedy: DAMAGED };
  }
  return {
    code: 'store-failed',
    detail: `the store can't be used (${code})`,
    remedy: 'check the disk and the rights of the data folder, then start again',
  };
}

export const DAMAGED =
  'keep the data folder as it is and call the vendor: a backup is restored by a person, never by itself';
