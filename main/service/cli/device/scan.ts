import type { Connection } from '#contract/connection.ts';
import type { Scan } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { openScanner, type Scanner } from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';
import { named } from './present.ts';

/** Waits for one scan. */
export function scanOnce(o: { connection: Connection; timeout: number }): Promise<Result<Scan, CommandError>> {
  return scanOn(openScanner({ connection: o.connection }), o.timeout);
}

/** Waits for a scan, then lets go of the scanner. */
export async function scanOn(scanner: Scanner, timeoutMs: number): Promise<Result<Scan, CommandError>> {
  const { promise, resolve } = Promise.withResolvers<Scan | null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  scanner.onScan((scan) => {
    resolve(scan.reveal());
    scan.wipe();
  });
  try {
    const scan = await promise;
    if (scan) return ok(scan);
    const { state } = scanner;
    if (state.state === 'away') return err(named({ code: 'away', ...state }));
    return err({
      code: 'no-scan',
      detail: 'nothing was scanned in time',
      remedy: 'hold a code in front of the scanner',
    });
  } finally {
    clearTimeout(timer);
    await scanner.close();
  }
}
