/** What is known of the district's clock: the terminal's may be a year wrong (sync.md, Clock). */
export class ServerTime {
  #offsetMs: number | null;
  readonly #keep: (offsetMs: number) => void;

  /** @param keep is told each changed offset, to survive a restart. */
  constructor(offsetMs: number | null, keep: (offsetMs: number) => void) {
    this.#offsetMs = offsetMs;
    this.#keep = keep;
  }

  /** Milliseconds to add to the wall clock for the district's time; null when never known. */
  get offsetMs(): number | null {
    return this.#offsetMs;
  }

  /** The district said `server` when the wall clock said `wall`. Differences below a second are the network's. */
  learn(server: Date, wall: Date): void {
    const offsetMs = Math.round(server.getTime() - wall.getTime());
    if (this.#offsetMs !== null && Math.abs(offsetMs - this.#offsetMs) < 1_000) return;
    this.#offsetMs = offsetMs;
    this.#keep(offsetMs);
  }

  /** The district's time as far as it is known. */
  now(wall: Date): Date {
    return new Date(wall.getTime() + (this.#offsetMs ?? 0));
  }
}
