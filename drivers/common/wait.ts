import type { Timers } from './port.ts';

/** Waits; ends early, without an error, when the signal is aborted. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) {
      done();
      return;
    }
    const cancel = timers.after(ms, () => end());
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      done();
    };
    signal.addEventListener('abort', end);
  });
}

/** A wait that a call to {@link Alarm.ring} ends at once; a ring before the wait counts for it. */
export class Alarm {
  #rung = false;
  #end: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#end?.();
  }

  /** Forgets a ring that was heard. */
  clear(): void {
    this.#rung = false;
  }

  async wait(timers: Timers, ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((done) => {
        const cancel = timers.after(ms, done);
        this.#end = () => {
          cancel();
          done();
        };
      });
      this.#end = undefined;
    }
    this.#rung = false;
  }
}
