import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { err, type Result } from '#contract/result.ts';
import { APPLICATION_ID } from '../store/migrations.ts';
import { type ChainOwner, type ChainRow, SUITE_META, storedSuite } from './chain.ts';

export interface NoJournal {
  readonly code: 'no-journal';
  readonly detail: string;
}

/** A row of the journal with all that is kept of it. */
export interface EntryRow extends ChainRow {
  readonly n: number;
  readonly case_id: string | null;
  readonly answer: 'stored' | 'duplicate' | 'quarantined' | 'carried' | null;
  readonly answer_code: string | null;
  readonly answered_at: string | null;
  /** Absent in a store that no release has opened which compacts. */
  readonly compacted_at?: string | null;
}

/** A store that was opened to be looked at only. */
export interface Reading extends ChainOwner {
  readonly db: Database.Database;
}

/**
 * Opens a store's journal read-only, beside a running service too, hands it to `work`, and closes it. All that `work` reads is of one
 * moment.
 * @throws whatever `work` throws that is not SQLite's
 */
export function readingJournal<T, E>(file: string, work: (reading: Reading) => Result<T, E>): Result<T, E | NoJournal> {
  if (!existsSync(file)) return err({ code: 'no-journal', detail: `there is no store at ${file}` });
  let db: Database.Database;
  try {
    db = new Database(file, { readonly: true });
  } catch {
    return err({ code: 'no-journal', detail: `${file} can't be opened` });
  }
  try {
    return db.transaction((): Result<T, E | NoJournal> => {
      if (Number(db.pragma('application_id', { simple: true })) !== APPLICATION_ID) {
        return err({ code: 'no-journal', detail: `${file} is not a store of this product` });
      }
      const meta = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
      const suite = storedSuite(meta.get(SUITE_META) ?? null);
      if (suite === null) {
        return err({ code: 'no-journal', detail: `the journal in ${file} is of a suite of a newer release` });
      }
      return work({ db, terminal: meta.get('terminal') ?? '', suite });
    })();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return err({ code: 'no-journal', detail: `${file} can't be read (${error.code})` });
  } finally {
    db.close();
  }
}
