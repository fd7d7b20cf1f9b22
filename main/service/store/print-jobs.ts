import type { Vault } from '../sealing/vault.ts';
import { type Clock, isoWithOffset } from '../time/clock.ts';
import type { Store } from './store.ts';

type PrintDocument = 'receipt' | 'certificate' | 'acceptance-notice';
export type PrintJobState = 'queued' | 'printing' | 'confirmed' | 'unknown' | 'failed' | 'held';

export interface NewPrintJob {
  /** UUID. */
  readonly id: string;
  readonly caseId: string;
  readonly document: PrintDocument;
  /** What the document is rendered from, as JSON; sealed before it reaches the disk. */
  readonly input: string;
}

export interface PrintJobRow {
  readonly id: string;
  readonly caseId: string;
  readonly document: PrintDocument;
  readonly state: PrintJobState;
  /** Why, for staff; no personal data. */
  readonly detail: string;
  /** Null once the paper is known to be out. */
  readonly input: () => string | null;
}

interface Row {
  id: string;
  case_id: string;
  document: PrintDocument;
  state: PrintJobState;
  detail: string;
  sealed_input: Uint8Array | null;
}

const COLUMNS = 'id, case_id, document, state, detail, sealed_input';

/** Print jobs: a row is there before the first byte is sent (print job truth). */
export class PrintJobs {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #clock: Clock;

  constructor(store: Store, vault: Vault, clock: Clock) {
    this.#store = store;
    this.#vault = vault;
    this.#clock = clock;
  }

  insert(job: NewPrintJob): void {
    this.#store
      .sql(
        `INSERT INTO print_job (id, case_id, document, state, detail, sealed_input, changed_at)
         VALUES (?, ?, ?, 'queued', '', ?, ?)`,
      )
      .run(job.id, job.caseId, job.document, this.#vault.seal(job.input, aad(job.id)), this.#now());
  }

  /** A confirmed job stays confirmed, and its input is erased. @throws Error when it was confirmed before or is not there. */
  setState(id: string, state: PrintJobState, detail = ''): void {
    const { changes } = this.#store
      .sql(
        `UPDATE print_job SET state = @state, detail = @detail, changed_at = @at,
           sealed_input = CASE @state WHEN 'confirmed' THEN NULL ELSE sealed_input END
         WHERE id = @id AND state <> 'confirmed'`,
      )
      .run({ id, state, detail, at: this.#now() });
    if (changes !== 1) throw new Error(`print job ${id} can't become ${state}`);
  }

  find(id: string): PrintJobRow | null {
    const row = this.#store.sql<[string], Row>(`SELECT ${COLUMNS} FROM print_job WHERE id = ?`).get(id);
    return row ? this.#job(row) : null;
  }

  /** In the order they were made. */
  ofCase(caseId: string): PrintJobRow[] {
    return this.#store
      .sql<[string], Row>(`SELECT ${COLUMNS} FROM print_job WHERE case_id = ? ORDER BY n`)
      .all(caseId)
      .map((row) => this.#job(row));
  }

  /** Jobs that have not come out, in the order they were made. One whose outcome is unknown may lie in the tray. */
  unfinished(): PrintJobRow[] {
    return this.#store
      .sql<[], Row>(`SELECT ${COLUMNS} FROM print_job WHERE state IN ('queued', 'printing', 'failed') ORDER BY n`)
      .all()
      .map((row) => this.#job(row));
  }

  #job(row: Row): PrintJobRow {
    const { id, case_id: caseId, document, state, detail, sealed_input: sealed } = row;
    return {
      id,
      caseId,
      document,
      state,
      detail,
      input: () => (sealed === null ? null : Buffer.from(this.#vault.open(sealed, aad(id))).toString('utf8')),
    };
  }

  #now(): string {
    return isoWithOffset(this.#clock.wall());
  }
}

function aad(id: string): string {
  return `print-job:${id}`;
}
