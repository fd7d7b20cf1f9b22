import { setTimeout as pause } from 'node:timers/promises';

const BITS = 10;
/** Bytes that came due while a timer ran late are handed over together. */
const TICK_MS = 2;

/** Carries bytes as a serial line does: ten bits each, one byte after the other. */
export class Pace {
  readonly #bytesPerMs: number;
  #last: Promise<void> = Promise.resolve();

  constructor(baud: number) {
    this.#bytesPerMs = baud / BITS / 1000;
  }

  /** Hands the bytes over while their time passes; ends with the last one, after all that were given before. */
  carry(bytes: Uint8Array, over: (part: Uint8Array) => void): Promise<void> {
    this.#last = this.#carry(this.#last, bytes, over);
    return this.#last;
  }

  async #carry(before: Promise<void>, bytes: Uint8Array, over: (part: Uint8Array) => void): Promise<void> {
    await before;
    const began = performance.now();
    for (let carried = 0; carried < bytes.length; ) {
      const left = (bytes.length - carried) / this.#bytesPerMs;
      await pause(Math.max(1, Math.min(TICK_MS, left)));
      const due = Math.min(bytes.length, Math.floor((performance.now() - began) * this.#bytesPerMs));
      if (due > carried) over(bytes.subarray(carried, due));
      carried = Math.max(carried, due);
    }
  }
}
