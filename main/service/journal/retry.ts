import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#contract/result.ts';
import type { AuditEventName } from '../audit-events.ts';
import { type StoreError, sqliteCode, storeError } from '../store/errors.ts';
import { APPLICATION_ID, RELEASE } from '../store/migrations.ts';
import { isoWithOffset } from '../time/clock.ts';
import type { NoJournal } from './reading.ts';

export interface Retried {
  readonly incarnation: number;
  readonly seq: number;
  /** UUID of the entry. */
  readonly id: string;
}

export type RetryError =
  | NoJournal
  | StoreError
  | { readonly code: 'nothing-to-retry'; readonly detail: string }
  /** Several incarnations have such an entry there. */
  | { readonly code: 'ambiguous'; readonly detail: string };

/** Milliseconds that a service in the middle of a transaction is waited for. */
const BUSY_MS = 5_000;

/**
 * Lets an entry wait for the district again, in one durable transaction beside the service, which finds it at its next look: one in
 * quarantine, or else one that was delivered, since the district's intake may have found only later that it can't use it. What is sent are
 * the same frozen bytes: it helps where the district was mended.
 */
export function retryEntry(o: {
  readonly file: string;
  readonly seq: number;
  /** Any when it is not given. */
  readonly incarnation?: number;
  readonly at: Date;
}): Result<Retried, RetryError> {
  const { file } = o;
  if (!existsSync(file)) return err({ code: 'no-journal', detail: `there is no store at ${file}` });
  let db: Database.Database | null = null;
  try {
    const opened = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
    db = opened;
    if (Number(opened.pragma('application_id', { simple: true })) !== APPLICATION_ID) {
      return err({ code: 'no-journal', detail: `${file} is not a store of this product` });
    }
    opened.pragma('synchronous = FULL');
    return opened.transaction(() => retryIn(opened, o)).immediate();
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return err(storeError(error));
  } finally {
    db?.close();
  }
}

/** As {@link retryEntry}, within a transaction of whoever has the store open. */
export function retryIn(
  db: Database.Database,
  o: { readonly seq: number; readonly incarnation?: number; readonly at: Date },
): Result<Retried, RetryError> {
  const least = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'least-release'").pluck().get();
  if (Number(least ?? 0) > RELEASE) {
    return err({
      code: 'store-newer',
      detail: `the store needs release ${least}, this is release ${RELEASE}`,
      remedy: 'use the command of the newer release',
    });
  }
  const answered = db
    .prepare<[number], Retried & { answer: string }>(
      // From one incarnation to the next along the index: the service waits meanwhile, and the journal may be long.
      `WITH RECURSIVE incarnations (i) AS (SELECT min(incarnation) FROM entry
         UNION ALL SELECT (SELECT min(incarnation) FROM entry WHERE incarnation > i) FROM incarnations WHERE i IS NOT NULL)
       SELECT incarnation, seq, id, answer FROM incarnations CROSS JOIN entry ON incarnation = i AND seq = ?
       WHERE answer IN ('stored', 'duplicate', 'quarantined') AND compacted_at IS NULL ORDER BY incarnation`,
    )
    .all(o.seq)
    .filter(({ incarnation }) => o.incarnation === undefined || incarnation === o.incarnation);
  const quarantined = answered.filter(({ answer }) => answer === 'quarantined');
  const found = quarantined.length > 0 ? quarantined : answered;
  const [entry, other] = found;
  if (!entry) {
    const detail = `no entry ${o.seq} is in quarantine, or delivered and not compacted`;
    return err({ code: 'nothing-to-retry', detail });
  }
  if (other) {
    const incarnations = found.map(({ incarnation }) => incarnation).join(' and ');
    return err({ code: 'ambiguous', detail: `incarnations ${incarnations} have such an entry ${o.seq}` });
  }
  const { incarnation, seq, id } = entry;
  db.prepare<[number, number]>(
    'UPDATE entry SET answer = NULL, answer_code = NULL, answered_at = NULL WHERE incarnation = ? AND seq = ?',
  ).run(incarnation, seq);
  db.prepare('INSERT INTO audit (at, event, subject, detail) VALUES (?, ?, ?, ?)').run(
    isoWithOffset(o.at),
    'journal.retried' satisfies AuditEventName,
    id,
    JSON.stringify({ incarnation, seq }),
  );
  return ok({ incarnation, seq, id });
}
