/** A batch so shortly ago, in milliseconds, means that terminals are sending. */
const SENDING_MS = 1000;
/** Then the intake rests this many times as long as it works: the gateway has the processors and the file, and the desk still gets its share. */
const REST = 3;
const LONGEST_REST_MS = 1000;

export interface PaceOptions {
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Rejects when the signal comes first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Holds the intake back while terminals send: they are answered first. */
export class Pace {
  readonly #o: PaceOptions;
  #batchAt = Number.NEGATIVE_INFINITY;

  constructor(o: PaceOptions) {
    this.#o = o;
  }

  /** A batch was taken. */
  batch(): void {
    this.#batchAt = this.#o.now();
  }

  /** After a portion. @param workedMs how long it took */
  async rest(workedMs: number, signal: AbortSignal): Promise<void> {
    if (this.#o.now() - this.#batchAt > SENDING_MS) return;
    await this.#o.sleep(Math.min(workedMs * REST, LONGEST_REST_MS), signal).catch(() => undefined);
  }
}
