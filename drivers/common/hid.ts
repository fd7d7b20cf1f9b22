import type { Connection } from '#contract/connection.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Trouble } from './life.ts';
import { usbConnection, usbName } from './usb.ts';
import { nobody } from './wire.ts';

type HidConnection = Extract<Connection, { by: 'hid' }>;

/** What one of a device's top-level collections is for, by the HID usage tables. */
export interface HidCollection {
  readonly usagePage: number;
  readonly usage: number;
}

/** Reports to a HID device and back; those to it have no number. */
export interface HidDevice {
  /** @param report as long as the device's reports are, or shorter. */
  write(report: Uint8Array): void;
  /** One listener. Where a device numbers its reports, the first byte is the number. */
  onReport(listener: (report: Uint8Array) => void): void;
  /** One listener, told once when the device is gone. */
  onClose(listener: () => void): void;
  close(): Promise<void>;
}

/** The part of `node-hid` that is used, so that its errors can be played. */
export interface HidSystem {
  devicesAsync(vendor?: number, product?: number): Promise<readonly HidFound[]>;
  readonly HIDAsync: { open(path: string): Promise<OpenHid> };
}

export interface HidFound {
  readonly vendorId: number;
  readonly productId: number;
  readonly path?: string;
  readonly usagePage?: number;
  readonly usage?: number;
  readonly serialNumber?: string;
  readonly manufacturer?: string;
  readonly product?: string;
}

export interface OpenHid {
  on(event: 'data' | 'error', listener: (given: Buffer) => void): unknown;
  write(bytes: Buffer): Promise<number>;
  close(): Promise<void>;
}

/** Reports of these devices have no number; hidapi wants a zero in its place. */
const NO_NUMBER = 0;

/**
 * Opens the device that fits the connection; refuses to choose between two that fit.
 * @param wanted opens the interface with this collection, and no other of the same device.
 */
export async function openHid(
  connection: HidConnection,
  load: () => Promise<HidSystem> = loadSystem,
  wanted?: HidCollection,
): Promise<Result<HidDevice, Trouble>> {
  const name = usbName(connection);
  try {
    const system = await load();
    const all = await system.devicesAsync(connection.vendor, connection.product);
    const fitting = all.filter(({ serialNumber }) => connection.serial === null || serialNumber === connection.serial);
    const useful = fitting.filter(
      (one) => !wanted || (one.usagePage === wanted.usagePage && one.usage === wanted.usage),
    );
    // Each collection of one interface is listed with the same path.
    const [path, another] = new Set(useful.flatMap((device) => device.path ?? []));
    if (path === undefined && fitting.length > 0 && wanted) {
      return err({ why: 'collection-missing', remedy: `set the device ${name} to the mode that it is meant for` });
    }
    if (path === undefined) return err({ why: 'device-missing', remedy: `plug in the device ${name}` });
    if (another !== undefined) {
      return err({ why: 'two-devices', remedy: `unplug one of the devices ${name}, or name one by ?serial=` });
    }
    return ok(reportsOf(await system.HIDAsync.open(path)));
  } catch (error) {
    return err(hidTrouble(name, error instanceof Error ? error.message : 'failed'));
  }
}

/** A HID device that is plugged in. */
export interface HidListed {
  /** The connection to write for it. */
  readonly connection: string;
  readonly says: string;
  readonly vendor: number;
  readonly product: number;
  /** Of all its interfaces. */
  readonly collections: readonly HidCollection[];
}

/** Every HID device that is plugged in, once. */
export async function listHid(load: () => Promise<HidSystem> = loadSystem): Promise<HidListed[]> {
  const listed = new Map<string, HidListed>();
  for (const { vendorId, productId, serialNumber, ...device } of await (await load()).devicesAsync()) {
    const serial = serialNumber ?? null;
    const connection = usbConnection({ by: 'hid', vendor: vendorId, product: productId, serial });
    const { manufacturer, product, usagePage = 0, usage = 0 } = device;
    const says = [manufacturer, product].filter(Boolean).join(' ');
    const collections = [...(listed.get(connection)?.collections ?? []), { usagePage, usage }];
    listed.set(connection, { connection, says, vendor: vendorId, product: productId, collections });
  }
  return [...listed.values()];
}

/** Loaded with the first HID device: a terminal without one starts without it. */
function loadSystem(): Promise<HidSystem> {
  return import('node-hid') as Promise<HidSystem>;
}

function hidTrouble(name: string, detail: string): Trouble {
  if (/shared object/i.test(detail)) {
    return { why: 'library-missing', remedy: 'install the Debian package libusb-1.0-0', detail };
  }
  if (!/permission|EACCES|cannot open/i.test(detail)) {
    return { why: 'port-failed', remedy: `unplug the device ${name} and plug it in again`, detail };
  }
  const [vendor = '', product = ''] = name.split(':');
  const rule = `SUBSYSTEM=="hidraw", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}", GROUP="yichuang", MODE="0660"`;
  return {
    why: 'port-denied',
    remedy: `let the service's user open ${name}: add a udev rule ${rule}, and end other programs that hold it`,
    detail,
  };
}

function reportsOf(device: OpenHid): HidDevice {
  let ended: Promise<void> | undefined;
  let told = false;
  let tellEnd: () => void = nobody;
  const letGo = async () => {
    // A listener that came just now begins to read at the next tick, which ends the process where the device is closed by then.
    await new Promise<void>((done) => process.nextTick(done));
    await device.close().catch(() => undefined);
    told = true;
    tellEnd();
  };
  const end = () => {
    ended ??= letGo();
    return ended;
  };
  device.on('error', () => void end());
  return {
    write: (report) => void device.write(Buffer.of(NO_NUMBER, ...report)).catch(end),
    onReport: (listener) => void device.on('data', listener),
    onClose: (listener) => {
      tellEnd = listener;
      if (told) listener();
    },
    close: end,
  };
}
