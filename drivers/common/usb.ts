import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, parseConnection } from '#contract/connection.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { type BulkDevice, type BulkEndpoint, bulkOf } from './bulk.ts';
import type { Trouble } from './life.ts';

type UsbConnection = Extract<Connection, { by: 'usb' }>;
type HidConnection = Extract<Connection, { by: 'hid' }>;

/** The part of the package `usb`, which is libusb, that is used, so that its errors can be played. */
export interface UsbSystem {
  getDeviceList(): readonly UsbDevice[];
}

export interface UsbDevice {
  readonly busNumber: number;
  readonly deviceAddress: number;
  /** Those of the active configuration, once it is open. */
  readonly interfaces?: readonly UsbInterface[];
  open(): void;
  /** Resets its port of the bus. */
  reset(done: (error?: Error) => void): void;
  close(): void;
}

export interface UsbInterface {
  readonly descriptor: { readonly bInterfaceClass: number };
  readonly endpoints: readonly BulkEndpoint[];
  claim(): void;
  detachKernelDriver(): void;
  attachKernelDriver(): void;
  releaseAsync(): Promise<void>;
}

/** What the kernel tells of a device without its being opened. */
interface UsbFound {
  readonly vendor: number;
  readonly product: number;
  readonly serial: string | null;
  readonly bus: number;
  readonly address: number;
  /** Manufacturer and product, in the device's own words. */
  readonly says: string;
}

/** Where USB devices are told of and opened, so that any machine can be played. */
export interface UsbPlace {
  readonly load: () => Promise<UsbSystem>;
  /** The kernel's folder of devices. */
  readonly folder: string;
}

const FOLDER = '/sys/bus/usb/devices';

/** Interface classes (USB-IF) of a device that speaks in its own way: the vendor's, and none at all. */
const OWN_CLASSES: ReadonlySet<number> = new Set([0xff, 0x00]);
const BULK = 2;

/** Errors of libusb (libusb.h). */
const ERROR = { access: -3, noDevice: -4, notFound: -5, busy: -6 } as const;

/**
 * Opens the bulk endpoints of the device that fits the connection; refuses to choose between two that fit.
 * @param reset the device hangs: its port is reset before.
 */
export async function openUsb(
  connection: UsbConnection,
  { load = loadSystem, folder = FOLDER }: Partial<UsbPlace> = {},
  reset = false,
): Promise<Result<BulkDevice, Trouble>> {
  const name = usbName(connection);
  const missing = err<Trouble>({ why: 'device-missing', remedy: `plug in the device ${name}` });
  const fitting = (await pluggedIn(folder)).filter(({ vendor, product, serial }) => {
    const named = connection.serial === null || serial === connection.serial;
    return named && vendor === connection.vendor && product === connection.product;
  });
  const [found, another] = fitting;
  if (found === undefined) return missing;
  if (another !== undefined) {
    return err({ why: 'two-devices', remedy: `unplug one of the devices ${name}, or name one by ?serial=` });
  }
  let system: UsbSystem;
  try {
    system = await load();
  } catch (error) {
    return err(libraryTrouble(error instanceof Error ? error.message : 'failed'));
  }
  try {
    const device = system.getDeviceList().find(({ busNumber, deviceAddress }) => {
      return busNumber === found.bus && deviceAddress === found.address;
    });
    if (device && reset) await restart(device);
    return device ? claim(device, name) : missing;
  } catch (error) {
    return err(usbTrouble(name, error));
  }
}

/** Every USB device that is plugged in, with the connection to write for it; none is opened. */
export async function listUsb(folder = FOLDER) {
  const found = await pluggedIn(folder);
  return found.map(({ vendor, product, serial, says }) => {
    return { connection: usbConnection({ by: 'usb', vendor, product, serial }), says, vendor, product };
  });
}

/** The connection to write; a serial number that can't be written in one (blanks, Chinese) is left out. */
export function usbConnection({ by, serial, ...device }: UsbConnection | HidConnection): string {
  const name = `${by}:${usbName(device)}`;
  const named = `${name}?serial=${serial ?? ''}`;
  return parseConnection(named).ok ? named : name;
}

/** `vendor:product` as `lsusb` writes it. */
export function usbName({ vendor, product }: { readonly vendor: number; readonly product: number }): string {
  return [vendor, product].map((id) => id.toString(16).padStart(4, '0')).join(':');
}

async function pluggedIn(folder: string): Promise<UsbFound[]> {
  const names = await namesIn(folder).catch(() => []);
  const found = await Promise.all(names.map((name) => describe(join(folder, name))));
  return found.filter((device) => device !== null);
}

