import { createHash } from 'node:crypto';

/** Lines of a run that are kept for whoever looks at a failure. */
const KEPT = 60;

/** What happened, line by line; the hash of all lines tells whether two runs were the same. */
export class Events {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  readonly #trace: (line: string) => void;
  #lines = 0;

  /** @param trace hears every line. */
  constructor(trace: (line: string) => void) {
    this.#trace = trace;
  }

  add(nowMs: number, who: string, what: string): void {
    const line = `${(nowMs / 1000).toFixed(3)} ${who}: ${what}`;
    this.#lines += 1;
    this.#hash.update(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > KEPT) this.#last.shift();
    this.#trace(line);
  }

  get lines(): number {
    return this.#lines;
  }

  get last(): readonly string[] {
    return this.#last;
  }

  /** Ends the log. @returns the hash of all lines. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
