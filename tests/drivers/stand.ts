import { err, ok } from '#contract/result.ts';
import type { Timers } from '#drivers/common/port.ts';
import type { Connect, Transport } from '#drivers/common/wire.ts';

/** Time that passes only when nothing else is to be done. */
export class VirtualTimers implements Timers {
  now = 0;
  #waiting: { at: number; run: () => void }[] = [];

  get pending(): number {
    return this.#waiting.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  }

  /** Lets time pass until the promise settles. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const end = () => {
      settled = true;
    };
    promise.then(end, end);
    for (let steps = 0; ; steps += 1) {
      for (let i = 0; i < 5; i += 1) await new Promise((done) => setImmediate(done));
      if (settled) return promise;
      const next = this.#waiting.toSorted((a, b) => a.at - b.at)[0];
      if (!next || steps > 50_000) throw new Error(`nothing more will happen (at ${this.now} ms)`);
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
  }

  /** Lets so much time pass. */
  pass(ms: number): Promise<void> {
    return this.until(new Promise((done) => this.after(ms, done)));
  }
}

/** A wire in memory: the test plays the device at its other end. */
export class Wire {
  /** Bytes from the driver, as it wrote them. */
  readonly written: Uint8Array[] = [];
  /** Rates that it was opened with. */
  readonly rates: number[] = [];
  plugged = true;
  /** The device's part: called with each write, at the present rate. */
  heard: (bytes: Uint8Array, baud: number) => void = () => undefined;
  #data: ((bytes: Uint8Array) => void) | undefined;
  #closed: (() => void) | undefined;

  readonly connect: Connect = async (baud) => {
    this.rates.push(baud);
    if (!this.plugged) return err({ why: 'port-missing', remedy: 'plug it in' });
    const transport: Transport = {
      write: (bytes) => {
        this.written.push(bytes);
        queueMicrotask(() => this.heard(bytes, baud));
      },
      onData: (listener) => {
        this.#data = listener;
      },
      onClose: (listener) => {
        this.#closed = listener;
      },
      close: async () => this.#end(),
    };
    return ok(transport);
  };

  /** Sends to the driver. */
  say(bytes: ArrayLike<number>): void {
    this.#data?.(Uint8Array.from(bytes));
  }

  unplug(): void {
    this.plugged = false;
    this.#end();
  }

  #end(): void {
    const closed = this.#closed;
    this.#closed = undefined;
    this.#data = undefined;
    closed?.();
  }
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}
