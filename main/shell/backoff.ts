export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Who lived this long was healthy: the next delay is the first one again. */
  readonly healthyMs: number;
}

/** A restart costs little and a dead screen much: a resident who waits is served again within seconds. */
const RESTART: BackoffOptions = { firstMs: 300, mostMs: 5_000, healthyMs: 5_000 };

/** Delays between restarts: the first doubles up to the most, and health begins anew. */
export class Backoff {
  readonly #options: BackoffOptions;
  #next: number;

  constructor(options: BackoffOptions = RESTART) {
    this.#options = options;
    this.#next = options.firstMs;
  }

  /** @returns milliseconds to wait, for something that has just died after `livedMs`. */
  delay(livedMs: number): number {
    const { firstMs, mostMs, healthyMs } = this.#options;
    const delay = livedMs >= healthyMs ? firstMs : this.#next;
    this.#next = Math.min(delay * 2, mostMs);
    return delay;
  }
}
