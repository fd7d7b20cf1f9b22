import type { Connection } from '#contract/connection.ts';
import type { CameraState, PrinterState, ReaderState, ScannerState } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { openCamera } from './camera/index.ts';
import { type Device, systemTimers, type Timers } from './common/port.ts';
import type { Supply } from './document-printer/capabilities.ts';
import { openDocumentPrinter } from './document-printer/index.ts';
import { isKnownReader } from './id-card/hid.ts';
import { openIdCardReader } from './id-card/index.ts';
import { openReceiptPrinter } from './receipt-printer/index.ts';
import { openScanner } from './scanner/index.ts';

/** What answers at a connection, and how it is. */
export type DeviceStatus =
  | { readonly device: 'id-card'; readonly state: ReaderState; readonly samId: string | null }
  | { readonly device: 'receipt-printer'; readonly state: PrinterState }
  | { readonly device: 'document-printer'; readonly state: PrinterState; readonly supplies: readonly Supply[] }
  | { readonly device: 'scanner'; readonly state: ScannerState }
  | { readonly device: 'camera'; readonly state: CameraState };

/** Nothing at the connection answers as a device that we know. */
export interface NoDevice {
  readonly code: 'away';
  readonly why: string;
  readonly remedy: string;
}

/**
 * Finds out what stands at a connection (`yichuang device status`); each class of device is tried for at most `timeoutMs`.
 * A receipt printer is asked before a reader: to a reader its question is noise, the reader's would be printed.
 */
export async function deviceStatus(
  connection: Connection,
  { timeoutMs = 6_000, timers = systemTimers() }: { timeoutMs?: number; timers?: Timers } = {},
): Promise<Result<DeviceStatus, NoDevice>> {
  const options = { connection, timers };
  if (connection.by === 'ipp') {
    const printer = openDocumentPrinter({ ...options, looksOnly: true });
    const state = await reached(printer, timeoutMs, timers, isThere);
    const supplies = state.state === 'away' ? [] : await printer.supplies();
    await printer.close();
    return state.state === 'away' ? away(state) : ok({ device: 'document-printer', state, supplies });
  }
  if (connection.by === 'video') {
    const state = await settled(openCamera(options), timeoutMs, timers, () => true);
    return state.state === 'away' ? away(state) : ok({ device: 'camera', state });
  }
  if (isScanners(connection)) {
    const state = await settled(openScanner(options), timeoutMs, timers, () => true);
    return state.state === 'away' ? away(state) : ok({ device: 'scanner', state });
  }
  // No printer is reached by its vendor and product.
  if (connection.by !== 'hid' && connection.by !== 'usb') {
    const state = await settled(
      openReceiptPrinter({ ...options, paperMm: 80, looksOnly: true }),
      timeoutMs,
      timers,
      () => true,
    );
    if (state.state !== 'away') return ok({ device: 'receipt-printer', state });
    if (state.why !== 'no-answer') return away(state);
  }
  const reader = openIdCardReader(options);
  const found = await settled(reader, timeoutMs, timers, isThere);
  return found.state === 'away' ? away(found) : ok({ device: 'id-card', state: found, samId: reader.samId() });
}

/** What types is a scanner, and so is what is on HID and no reader that is known. */
function isScanners(connection: Connection): boolean {
  if (connection.by === 'hid') return !isKnownReader(connection.vendor, connection.product);
  return connection.by === 'keyboard';
}

function away({ why, remedy }: { why: string; remedy: string }): Result<never, NoDevice> {
  return err({ code: 'away', why, remedy });
}

/** Reasons to go on waiting. */
const WAITING: ReadonlySet<string> = new Set(['connecting', 'no-answer', 'garbled', 'port-closed']);

/** A reader may leave the first questions unanswered: silence is no verdict before the time is over, a missing port is. */
function isThere(state: ReaderState | PrinterState): boolean {
  return state.state !== 'away' || !WAITING.has(state.why);
}

/** As {@link reached}; the device is closed then. */
async function settled<State extends { readonly state: string }>(
  device: Device<State>,
  ...when: [timeoutMs: number, timers: Timers, enough: (state: State) => boolean]
): Promise<State> {
  const state = await reached(device, ...when);
  await device.close();
  return state;
}

/** The first state that is `enough`, or the one after `timeoutMs`. */
async function reached<State extends { readonly state: string }>(
  device: Device<State>,
  timeoutMs: number,
  timers: Timers,
  enough: (state: State) => boolean,
): Promise<State> {
  await new Promise<void>((done) => {
    const cancel = timers.after(timeoutMs, done);
    device.onState((state) => {
      if (!enough(state)) return;
      cancel();
      done();
    });
  });
  return device.state;
}