/** `readdir` goes past the calls that a played device shows in. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) names.push(name);
  return names;
}

/** Interfaces stand in the same folder, and have no vendor; nor has a device that goes at this moment. */
async function describe(folder: string): Promise<UsbFound | null> {
  const told = (name: string) =>
    readFile(join(folder, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const numbers = await Promise.all(['idVendor', 'idProduct', 'busnum', 'devnum'].map(told));
  const [vendor = '', product = '', bus = '', address = ''] = numbers;
  if (numbers.includes('')) return null;
  const [serial = '', ...words] = await Promise.all(['serial', 'manufacturer', 'product'].map(told));
  return {
    vendor: Number.parseInt(vendor, 16),
    product: Number.parseInt(product, 16),
    bus: Number(bus),
    address: Number(address),
    serial: serial || null,
    says: words.filter(Boolean).join(' '),
  };
}

/** Loaded with the first such device: a terminal without one starts without it. */
function loadSystem(): Promise<UsbSystem> {
  return import('usb') as Promise<UsbSystem>;
}

/** Whether that helped shows when the device is opened; one that comes back under another address is found at the next try. */
async function restart(device: UsbDevice): Promise<void> {
  device.open();
  await new Promise<void>((done) => device.reset(() => done()));
  device.close();
}

function claim(device: UsbDevice, name: string): Result<BulkDevice, Trouble> {
  device.open();
  const held = new Map<UsbInterface, Held>();
  const release = async () => {
    // What is unplugged can be let go of no more; nor need it be.
    for (const [each, before] of held) {
      await each.releaseAsync().catch(() => undefined);
      if (before === 'kernel') attempt(() => each.attachKernelDriver());
    }
    attempt(() => device.close());
  };
  try {
    const used = (device.interfaces ?? []).filter(({ descriptor, endpoints }) => {
      return OWN_CLASSES.has(descriptor.bInterfaceClass) && endpoints.some(isBulk);
    });
    const endpoints = used.flatMap((each) => each.endpoints.filter(isBulk)).toSorted((a, b) => a.address - b.address);
    const ends = Object.groupBy(endpoints, ({ direction }) => direction);
    if (!ends.in || !ends.out) {
      device.close();
      return err({ why: 'no-endpoints', remedy: `write another connection: ${name} isn’t a reader on bulk USB` });
    }
    for (const each of used) held.set(each, hold(each));
    return ok(bulkOf(ends.out, ends.in, release));
  } catch (error) {
    void release();
    throw error;
  }
}

/** Who had an interface before us. */
type Held = 'nobody' | 'kernel';

/** Claims an interface; a driver of the kernel that has it lets go of it, another program does not. */
function hold(each: UsbInterface): Held {
  try {
    each.claim();
    return 'nobody';
  } catch (error) {
    if (errnoOf(error) !== ERROR.busy || !attempt(() => each.detachKernelDriver())) throw error;
    if (attempt(() => each.claim())) return 'kernel';
    attempt(() => each.attachKernelDriver());
    throw error;
  }
}

function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

function isBulk({ transferType, descriptor }: BulkEndpoint): boolean {
  return transferType === BULK && descriptor.wMaxPacketSize > 0;
}

function libraryTrouble(detail: string): Trouble {
  const remedy = /shared object/i.test(detail) ? 'install the Debian package libudev1' : 'install this program anew';
  return { why: 'library-missing', remedy, detail };
}

/** What keeps a device from being used, by libusb's number. */
function usbTrouble(name: string, error: unknown): Trouble {
  const detail = error instanceof Error ? error.message : 'failed';
  const [vendor = '', product = ''] = name.split(':');
  switch (errnoOf(error)) {
    case ERROR.access: {
      const rule = `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", GROUP="yichuang", MODE="0660"`;
      return { why: 'port-denied', remedy: `let the service's user open ${name}: add a udev rule ${rule}`, detail };
    }
    case ERROR.busy:
      return { why: 'port-busy', remedy: `end the other program that holds ${name}`, detail };
    case ERROR.noDevice:
    case ERROR.notFound:
      return { why: 'device-missing', remedy: `plug in the device ${name}`, detail };
    default:
      return { why: 'port-failed', remedy: `unplug the device ${name} and plug it in again`, detail };
  }
}

function errnoOf(error: unknown): unknown {
  return error instanceof Error && 'errno' in error ? error.errno : undefined;
}
