import { err, ok, type Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { type ChainFault, chainFault, type Link } from './chain.ts';
import { type EntryRow, type NoJournal, type Reading, readingJournal } from './reading.ts';

export interface VerifiedJournal {
  readonly terminal: string;
  readonly suite: Suite;
  readonly entries: number;
  /** Newest incarnation, its last sequence and hash. */
  readonly head: Link | null;
  /** Entries that kept their hashes and let their bodies go. */
  readonly compacted: number;
  readonly unsynced: number;
  readonly quarantined: number;
}

export interface BrokenJournal {
  readonly code: 'journal-broken';
  readonly incarnation: number;
  readonly seq: number;
  readonly why: ChainFault;
}

export type VerifyError = NoJournal | BrokenJournal;

/**
 * Checks every entry of a store's journal from the first: sequence, body hash, chain and entry hash. Read-only, on one snapshot;
 * a running service is not disturbed.
 */
export function verifyJournal(file: string): Result<VerifiedJournal, VerifyError> {
  return readingJournal(file, (reading) => {
    const walked = walkChain(reading, () => undefined);
    if (!walked.ok) return walked;
    const count = (where: string) =>
      reading.db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM entry WHERE ${where}`).get()?.n ?? 0;
    return ok({
      terminal: reading.terminal,
      suite: reading.suite,
      ...walked.value,
      unsynced: count('answer IS NULL'),
      quarantined: count("answer = 'quarantined'"),
    });
  });
}

/** Checks every entry from the first, and shows each that holds. */
export function walkChain(
  { db, ...owner }: Reading,
  see: (row: EntryRow) => void,
): Result<Pick<VerifiedJournal, 'entries' | 'head' | 'compacted'>, BrokenJournal> {
  let entries = 0;
  let compacted = 0;
  let head: Link | null = null;
  const rows = db.prepare<[], EntryRow>('SELECT * FROM entry ORDER BY incarnation, seq');
  for (const row of rows.iterate()) {
    const { incarnation, seq, hash } = row;
    const isCompacted = mayBeCompacted(row);
    const why: ChainFault | null = chainFault(owner, row, head, isCompacted);
    if (why) return err({ code: 'journal-broken', incarnation, seq, why });
    see(row);
    entries += 1;
    if (isCompacted) compacted += 1;
    head = { incarnation, seq, hash };
  }
  return ok({ entries, head, compacted });
}

/** Whether a body may be gone: never that of an entry which the district still has to get or look at. */
function mayBeCompacted({ answer, compacted_at: at }: EntryRow): boolean {
  return typeof at === 'string' && answer !== null && answer !== 'quarantined';
}
