import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { GENESIS_HASH } from '#contract/wire.ts';
import { APPLICATION_ID } from '../store/migrations.ts';
import { bodyHash, type ChainOwner, type ChainRow, entryHash, SUITE_META, storedSuite } from './chain.ts';

export interface VerifiedJournal {
  readonly terminal: string;
  readonly suite: Suite;
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
  const meta = (key: string) =>
    db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? null;
  const terminal = meta('terminal') ?? '';
  const suite = storedSuite(meta(SUITE_META));
  if (suite === null)
    return err({ code: 'no-journal', detail: `the journal in ${file} is of a suite of a newer release` });
  let entries = 0;
  let head: VerifiedJournal['head'] = null;
  const rows = db.prepare<[], ChainRow>('SELECT * FROM entry ORDER BY incarnation, seq');
  for (const row of rows.iterate()) {
    const same: boolean = head?.incarnation === row.incarnation;
    const before: { seq: number; hash: string } = same && head ? head : { seq: 0, hash: GENESIS_HASH };
    const why = fault({ terminal, suite }, row, before);
    if (why) return err({ code: 'journal-broken', incarnation: row.incarnation, seq: row.seq, why });
    entries += 1;
    head = { incarnation: row.incarnation, seq: row.seq, hash: row.hash };
  }
  const count = (where: string) =>
    db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM entry WHERE ${where}`).get()?.n ?? 0;
  return ok({
    terminal,
    suite,
    entries,
    head,
    unsynced: count('answer IS NULL'),
    quarantined: count("answer = 'quarantined'"),
  });
}

function fault(owner: ChainOwner, row: ChainRow, before: { seq: number; hash: string }) {
  if (row.seq !== before.seq + 1) return 'gap';
  if (bodyHash(owner.suite, row.body) !== row.body_hash) return 'body-altered';
  if (row.prev_hash !== before.hash) return 'chain-broken';
  if (entryHash(owner, row) !== row.hash) return 'entry-altered';
  return null;
}
