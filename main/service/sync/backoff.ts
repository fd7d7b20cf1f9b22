import { fraction, type Random } from '../time/random.ts';

/**
 * Full jitter: a random time below a window that doubles with each failure up to `capMs`, so that many terminals that lost the
 * same gateway do not come back as one.
 * @param failures 1 for the first
 */
export function backoffMs(failures: number, o: { baseMs: number; capMs: number; random: Random }): number {
  const windowMs = Math.min(o.capMs, o.baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fraction(o.random) * windowMs);
}

/** No answer may keep a terminal silent for longer. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3) as milliseconds from `now`; null when there is none to be read. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
