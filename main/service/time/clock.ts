import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Time as the service sees it; handed in, so that tests own it. */
export interface Clock {
  wall(): Date;
  /** Milliseconds since this machine started; never goes back. */
  monotonicMs(): number;
  /** Names this start of the machine. */
  readonly boot: string;
}

/** Runs things later; handed in, so that tests own time. */
export interface Timers {
  /**
   * @param ms 0 = in the next turn, after what is ready now
   * @returns a function that takes the errand back.
   */
  after(ms: number, run: () => void): () => void;
}

export function systemClock(): Clock {
  return {
    wall: () => new Date(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    boot: bootId(),
  };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}

export function systemTimers(): Timers {
  return {
    after(ms, run) {
      if (ms === 0) {
        // A timer never rings within its first millisecond.
        const immediate = setImmediate(run);
        return () => clearImmediate(immediate);
      }
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** All of China keeps UTC+8 and knows no summer time since 1991, so no time-zone data is needed. */
const OFFSET_MS = 8 * 3_600_000;

/** ISO 8601 with `+08:00`, whatever zone the machine is set to. */
export function isoWithOffset(date: Date): string {
  return new Date(date.getTime() + OFFSET_MS).toISOString().replace('Z', '+08:00');
}

/** The day on which `date` falls in China, `YYYY-MM-DD`. */
export function localDay(date: Date): string {
  return isoWithOffset(date).slice(0, 10);
}

/** Milliseconds from `date` to the next local midnight, 1..86 400 000. */
export function untilNextDay(date: Date): number {
  const day = 86_400_000;
  return day - ((((date.getTime() + OFFSET_MS) % day) + day) % day);
}
