/**
 * What Chromium itself says of a touch: how long it took from the finger to the picture that answers it (Event Timing). It counts in
 * steps of 8 ms and tells nothing below 16, which is then taken as 16.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';

const LEAST_MS = 16;

interface Timing extends PerformanceEntry {
  readonly interactionId: number;
}

declare global {
  interface Window {
    touched?: { id: number; ms: number }[];
  }
}

/** Begins to keep what the page is told of touches. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate((least) => {
    if (window.touched) return;
    const touched: { id: number; ms: number }[] = [];
    window.touched = touched;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Timing[]) {
        if (entry.interactionId > 0) touched.push({ id: entry.interactionId, ms: entry.duration });
      }
    }).observe({ type: 'event', durationThreshold: least } as PerformanceObserverInit);
  }, LEAST_MS);
}

/** Milliseconds of each of the `made` touches since it was asked last: the longest of a touch's events. */
export async function takeTouches(page: Page, made: number): Promise<number[]> {
  // The observer hears of an event after its frame.
  await pause(250);
  const entries = await page.evaluate(() => (window.touched ?? []).splice(0));
  const slowest = new Map<number, number>();
  for (const { id, ms } of entries) slowest.set(id, Math.max(ms, slowest.get(id) ?? 0));
  const told = [...slowest.values()];
  return [...told, ...Array.from({ length: Math.max(0, made - told.length) }, () => LEAST_MS)];
}
