import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './children.ts';

/** A program that is run where the kernel shows a device, as umockdev plays it. */
export interface DeviceScript {
  /** The program and its arguments in front of the command that shall see the device. */
  readonly command: readonly string[];
}

/** What umockdev is told of a device: its description, and for each of its files below /dev what comes and goes there. */
export interface MockedDevice {
  readonly device: string;
  readonly files: readonly MockedFile[];
}

interface MockedFile {
  readonly path: string;
  /** Answers to the questions of a host, in umockdev's form. */
  readonly ioctl?: string;
  readonly script?: Buffer;
}

/** Writes the device down in the folder. */
export async function mockDevice(folder: string, { device, files }: MockedDevice): Promise<DeviceScript> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const args = [`--device=${await write('device', device)}`];
  for (const [number, { path, ioctl, script }] of files.entries()) {
    if (ioctl !== undefined) args.push(`--ioctl=${path}=${await write(`ioctl${number}`, ioctl)}`);
    if (script !== undefined) args.push(`--script=${path}=${await write(`script${number}`, script)}`);
  }
  return { command: [findProgram('umockdev-run'), ...args, '--'] };
}

export interface MockedHid {
  /** As `lsusb` writes them. */
  readonly vendor: string;
  readonly product: string;
  readonly name: string;
  /** The report descriptor of each interface, in hexadecimal digits; the first one is `/dev/hidraw0`. */
  readonly descriptors: readonly string[];
}

const USB = '/devices/pci0000:00/0000:00:14.0/usb1/1-1';
const DESCRIPTOR_ROOM = 4096;

/** A HID device on USB, its serial number A-1. */
export function hidDevice({ vendor, product, name, descriptors }: MockedHid): string {
  const [upperVendor, upperProduct] = [vendor.toUpperCase(), product.toUpperCase()];
  const id = `0003:0000${upperVendor}:0000${upperProduct}`;
  const interfaces = descriptors.map((descriptor, number) => {
    const hid = `0003:${upperVendor}:${upperProduct}.000${number + 1}`;
    return `
P: ${USB}/1-1:1.${number}
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb
A: bInterfaceNumber=0${number}

P: ${USB}/1-1:1.${number}/${hid}
E: SUBSYSTEM=hid
E: HID_ID=${id}
E: HID_NAME=Example ${name}
H: report_descriptor=${descriptor}
A: uevent=HID_ID=${id}\\nHID_NAME=Example ${name}\\nHID_PHYS=usb-1/input${number}\\nHID_UNIQ=A-1

P: ${USB}/1-1:1.${number}/${hid}/hidraw/hidraw${number}
N: hidraw${number}
E: SUBSYSTEM=hidraw
E: DEVNAME=/dev/hidraw${number}
A: dev=240:${number}
L: device=../../../${hid}
`;
  });
  return `P: ${USB}
N: bus/usb/001/002
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: idVendor=${vendor}
A: idProduct=${product}
A: bcdDevice=0100
A: manufacturer=Example
A: product=${name}
A: serial=A-1
${interfaces.join('')}`;
}

/** The answers to a host that asks for the report descriptor. */
export function hidAnswers(path: string, descriptor: string): string {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(descriptor.length / 2);
  const filled = Buffer.alloc(DESCRIPTOR_ROOM);
  filled.write(descriptor, 'hex');
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase();
  return `@DEV ${path}
HIDIOCGRDESCSIZE 0 ${hex(size)}
HIDIOCGRDESC 0 ${hex(size)}${hex(filled)}
`;
}

/**
 * A line of umockdev's script: control characters and the circumflex itself are written behind a circumflex. Throws RangeError for bytes
 * that begin with a blank: umockdev passes over blanks there.
 */
export function scriptLine(kind: 'r' | 'w', delayMs: number, bytes: Uint8Array): Buffer {
  if (bytes[0] === 0x20) throw new RangeError('a line can’t begin with a blank: send something else');
  const escaped = Array.from(bytes).flatMap((byte) => {
    if (byte < 0x20) return [0x5e, byte + 0x40];
    return byte === 0x5e ? [0x5e, 0x60] : [byte];
  });
  return Buffer.concat([Buffer.from(`${kind} ${delayMs} `), Buffer.from(escaped), Buffer.from('\n')]);
}
