import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../children.ts';
import type { SimulatedCard } from './cards.ts';
import { ReaderFaults } from './faults.ts';
import { replyFrame } from './frame.ts';
import { Sam } from './sam.ts';

/**
 * The readers on bulk USB of the sheet (devices.md, section 1, connections): one with a header of its own on endpoints of its own,
 * and one that takes and gives whole frames.
 */
export type BulkLayout = 'header-and-rest' | 'whole';

/** What goes wrong while the card is read: an endpoint halts, or the cable is out for a moment in the middle of the reading. */
export type BulkFault = 'none' | 'halts' | 'unplugged';

export interface BulkScript {
  /** The program and its arguments in front of the command that shall see the reader. */
  readonly command: readonly string[];
}

interface Endpoints {
  readonly headerTo: number;
  readonly restTo: number;
  readonly headerFrom: number;
  readonly restFrom: number;
}

const ENDPOINTS: Readonly<Record<BulkLayout, Endpoints>> = {
  'header-and-rest': { headerTo: 0x02, restTo: 0x06, headerFrom: 0x81, restFrom: 0x85 },
  whole: { headerTo: 0x01, restTo: 0x01, headerFrom: 0x82, restFrom: 0x82 },
};
/** The sheet's `AA AA AA 96 69` and LEN. */
const HEADER = 7;
const PACKET = 64;
const PLACE = { bus: 1, address: 2, path: '/devices/pci0000:00/0000:00:14.0/usb1/1-1' } as const;
/** What a host asks of a reader with a card on it, in the order of the sheet. */
const VISIT: readonly (readonly [command: number, parameter: number])[] = [
  [0x11, 0xff],
  [0x12, 0xff],
  [0x20, 0x01],
  [0x20, 0x02],
  [0x30, 0x01],
  [0x30, 0x03],
];
/** What it asks of one that was away, before it asks for the card again. */
const AGAIN: typeof VISIT = [
  [0x11, 0xff],
  [0x12, 0xff],
  [0x20, 0x01],
];
/** `errno` of Linux as the kernel ends a transfer with it. */
const EPIPE = -32;
const ESHUTDOWN = -108;

/**
 * A reader on bulk USB with a card on it, played by umockdev: what the kernel tells of the device, and the transfers that go to and fro
 * when one host reads the card once, as usbmon would have caught them. The play waits for ever for a host that sends anything else.
 */
export async function scriptBulkReader(
  folder: string,
  layout: BulkLayout,
  card: SimulatedCard,
  fault: BulkFault = 'none',
): Promise<BulkScript> {
  await mkdir(folder, { recursive: true });
  const files = { device: join(folder, 'device'), traffic: join(folder, 'traffic.pcap') };
  await writeFile(files.device, deviceFile(ENDPOINTS[layout]));
  await writeFile(files.traffic, trafficFile(ENDPOINTS[layout], card, fault));
  return {
    command: [
      findProgram('umockdev-run'),
      `--device=${files.device}`,
      `--pcap=/sys${PLACE.path}=${files.traffic}`,
      '--',
    ],
  };
}

function deviceFile(endpoints: Endpoints): string {
  return `P: ${PLACE.path}
N: bus/usb/001/002
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
E: DEVNAME=/dev/bus/usb/001/002
E: BUSNUM=001
E: DEVNUM=002
A: busnum=${PLACE.bus}
A: devnum=${PLACE.address}
A: speed=12
A: bConfigurationValue=1
A: idVendor=0400
A: idProduct=c35a
A: manufacturer=Example
A: product=Reader
A: serial=A-1
H: descriptors=${descriptors(endpoints).toString('hex')}
`;
}

/** Device, configuration, one interface of the vendor's class and its endpoints (USB 2.0, section 9.6). */
function descriptors(endpoints: Endpoints): Buffer {
  const addresses = [...new Set(Object.values(endpoints))];
  const device = [18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x00, 0x04, 0x5a, 0xc3, 0x00, 0x01, 1, 2, 3, 1];
  const bulk = addresses.flatMap((address) => [7, 5, address, 2, PACKET, 0, 0]);
  const whole = 18 + bulk.length;
  const configuration = [9, 2, whole, 0, 1, 1, 0, 0x80, 50];
  const face = [9, 4, 0, 0, addresses.length, 0xff, 0, 0, 0];
  return Buffer.from([...device, ...configuration, ...face, ...bulk]);
}

