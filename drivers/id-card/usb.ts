import type { Connection } from '#contract/connection.ts';
import { ok } from '#contract/result.ts';
import type { BulkDevice } from '../common/bulk.ts';
import { openUsb, type UsbPlace, usbName } from '../common/usb.ts';
import { type Connect, nobody, type Transport } from '../common/wire.ts';
import { BULK, LEN_MAX, PREAMBLE } from './protocol.ts';

/** Readers that are known to be on bulk USB; the endpoints of any other that is named are spoken to in the same way. */
const READERS: ReadonlySet<string> = new Set(['0400:c35a']);

export function isBulkReader(vendor: number, product: number): boolean {
  return READERS.has(usbName({ vendor, product }));
}

/** The way to a reader on bulk USB. */
export function connectUsb(connection: Extract<Connection, { by: 'usb' }>, place?: Partial<UsbPlace>): Connect {
  return async (_baud, reset) => {
    const device = await openUsb(connection, place, reset);
    return device.ok ? ok(framed(device.value)) : device;
  };
}

/**
 * Bulk endpoints as a wire that carries the frames of the SAM. Two endpoints are heard at the same time, and of two packets that wait
 * there the second may be fetched first: what does not begin an answer is held until its beginning comes.
 */
export function framed(device: BulkDevice): Transport {
  let hear: (bytes: Uint8Array) => void = nobody;
  let begun = false;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const forget = () => {
    for (const bytes of held) bytes.fill(0);
    held = [];
    heldBytes = 0;
  };
  device.onData((bytes, from) => {
    begun ||= from === 0 || bytes[0] === PREAMBLE[0];
    if (!begun) {
      heldBytes += bytes.length;
      // More than any answer has is none.
      if (heldBytes > LEN_MAX) return;
      held.push(Uint8Array.from(bytes));
      return;
    }
    hear(bytes);
    for (const late of held) hear(late);
    forget();
  });
  return {
    write: (frame) => {
      begun = false;
      forget();
      if (device.outs === 1) {
        device.write({ to: 0, bytes: frame });
        return;
      }
      device.write(
        { to: BULK.header, bytes: frame.subarray(0, BULK.headerBytes) },
        { to: BULK.rest, bytes: frame.subarray(BULK.headerBytes) },
      );
    },
    onData: (listener) => {
      hear = listener;
    },
    onClose: (listener) => device.onClose(listener),
    close: async () => {
      await device.close();
      forget();
    },
  };
}
