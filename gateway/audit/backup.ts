import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { isGatewayStore } from '../store/sqlite-schema.ts';

/** All that is left, in one step. */
const EVERY_PAGE = 0x7fff_ffff;

export interface Backup {
  readonly file: string;
  readonly epoch: string;
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Copies a SQLite store beside gateways that write to it: one moment of it, checked and on the disk before the file has its name.
 * @param to a file that isn't there yet; it holds everything, without others beside it.
 * @throws Error when there is no store, the file exists, or the copy is not sound.
 */
export async function backupSqlite(path: string, to: string): Promise<Backup> {
  if (!existsSync(path)) throw new Error(`there is no store at ${path}`);
  if (existsSync(to)) throw new Error(`${to} is there already; give each backup its own name`);
  const draft = `${to}.${randomUUID()}.part`;
  // SQLite would make it readable for everyone.
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    await copy(path, draft);
    const { epoch, entries, bytes } = checkedCopy(draft);
    sync(draft);
    linkSync(draft, to);
    return { file: to, epoch, entries, bytes };
  } finally {
    rmSync(draft);
    sync(dirname(to));
  }
}

async function copy(path: string, draft: string): Promise<void> {
  const db = new Database(path, { readonly: true });
  try {
    // Between two steps another process may write, and SQLite would begin again: under load it would never end.
    await db.backup(draft, { progress: () => EVERY_PAGE });
  } finally {
    db.close();
  }
}

/** @throws Error when the copy could not be served. */
function checkedCopy(draft: string): Omit<Backup, 'file'> {
  const db = new Database(draft);
  try {
    // One file, also for whoever only opens it to read.
    db.pragma('journal_mode = DELETE');
    const found = db.pragma('integrity_check', { simple: true });
    if (found !== 'ok' || !isGatewayStore(db))
      throw new Error('the copy is not sound; the store itself may be damaged');
    const one = (sql: string) => db.prepare(sql).pluck().get();
    return {
      epoch: String(one("SELECT value FROM facts WHERE name = 'epoch'")),
      entries: Number(one("SELECT count(*) FROM entries WHERE state = 'stored'")),
      bytes: Number(one('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')),
    };
  } finally {
    db.close();
  }
}

/** Has what was written to a file, or the names in a folder, on the disk. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