function trafficFile(endpoints: Endpoints, card: SimulatedCard, fault: BulkFault): Buffer {
  const sam = new Sam(new ReaderFaults(), 115_200);
  sam.layCard(card);
  const bus = new Bus();
  const listening = [...new Set([endpoints.headerFrom, endpoints.restFrom])];
  const visit = fault === 'unplugged' ? [...VISIT.slice(0, 2), ...AGAIN, ...VISIT.slice(2)] : VISIT;
  for (const endpoint of listening) bus.ask(endpoint);
  for (const [index, [command, parameter]] of visit.entries()) {
    const frame = requestFrame(command, parameter);
    for (const { endpoint, bytes } of split(frame, endpoints.headerTo, endpoints.restTo)) bus.take(endpoint, bytes);
    const { status, data } = sam.answer({ is: 'request', command, parameter, data: new Uint8Array() });
    const answer = split(replyFrame(status, data), endpoints.headerFrom, endpoints.restFrom);
    if (fault === 'halts' && command === 0x20) bus.fail(endpoints.restFrom, EPIPE);
    for (const { endpoint, bytes } of answer) for (const packet of packets(bytes)) bus.give(endpoint, packet);
    if (fault === 'unplugged' && index === 1) for (const endpoint of listening) bus.fail(endpoint, ESHUTDOWN);
  }
  return bus.file();
}

function split(frame: Buffer, header: number, rest: number): { readonly endpoint: number; readonly bytes: Buffer }[] {
  if (header === rest) return [{ endpoint: header, bytes: frame }];
  return [
    { endpoint: header, bytes: frame.subarray(0, HEADER) },
    { endpoint: rest, bytes: frame.subarray(HEADER) },
  ];
}

function packets(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / PACKET) }, (_, i) =>
    bytes.subarray(i * PACKET, (i + 1) * PACKET),
  );
}

function requestFrame(command: number, parameter: number): Buffer {
  const body = [0x00, 0x03, command, parameter];
  return Buffer.from([0xaa, 0xaa, 0xaa, 0x96, 0x69, ...body, body.reduce((a, b) => a ^ b)]);
}

/** What usbmon writes down of a bus: a submission and a completion of each transfer, in a pcap file of link type 220. */
class Bus {
  readonly #records: Buffer[] = [];
  readonly #open = new Map<number, number>();
  #last = 0;

  /** The host waits for a packet of this endpoint. */
  ask(endpoint: number): void {
    this.#last += 1;
    this.#open.set(endpoint, this.#last);
    this.#record('S', this.#last, endpoint, PACKET, Buffer.alloc(0));
  }

  /** The host sends; the device takes it. */
  take(endpoint: number, bytes: Buffer): void {
    this.#last += 1;
    this.#record('S', this.#last, endpoint, bytes.length, bytes);
    this.#record('C', this.#last, endpoint, bytes.length, Buffer.alloc(0));
  }

  give(endpoint: number, packet: Buffer): void {
    this.#record('C', this.#open.get(endpoint) ?? 0, endpoint, packet.length, packet);
    this.ask(endpoint);
  }

  fail(endpoint: number, status: number): void {
    this.#record('C', this.#open.get(endpoint) ?? 0, endpoint, 0, Buffer.alloc(0), status);
    this.ask(endpoint);
  }

  file(): Buffer {
    const head = Buffer.alloc(24);
    head.writeUInt32LE(0xa1b2c3d4, 0);
    head.writeUInt16LE(2, 4);
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(65_535, 16);
    head.writeUInt32LE(220, 20);
    return Buffer.concat([head, ...this.#records]);
  }

  #record(kind: 'S' | 'C', id: number, endpoint: number, length: number, bytes: Buffer, status = 0): void {
    const caught = Buffer.alloc(16);
    caught.writeUInt32LE(64 + bytes.length, 8);
    caught.writeUInt32LE(64 + bytes.length, 12);
    const head = Buffer.alloc(64);
    head.writeBigUInt64LE(BigInt(id), 0);
    head.write(kind, 8);
    head[9] = 3;
    head[10] = endpoint;
    head[11] = PLACE.address;
    head.writeUInt16LE(PLACE.bus, 12);
    head.writeInt32LE(status, 28);
    head.writeUInt32LE(length, 32);
    head.writeUInt32LE(bytes.length, 36);
    this.#records.push(caught, head, bytes);
  }
}
