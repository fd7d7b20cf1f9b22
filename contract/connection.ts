import { err, ok, type Result } from './result.ts';

/**
 * Where a device is reached. Rates in baud; `serial` tells two of one vendor and product apart. `hid` is a reader, or a scanner set to
 * HID-POS; `lp` is the kernel's file of a printer of the USB printer class, `keyboard` that of a scanner that types (evdev), `video` that of
 * a camera (V4L2); `usb` is a device without a driver in the kernel, whose endpoints are spoken to.
 */
export type Connection =
  | { readonly by: 'serial'; readonly path: string; readonly baud: number | 'auto' }
  | { readonly by: 'tcp'; readonly host: string; readonly port: number }
  | { readonly by: 'lp'; readonly path: string }
  | ({ readonly by: 'hid' } & UsbName)
  | ({ readonly by: 'usb' } & UsbName)
  | { readonly by: 'keyboard'; readonly path: string }
  | { readonly by: 'video'; readonly path: string }
  | { readonly by: 'ipp'; readonly url: string };

interface UsbName {
  readonly vendor: number;
  readonly product: number;
  readonly serial: string | null;
}

export interface ConnectionError {
  readonly code: 'connection-malformed';
  readonly given: string;
  readonly remedy: string;
}

/** What can be written. */
export const CONNECTION_FORMS =
  'serial:PATH[?baud=N], tcp:HOST:PORT, hid:VENDOR:PRODUCT[?serial=TEXT], usb:VENDOR:PRODUCT[?serial=TEXT], lp:PATH, keyboard:PATH, video:PATH or ipp://HOST[:PORT]/PATH';

/** Reads a connection as it stands in `terminal.yaml` and behind `--connection`. */
export function parseConnection(given: string): Result<Connection, ConnectionError> {
  const malformed = err<ConnectionError>({ code: 'connection-malformed', given, remedy: `write ${CONNECTION_FORMS}` });
  const serial = /^serial:([^?]+)(?:\?baud=(\d{3,7}))?$/.exec(given);
  if (serial?.[1]) {
    return ok({ by: 'serial', path: serial[1], baud: serial[2] ? Number(serial[2]) : 'auto' });
  }
  const tcp = /^tcp:(?:\[([0-9a-fA-F:]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(given);
  if (tcp) {
    const port = Number(tcp[3]);
    const host = tcp[1] ?? tcp[2];
    return host && port >= 1 && port <= 65_535 ? ok({ by: 'tcp', host, port }) : malformed;
  }
  const file = /^(lp|keyboard|video):(\/[^?\0]+)$/.exec(given);
  if (file?.[2]) return ok({ by: file[1] as 'lp' | 'keyboard' | 'video', path: file[2] });
  const ids = /^(hid|usb):([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?:\?serial=([!-~]{1,64}))?$/.exec(given);
  if (ids) {
    const [vendor, product] = [Number.parseInt(ids[2] ?? '', 16), Number.parseInt(ids[3] ?? '', 16)];
    return ok({ by: ids[1] as 'hid' | 'usb', vendor, product, serial: ids[4] ?? null });
  }
  const ipp = /^ipps?:\/\/(?:\[[0-9a-fA-F:]+\]|[^:[\]/@\s]+)(?::(\d{1,5}))?\/\S*$/.exec(given);
  if (ipp) return Number(ipp[1] ?? 631) <= 65_535 ? ok({ by: 'ipp', url: given }) : malformed;
  return malformed;
}
