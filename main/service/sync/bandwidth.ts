import type { Clock } from '../time/clock.ts';

/** Up to so many seconds that nothing went are made up for at once. */
const BURST_SECONDS = 1;
/** A batch takes no more than this many seconds of what the line may carry, so that a slow line is never held for long. */
const BATCH_SECONDS = 5;

/**
 * A bucket of bytes that fills at the rate that is allowed. What goes out is taken from it even when it is empty, and batches wait until
 * it is no longer in debt; heartbeats, which are small, never wait.
 */
export class Bandwidth {
  /** Null for no limit. */
  readonly #bytesPerSecond: number | null;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #bytes: number;
  #atMs: number;

  constructor(bytesPerSecond: number | null, clock: Pick<Clock, 'monotonicMs'>) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#clock = clock;
    this.#bytes = (bytesPerSecond ?? 0) * BURST_SECONDS;
    this.#atMs = clock.monotonicMs();
  }

  /** The most bytes that a batch should have, before compression. */
  get batchBytes(): number {
    return this.#bytesPerSecond === null ? Number.POSITIVE_INFINITY : this.#bytesPerSecond * BATCH_SECONDS;
  }

  spend(bytes: number): void {
    if (this.#bytesPerSecond === null) return;
    this.#fill(this.#bytesPerSecond);
    this.#bytes -= bytes;
  }

  /** Milliseconds until the next batch may go; 0 for now. */
  get waitMs(): number {
    if (this.#bytesPerSecond === null) return 0;
    this.#fill(this.#bytesPerSecond);
    return this.#bytes >= 0 ? 0 : Math.ceil((-this.#bytes / this.#bytesPerSecond) * 1000);
  }

  #fill(bytesPerSecond: number): void {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#atMs) / 1000) * bytesPerSecond;
    this.#atMs = nowMs;
    this.#bytes = Math.min(bytesPerSecond * BURST_SECONDS, this.#bytes + gained);
  }
}
