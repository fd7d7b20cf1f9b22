import { type DeviceScript, hidAnswers, hidDevice, mockDevice, scriptLine } from '../umockdev.ts';
import type { SimulatedCard } from './cards.ts';
import { ReaderFaults } from './faults.ts';
import { type Request, replyFrame } from './frame.ts';
import { Sam } from './sam.ts';

/** The readers on HID of the sheet (devices.md, section 1, connections). */
export type HidReader = '10c4:0007' | '0483:572b';

const REPORT = 64;
/** Vendor page, one input and one output report of 64 bytes, neither numbered. */
const DESCRIPTOR = '0600ff0901a101150026ff00750895400901810209029102c0';
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
export async function scriptHidReader(folder: string, reader: HidReader, card: SimulatedCard): Promise<DeviceScript> {
  const [vendor = '', product = ''] = reader.split(':');
  const path = '/dev/hidraw0';
  return mockDevice(folder, {
    device: hidDevice({ vendor, product, name: 'Reader', descriptors: [DESCRIPTOR] }),
    files: [{ path, ioctl: hidAnswers(path, DESCRIPTOR), script: scriptFile(reader, card) }],
  });
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
