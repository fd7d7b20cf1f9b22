import { createHash } from 'node:crypto';
import type { Clock, Timers } from '#main/service/time/clock.ts';
import { type Random, uuidV7 } from '#main/service/time/random.ts';

/** Time that only the test moves: clock and timers in one, so that they can't disagree. */
export class FakeTime implements Clock, Timers {
  readonly boot = '00000000-0000-4000-8000-000000000001';
  #nowMs = 0;
  readonly #start: number;
  /** Milliseconds by which the wall clock is wrong. */
  wallErrorMs = 0;
  #waiting: { readonly due: number; readonly order: number; readonly ms: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(start = '2026-03-02T09:00:00+08:00') {
    this.#start = Date.parse(start);
  }

  wall(): Date {
    return new Date(this.#start + this.#nowMs + this.wallErrorMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const errand = { due: this.#nowMs + ms, order: this.#order, ms, run };
    this.#waiting.push(errand);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== errand);
    };
  }

  /** The delays that are being waited for. */
  get delays(): number[] {
    return this.#waiting.map((errand) => errand.ms);
  }

  /** Moves to the next errand and runs it. @returns false when none waits. */
  step(): boolean {
    const next = this.#waiting.toSorted((a, b) => a.due - b.due || a.order - b.order)[0];
    if (!next) return false;
    this.#waiting = this.#waiting.filter((other) => other !== next);
    this.#nowMs = Math.max(this.#nowMs, next.due);
    next.run();
    return true;
  }

  /** Lets time pass and runs every errand that falls due. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    while (this.#waiting.some((errand) => errand.due <= end)) this.step();
    this.#nowMs = end;
  }
}

/** Randomness that repeats itself for the same seed. */
export function fakeRandom(clock: Pick<Clock, 'wall'>, seed = 'seed'): Random {
  let drawn = 0;
  const bytes = (n: number): Uint8Array => {
    const out = new Uint8Array(n);
    for (let at = 0; at < n; at += 32) {
      drawn += 1;
      out.set(
        createHash('sha256')
          .update(`${seed}:${drawn}`)
          .digest()
          .subarray(0, Math.min(32, n - at)),
        at,
      );
    }
    return out;
  };
  return { bytes, uuid: () => uuidV7(clock.wall().getTime(), bytes(10)) };
}
