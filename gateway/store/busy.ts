/** How long a store waits for what another process has locked. */
export const BUSY_MS = 5000;

/** Thrown when others hold the store, or its database is away: nothing is known to be taken, and the same may succeed later. */
export class StoreBusy extends Error {
  /** What the database or the network calls it. */
  readonly code: string;

  constructor(code: string) {
    super(`the store is busy or away: ${code}`);
    this.name = 'StoreBusy';
    this.code = code;
  }
}

/** SQLite says so itself, in its error's code. */
export function isBusy(error: unknown): boolean {
  if (error instanceof StoreBusy) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
