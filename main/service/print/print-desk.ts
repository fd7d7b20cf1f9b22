import type { PrintOutcome } from '#contract/devices.ts';
import type { PrintState } from '#contract/visit.ts';
import type { DocumentPrinter, ReceiptPrinter } from '#drivers/index.ts';
import type { AuditEventName } from '../audit-events.ts';
import type { Paper } from '../documents/paper.ts';
import { receiptOf } from '../documents/receipt.ts';
import type { SheetPrinter } from '../documents/typst.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log/log.ts';
import type { Audit } from '../store/audit.ts';
import type { PrintJobRow, PrintJobState, PrintJobs } from '../store/print-jobs.ts';
import { type Store, StoreWriteError } from '../store/store.ts';
import type { Random } from '../time/random.ts';

export interface PrintDeskOptions {
  readonly store: Pick<Store, 'transaction' | 'erasure'>;
  readonly jobs: PrintJobs;
  readonly journal: Pick<Journal, 'append'>;
  readonly audit: Pick<Audit<AuditEventName>, 'record'>;
  readonly receiptPrinter: Pick<ReceiptPrinter, 'print'>;
  readonly documentPrinter: Pick<DocumentPrinter, 'print'>;
  readonly sheets: SheetPrinter;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
}

export interface PrintChange {
  readonly job: string;
  readonly case: string;
  readonly document: Paper['document'];
  readonly print: PrintState;
}

type Outcome = 'confirmed' | 'unknown' | 'failed' | 'held' | 'again';

/**
 * The truth about paper (R25). A row exists before the first byte is sent; only the printer's own answer makes it `confirmed`;
 * pages are rendered from sealed inputs, in memory, at the moment of printing, and their bytes are zeroed after it.
 */
export class PrintDesk {
  readonly #o: PrintDeskOptions;
  readonly #listeners = new Set<(change: PrintChange) => void>();
  readonly #underWay = new Map<string, { readonly abort: AbortController; readonly end: Promise<void> }>();

  constructor(options: PrintDeskOptions) {
    this.#o = options;
  }

  onChange(listener: (change: PrintChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes a job's row; call it inside the transaction that gives the reason for it, and {@link start} after that. */
  plan(caseId: string, paper: Paper): string {
    const id = this.#o.random.uuid();
    this.#o.jobs.insert({ id, caseId, document: paper.document, input: JSON.stringify(paper) });
    return id;
  }

  /** Prints a queued job; what becomes of it is told to the listeners. */
  start(id: string): void {
    const job = this.#o.jobs.find(id);
    if (!job || job.state !== 'queued') return;
    this.#tell(job, { state: 'queued' });
    const abort = new AbortController();
    this.#underWay.set(id, { abort, end: this.#run(job, abort.signal) });
  }

  /** Prints a job again whose outcome was bad or unknown: the torn copy is void. @returns whether that was possible. */
  again(id: string): boolean {
    const job = this.#o.jobs.find(id);
    if (!job || (job.state !== 'failed' && job.state !== 'unknown') || this.#underWay.has(id)) return false;
    this.#record(job, 'queued', 'printed again', 'again');
    this.start(id);
    return true;
  }

  /**
   * At a visit's end and at the service's start: what has not come out is taken out of every spool and kept sealed. What an
   * earlier run of the service was printing when it ended may lie in the tray: its outcome is unknown.
   */
  hold(): void {
    for (const { abort } of this.#underWay.values()) abort.abort();
    this.#guarded(() => {
      const left = this.#o.store.transaction(() =>
        this.#o.jobs.unfinished().map((job) => {
          const lost = job.state === 'printing' && !this.#underWay.has(job.id);
          const state = lost ? 'unknown' : 'held';
          this.#o.jobs.setState(job.id, state, `was ${job.state}`);
          this.#append(job, state);
          return { job, state } as const;
        }),
      );
      for (const { job, state } of left) this.#tell(job, { state });
    });
  }

  /** Waits for what was under way and could not be stopped, so that its outcome is still written down. */
  async idle(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ end }) => end));
  }

  async #run(job: PrintJobRow, signal: AbortSignal): Promise<void> {
    this.#record(job, 'printing', '', null);
    this.#tell(job, { state: 'printing' });
    const outcome = await this.#print(job, signal);
    this.#underWay.delete(job.id);
    this.#settle(job, outcome, signal.aborted);
  }

  #settle(job: PrintJobRow, outcome: PrintOutcome, held: boolean): void {
    // A job that was held meanwhile stays held: that it failed is what was asked for.
    if (held && outcome.outcome === 'failed') return;
    this.#record(job, outcome.outcome, detailOf(outcome), outcome.outcome);
    // Whose paper it was has gone; who stands there now must hear nothing of it (R25).
    if (held) return;
    this.#tell(
      job,
      outcome.outcome === 'failed' ? { state: 'failed', problem: outcome.problem } : { state: outcome.outcome },
    );
  }

  async #print(job: PrintJobRow, signal: AbortSignal): Promise<PrintOutcome> {
    try {
      const input = job.input();
      if (input === null) return { outcome: 'failed', problem: 'fault', why: 'its input was erased' };
      const paper = JSON.parse(input) as Paper;
      if (paper.document === 'receipt') return await this.#o.receiptPrinter.print(receiptOf(paper), signal);
      const pdf = await this.#o.sheets.pdf(paper);
      try {
        return await this.#o.documentPrinter.print({ pdf, name: `${paper.document} ${job.id}`, signal });
      } finally {
        pdf.fill(0);
      }
    } catch (error) {
      this.#o.log.error({
        event: 'print.not-rendered',
        job: job.id,
        error: error instanceof Error ? error.name : 'unknown',
      });
      return { outcome: 'failed', problem: 'fault', why: 'the paper could not be set' };
    }
  }

  #record(job: PrintJobRow, state: PrintJobState, detail: string, outcome: Outcome | null): void {
    const { store, jobs } = this.#o;
    const write = () => {
      jobs.setState(job.id, state, detail);
      if (outcome !== null) this.#append(job, outcome);
    };
    // What a confirmed paper was set from is erased with it.
    this.#guarded(() => (state === 'confirmed' ? store.erasure(write) : store.transaction(write)));
  }

  /** Every outcome goes to the district and into the audit trail, in the transaction that writes it down. */
  #append(job: PrintJobRow, outcome: Outcome): void {
    const { id, caseId, document } = job;
    this.#o.journal.append({ kind: 'print', open: { case: caseId, job: id, document, outcome } });
    this.#o.audit.record({ event: `print.${outcome}`, subject: id, detail: { document, case: caseId } });
  }

  /** A disk that is full must not take the paper's true state off the screen. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'print.not-recorded', code: error.code });
    }
  }

  #tell(job: PrintJobRow, print: PrintState): void {
    const change = { job: job.id, case: job.caseId, document: job.document, print };
    for (const listener of this.#listeners) listener(change);
  }
}

/** What is kept of an outcome stands in plain text: a character that can't be printed is often one of a name. */
function detailOf(outcome: PrintOutcome): string {
  if (outcome.outcome === 'confirmed') return '';
  return outcome.outcome === 'failed' && outcome.problem === 'missing-glyph' ? outcome.problem : outcome.why;
}
