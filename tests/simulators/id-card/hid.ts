import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../children.ts';
import type { SimulatedCard } from './cards.ts';
import { ReaderFaults } from './faults.ts';
import { type Request, replyFrame } from './frame.ts';
import { Sam } from './sam.ts';

/** The readers on HID of the sheet (devices.md, section 1, connections). */
export type HidReader = '10c4:0007' | '0483:572b';

export interface HidScript {
  /** The program and its arguments in front of the command that shall see the reader. */
  readonly command: readonly string[];
}

const REPORT = 64;
/** Vendor page, one input and one output report of 64 bytes, neither numbered. */
const DESCRIPTOR = '0600ff0901a101150026ff00750895400901810209029102c0';
const DESCRIPTOR_ROOM = 4096;
/** What a host asks of a reader with a card on it, in the order of the sheet. */
const VISIT: readonly (readonly [command: number, parameter: number])[] = [
  [0x11, 0xff],
  [0x12, 0xff],
  [0x20, 0x01],
  [0x20, 0x02],
  [0x30, 0x01],
  [0x30, 0x03],
];
/** Milliseconds between two reports of the device, so that none are read as one. */
const APART = 30;

/**
 * A reader on HID with a card on it, played by umockdev: the kernel's files of the device, and the reports that go to and fro when one
 * host reads the card once. Whatever else the host writes ends the play with an error.
 * Throws RangeError for a card of which a report would begin with a blank.
 */
export async function scriptHidReader(folder: string, reader: HidReader, card: SimulatedCard): Promise<HidScript> {
  await mkdir(folder, { recursive: true });
  const files = { device: join(folder, 'device'), ioctl: join(folder, 'ioctl'), script: join(folder, 'script') };
  await writeFile(files.device, deviceFile(reader));
  await writeFile(files.ioctl, ioctlFile());
  await writeFile(files.script, scriptFile(reader, card));
  return {
    command: [
      findProgram('umockdev-run'),
      `--device=${files.device}`,
      `--ioctl=/dev/hidraw0=${files.ioctl}`,
      `--script=/dev/hidraw0=${files.script}`,
      '--',
    ],
  };
}

function deviceFile(reader: HidReader): string {
  const [vendor = '', product = ''] = reader.split(':');
  const usb = '/devices/pci0000:00/0000:00:14.0/usb1/1-1';
  const hid = `${usb}/1-1:1.0/0003:${vendor.toUpperCase()}:${product.toUpperCase()}.0001`;
  const id = `0003:0000${vendor.toUpperCase()}:0000${product.toUpperCase()}`;
  return `P: ${usb}
N: bus/usb/001/002
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: idVendor=${vendor}
A: idProduct=${product}
A: bcdDevice=0100
A: manufacturer=Example
A: product=Reader
A: serial=A-1

P: ${usb}/1-1:1.0
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb
A: bInterfaceNumber=00

P: ${hid}
E: SUBSYSTEM=hid
E: HID_ID=${id}
E: HID_NAME=Example Reader
H: report_descriptor=${DESCRIPTOR}
A: uevent=HID_ID=${id}\\nHID_NAME=Example Reader\\nHID_PHYS=usb-1/input0\\nHID_UNIQ=A-1

P: ${hid}/hidraw/hidraw0
N: hidraw0
E: SUBSYSTEM=hidraw
E: DEVNAME=/dev/hidraw0
A: dev=240:0
L: device=../../../${hid.slice(hid.lastIndexOf('/') + 1)}
`;
}

function ioctlFile(): string {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(DESCRIPTOR.length / 2);
  const descriptor = Buffer.alloc(DESCRIPTOR_ROOM);
  descriptor.write(DESCRIPTOR, 'hex');
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase();
  return `@DEV /dev/hidraw0
HIDIOCGRDESCSIZE 0 ${hex(size)}
HIDIOCGRDESC 0 ${hex(size)}${hex(descriptor)}
`;
}

function scriptFile(reader: HidReader, card: SimulatedCard): Buffer {
  const sam = new Sam(new ReaderFaults(), 115_200);
  sam.layCard(card);
  const lines = VISIT.flatMap(([command, parameter]) => {
    const request: Request = { is: 'request', command, parameter, data: new Uint8Array() };
    const { status, data } = sam.answer(request);
    const reports = toHost(reader, replyFrame(status, data));
    // The host writes a zero in front, for a report without a number.
    const asked = Buffer.concat([Buffer.of(0), toReader(reader, requestFrame(command, parameter))]);
    return [scriptLine('w', 0, asked), ...reports.map((report) => scriptLine('r', APART, report))];
  });
  return Buffer.concat(lines);
}

function requestFrame(command: number, parameter: number): Buffer {
  const body = [0x00, 0x03, command, parameter];
  return Buffer.of(
    0xaa,
    0xaa,
    0xaa,
    0x96,
    0x69,
    ...body,
    body.reduce((a, b) => a ^ b),
  );
}

function toReader(reader: HidReader, frame: Buffer): Buffer {
  if (reader === '0483:572b') return filled(Buffer.concat([Buffer.of(frame.length), frame]));
  const counted = Buffer.concat([word(frame.length + 1), Buffer.of(0xb1), frame]);
  return filled(Buffer.concat([Buffer.of(0x88, 0, 0), counted, word(added(counted))]));
}

function toHost(reader: HidReader, frame: Buffer): Buffer[] {
  if (reader === '0483:572b') {
    return cut(frame, REPORT - 1).map((piece) => filled(Buffer.concat([Buffer.of(piece.length), piece])));
  }
  const counted = Buffer.concat([word(frame.length + 1), Buffer.of(0x00), frame]);
  return cut(Buffer.concat([Buffer.of(0xaa, 0x01, 0x00), counted, word(added(counted))]), REPORT).map(filled);
}

function added(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => (sum + byte) % 65_536, 0);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function filled(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(REPORT - bytes.length)]);
}

/** A line of umockdev's script: control characters and the circumflex itself are written behind a circumflex. */
function scriptLine(kind: 'r' | 'w', delayMs: number, bytes: Buffer): Buffer {
  // umockdev passes over blanks there.
  if (bytes[0] === 0x20) throw new RangeError('a report can’t begin with a blank: lay another card');
  const escaped = Array.from(bytes).flatMap((byte) => {
    if (byte < 0x20) return [0x5e, byte + 0x40];
    return byte === 0x5e ? [0x5e, 0x60] : [byte];
  });
  return Buffer.concat([Buffer.from(`${kind} ${delayMs} `), Buffer.from(escaped), Buffer.from('\n')]);
}
