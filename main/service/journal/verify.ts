import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import { GENESIS_HASH } from '#contract/wire.ts';
import { APPLICATION_ID } from '../store/migrations.ts';
import { type ChainRow, entryHash, sha256Hex } from './chain.ts';

export interface VerifiedJournal {
  readonly terminal: string;
  readonly entries: number;
  /** Newest incarnation, its last sequence and hash. */
  readonly head: { readonly incarnation: number; readonly seq: number; readonly hash: string } | null;
  readonly unsynced: number;
  readonly quarantined: number;
}

export type VerifyError =
  | { readonly code: 'no-journal'; readonly detail: string }
  | {
      readonly code: 'journal-broken';
      readonly incarnation: number;
      readonly seq: number;
      readonly why: 'gap' | 'body-altered' | 'chain-broken' | 'entry-altered';
    };

/**
 * Checks every entry of a store's journal from the first: sequence, body hash, chain and entry hash. Read-only, on one snapshot;
 * a running service is not disturbed.
 */
export function verifyJournal(file: string): Result<VerifiedJournal, VerifyError> {
  if (!existsSync(file)) return err({ code: 'no-journal', detail: `there is no store at ${file}` });
  let db: Database.Database;
  try {
    db = new Database(file, { readonly: true });
  } catch {
    return err({ code: 'no-journal', detail: `${file} can't be opened` });
  }
  try {
    return db.transaction(() => verify(db, file))();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return err({ code: 'no-journal', detail: `${file} can't be read (${error.code})` });
  } finally {
    db.close();
  }
}

function verify(db: Database.Database, file: string): Result<VerifiedJournal, VerifyError> {
  if (Number(db.pragma('application_id', { simple: true })) !== APPLICATION_ID) {
    return err({ code: 'no-journal', detail: `${file} is not a store of this product` });
  }
  const terminal =
    db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'terminal'").get()?.value ?? '';
  let entries = 0;
  let head: VerifiedJournal['head'] = null;
  const rows = db.prepare<[], ChainRow>('SELECT * FROM entry ORDER BY incarnation, seq');
  for (const row of rows.iterate()) {
    const same: boolean = head?.incarnation === row.incarnation;
    const before: { seq: number; hash: string } = same && head ? head : { seq: 0, hash: GENESIS_HASH };
    const why = fault(terminal, row, before);
    if (why) return err({ code: 'journal-broken', incarnation: row.incarnation, seq: row.seq, why });
    entries += 1;
    head = { incarnation: row.incarnation, seq: row.seq, hash: row.hash };
  }
  const count = (where: string) =>
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM entry WHERE ${where}`).get()?.n ?? 0;
  return ok({
    terminal,
    entries,
    head,
    unsynced: count('answer IS NULL'),
    quarantined: count("answer = 'quarantined'"),
  });
}

function fault(terminal: string, row: ChainRow, before: { seq: number; hash: string }) {
  if (row.seq !== before.seq + 1) return 'gap';
  if (sha256Hex(row.body) !== row.body_hash) return 'body-altered';
  if (row.prev_hash !== before.hash) return 'chain-broken';
  if (entryHash(terminal, row) !== row.hash) return 'entry-altered';
  return null;
}
