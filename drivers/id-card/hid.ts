import type { Connection } from '#contract/connection.ts';
import { err, ok } from '#contract/result.ts';
import { type HidSystem, openHid } from '../common/hid.ts';
import { usbName } from '../common/usb.ts';
import type { Connect } from '../common/wire.ts';
import { CountedWrapping, PiecedWrapping, type Wrapping, wrapped } from './wrapping.ts';

/** Which reader wraps in which way, by vendor and product. */
const WRAPPINGS: ReadonlyMap<string, () => Wrapping> = new Map<string, () => Wrapping>([
  ['10c4:0007', () => new CountedWrapping()],
  ['0483:572b', () => new PiecedWrapping()],
]);

export function isKnownReader(vendor: number, product: number): boolean {
  return WRAPPINGS.has(usbName({ vendor, product }));
}

/** The way to a reader on HID. */
export function connectHid(connection: Extract<Connection, { by: 'hid' }>, load?: () => Promise<HidSystem>): Connect {
  const wrapping = WRAPPINGS.get(usbName(connection));
  return async () => {
    if (!wrapping) {
      return err({ why: 'unknown-reader', remedy: `write one of ${[...WRAPPINGS.keys()].join(', ')} behind hid:` });
    }
    const device = await openHid(connection, load);
    return device.ok ? ok(wrapped(device.value, wrapping())) : device;
  };
}
