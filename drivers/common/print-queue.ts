import type { PrintOutcome } from '#contract/devices.ts';

export function failed(problem: Extract<PrintOutcome, { outcome: 'failed' }>['problem'], why: string): PrintOutcome {
  return { outcome: 'failed', problem, why };
}

/** The outcome of a job that was stopped before its first byte was sent. */
export const STOPPED = failed('paused', 'stopped before anything was printed');
/** The outcome of a job for a printer that stays away. */
export const UNREACHED = failed('away', 'the printer cannot be reached');

/** A job on its way; `done` is called once. */
export interface Queued<Job> {
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly done: (outcome: PrintOutcome) => void;
}

/** Jobs that wait for a printer, first come first printed. One that is aborted while it waits leaves as {@link STOPPED}. */
export class PrintQueue<Job> {
  #waiting: Queued<Job>[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  add(job: Job, given?: AbortSignal): Promise<PrintOutcome> {
    const signal = given ?? new AbortController().signal;
    return new Promise((resolve) => {
      const abort = () => {
        if (this.#remove(queued)) queued.done(STOPPED);
      };
      const queued: Queued<Job> = {
        job,
        signal,
        done: (outcome) => {
          signal.removeEventListener('abort', abort);
          resolve(outcome);
        },
      };
      this.#waiting.push(queued);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  take(): Queued<Job> | undefined {
    return this.#waiting.shift();
  }

  /** Puts a job back of which nothing was sent. */
  putBack(queued: Queued<Job>): void {
    this.#waiting.unshift(queued);
  }

  refuseAll(): void {
    for (const { done } of this.#waiting.splice(0)) done(UNREACHED);
  }

  #remove(queued: Queued<Job>): boolean {
    const at = this.#waiting.indexOf(queued);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }
}
