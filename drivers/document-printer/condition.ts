import type { PrinterState } from '#contract/devices.ts';
import { type IppAnswer, numberOf, valuesOf, wordsOf } from './ipp.ts';
import { BLOCKS, IPP_URI, LOW, PRINTER_STATE, STOPPED, TAKEN, UNREACHABLE, UNREACHED } from './protocol.ts';

/** What a printer's own attributes mean for whoever wants to print. */
export function condition(answer: IppAnswer): Exclude<PrinterState, { state: 'printing' }> {
  // The severity is left out: printers report an empty tray as a mere warning, and idle, and yet print nothing.
  const words = wordsOf(answer, 'printer-state-reasons');
  const reasons = new Set(words.map((word) => word.replace(/-(report|warning|error)$/, '')));
  const stopped = numberOf(answer, 'printer-state') === PRINTER_STATE.stopped;
  const block = BLOCKS.find(([reason]) => reasons.has(reason));
  if (block) return { state: 'blocked', ...block[1] };
  if (reasons.has('offline') || (stopped && UNREACHABLE.some((reason) => reasons.has(reason)))) return OFFLINE;
  if (stopped) return { state: 'blocked', ...STOPPED };
  if (valuesOf(answer, 'printer-is-accepting-jobs')[0] === false) {
    return { state: 'blocked', problem: 'paused', remedy: 'let the printer’s queue accept jobs again' };
  }
  return { state: 'ready', low: [...new Set([...reasons].flatMap((reason) => LOW[reason] ?? []))] };
}

/**
 * Whether what blocks the printer is only what CUPS remembers of its last job: an idle queue does not look at its printer. A tray
 * that was filled since stays `media-empty`, and a printer that was switched on since stays `offline`, until the next job. So that
 * job is sent, and tells what is true.
 */
export function remembersOnly(answer: IppAnswer): boolean {
  const accepts = valuesOf(answer, 'printer-is-accepting-jobs')[0] !== false;
  const idle = numberOf(answer, 'printer-state') === PRINTER_STATE.idle;
  return isCups(answer) && idle && accepts && !wordsOf(answer, 'printer-state-reasons').includes('paused');
}

/**
 * Whether a queue of CUPS does not reach the IPP printer behind it for the job that it processes. Its back end gives no reason for
 * that and tries again for days: there is only its message. The message may outlive its truth until the printer has the job.
 */
export function isUnreached(answer: IppAnswer): boolean {
  const speaksIpp = wordsOf(answer, 'device-uri').some((uri) => IPP_URI.test(uri));
  const processing = numberOf(answer, 'printer-state') === PRINTER_STATE.processing;
  const unreached = wordsOf(answer, 'printer-state-message').some((message) => UNREACHED.test(message));
  const taken = wordsOf(answer, 'printer-state-reasons').includes(TAKEN);
  return isCups(answer) && speaksIpp && processing && unreached && !taken;
}

/** CUPS alone tells its version. */
export function isCups(said: IppAnswer): boolean {
  return wordsOf(said, 'cups-version').length > 0;
}

export const OFFLINE = {
  state: 'away',
  why: 'offline',
  remedy: 'switch the printer on and check its cable; its queue cannot reach it',
} as const;
