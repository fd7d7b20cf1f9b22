import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { SerialPort } from 'serialport';
import { listCameras } from './camera/nodes.ts';
import { type HidListed, listHid } from './common/hid.ts';
import { listUsb } from './common/usb.ts';
import { isKnownReader } from './id-card/hid.ts';
import { isBulkReader } from './id-card/usb.ts';
import { isHidScanner } from './scanner/hid.ts';

/** Something plugged in that a device may stand behind, and the connection to write into `terminal.yaml` for it. */
export interface Plugged {
  readonly connection: string;
  /** What the system says that it is; empty when it says nothing. */
  readonly says: string;
  readonly kind: 'serial' | 'hid-reader' | 'hid-scanner' | 'hid' | 'usb-reader' | 'usb-printer' | 'keyboard' | 'camera';
}

/** Where the system tells what is plugged in, so that any machine can be played. */
interface System {
  readonly serial: typeof SerialPort.list;
  readonly hid: typeof listHid;
  readonly usb: typeof listUsb;
  /** The folder of device files. */
  readonly dev: string;
  /** The folder of sysfs. */
  readonly sys: string;
}

/** What is plugged in: serial ports, HID devices, readers on bulk USB, printers of the USB class, keyboards, cameras. Nothing is asked or opened. */
export async function listDevices(
  { serial, hid: listed, usb: plugged, dev, sys }: System = {
    serial: () => SerialPort.list(),
    hid: listHid,
    usb: listUsb,
    dev: '/dev',
    sys: '/sys',
  },
): Promise<Plugged[]> {
  const [ports, hid, usb, printers, typing, cameras] = await Promise.all([
    serialPorts(serial, dev),
    // What is missing for HID is said where such a device is opened.
    listed().catch(() => []),
    plugged(),
    usbPrinters(dev),
    keyboards(dev),
    listCameras({ dev, sys }),
  ]);
  return [
    ...ports,
    ...hid.map((device): Plugged => ({ connection: device.connection, says: device.says, kind: kindOf(device) })),
    ...usb
      .filter(({ vendor, product }) => isBulkReader(vendor, product))
      .map(({ connection, says }): Plugged => ({ connection, says, kind: 'usb-reader' })),
    ...printers,
    ...typing,
    ...cameras.map(({ connection, name }): Plugged => ({ connection, says: name, kind: 'camera' })),
  ];
}

function kindOf({ vendor, product, collections }: HidListed): Plugged['kind'] {
  if (isKnownReader(vendor, product)) return 'hid-reader';
  return isHidScanner(collections) ? 'hid-scanner' : 'hid';
}

async function serialPorts(list: System['serial'], dev: string): Promise<Plugged[]> {
  try {
    const ports = await list();
    return ports.map(({ path, manufacturer, vendorId, productId }): Plugged => {
      const ids = vendorId && productId ? `${vendorId}:${productId}` : '';
      return { connection: `serial:${path}`, says: [manufacturer, ids].filter(Boolean).join(' '), kind: 'serial' };
    });
  } catch {
    // It asks udev, which a container has not.
    const files = await filesIn(dev, /^tty(USB|ACM)\d+$/);
    return files.map((path): Plugged => ({ connection: `serial:${path}`, says: '', kind: 'serial' }));
  }
}

async function usbPrinters(dev: string): Promise<Plugged[]> {
  const files = await filesIn(`${dev}/usb`, /^lp\d+$/);
  return files.map((path): Plugged => ({ connection: `lp:${path}`, says: '', kind: 'usb-printer' }));
}

/** By udev's links, whose names say what it is; a scanner that types is among them. */
async function keyboards(dev: string): Promise<Plugged[]> {
  const files = await filesIn(`${dev}/input/by-id`, /-event-kbd$/);
  return files.map((path): Plugged => {
    const says = basename(path).replace(/^usb-|(-if\d+)?-event-kbd$/g, '');
    return { connection: `keyboard:${path}`, says: says.replaceAll('_', ' '), kind: 'keyboard' };
  });
}

async function filesIn(folder: string, names: RegExp): Promise<string[]> {
  const all = await readdir(folder).catch(() => []);
  return all.filter((name) => names.test(name)).map((name) => `${folder}/${name}`);
}
