import type { Connection } from '#contract/connection.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { type HidCollection, type HidSystem, openHid } from '../common/hid.ts';
import type { Trouble } from '../common/life.ts';
import type { Source } from '../common/wire.ts';
import { HID_POS } from './protocol.ts';

/** Whether one of a HID device's collections is that of a scanner. */
export function isHidScanner(collections: readonly HidCollection[]): boolean {
  const { usagePage, usage } = HID_POS.collection;
  return collections.some((one) => one.usagePage === usagePage && one.usage === usage);
}

/** Opens the scanner's own interface; what the same device types as a keyboard is another one, and is left alone. */
export async function openHidScanner(
  connection: Extract<Connection, { by: 'hid' }>,
  load?: () => Promise<HidSystem>,
): Promise<Result<Source, Trouble>> {
  const opened = await openHid(connection, load, HID_POS.collection);
  if (opened.ok) {
    const device = opened.value;
    return ok({
      onData: (listener) => device.onReport(listener),
      onClose: (listener) => device.onClose(listener),
      close: () => device.close(),
    });
  }
  if (opened.error.why !== 'collection-missing') return opened;
  const remedy = 'set the scanner to HID-POS with the code of its manual, or write keyboard:PATH for one that types';
  return err({ ...opened.error, remedy });
}
