import type { ScreenEvent } from '#contract/calls.ts';

type Snapshot = Extract<ScreenEvent, { event: 'terminal' | 'visit' }>;

/**
 * Tells the screen no more than it needs: a snapshot stands for all before it, so of those that one turn of the loop brings only the
 * last goes out, and a terminal that is as it was told is not told again.
 */
export class ScreenFeed {
  readonly #send: (event: ScreenEvent) => void;
  readonly #waiting = new Map<Snapshot['event'], Snapshot>();
  #soon: NodeJS.Immediate | null = null;
  /** The terminal as it was told last. */
  #told = '';

  constructor(send: (event: ScreenEvent) => void) {
    this.#send = send;
  }

  push(event: ScreenEvent): void {
    if (event.event === 'terminal' || event.event === 'visit') {
      this.#waiting.set(event.event, event);
      this.#soon ??= setImmediate(() => this.flush());
      return;
    }
    // What was shown before a wipe must not come after it.
    if (event.event === 'wiped') this.flush();
    this.#send(event);
  }

  /** A page asks that has heard nothing yet. */
  renew(): void {
    this.#told = '';
  }

  /** Sends what waits. A visit goes after the terminal that it is on. */
  flush(): void {
    if (this.#soon) clearImmediate(this.#soon);
    this.#soon = null;
    const waiting = [this.#waiting.get('terminal'), this.#waiting.get('visit')];
    this.#waiting.clear();
    for (const event of waiting) if (event && this.#isNews(event)) this.#send(event);
  }

  #isNews(event: Snapshot): boolean {
    if (event.event === 'visit') return true;
    const text = JSON.stringify(event);
    if (text === this.#told) return false;
    this.#told = text;
    return true;
  }
}
