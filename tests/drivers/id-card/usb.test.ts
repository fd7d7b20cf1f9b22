import { describe, expect, it } from 'vitest';
import type { BulkDevice, BulkPiece } from '#drivers/common/bulk.ts';
import { connectUsb, framed } from '#drivers/id-card/usb.ts';
import { hex } from '../stand.ts';
import { reply } from './cards.ts';

/** Bulk endpoints in memory. */
class Endpoints implements BulkDevice {
  readonly outs: number;
  readonly written: (readonly [to: number, hex: string])[] = [];
  closed = false;
  say: (bytes: Uint8Array, from: number) => void = () => undefined;
  end: () => void = () => undefined;

  constructor(outs: number) {
    this.outs = outs;
  }
  write(...pieces: readonly BulkPiece[]): void {
    this.written.push(...pieces.map(({ to, bytes }) => [to, Buffer.from(bytes).toString('hex')] as const));
  }
  onData(listener: (bytes: Uint8Array, from: number) => void): void {
    this.say = listener;
  }
  onClose(listener: () => void): void {
    this.end = listener;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

const FIND = hex('AAAAAA9669 0003200122');
const FOUND = reply(0x9f, new Uint8Array(4));

function open(outs: number) {
  const device = new Endpoints(outs);
  const wire = framed(device);
  const heard: number[] = [];
  wire.onData((bytes) => heard.push(...bytes));
  return { device, wire, heard };
}

describe('a reader with endpoints for header and rest', () => {
  it('is sent preamble and length on the first, all else on the second', () => {
    const { device, wire } = open(2);
    wire.write(FIND);
    expect(device.written).toEqual([
      [0, 'aaaaaa96690003'],
      [1, '200122'],
    ]);
  });

  it('is heard in order, though the rest is fetched first', () => {
    const { device, heard } = open(2);
    device.say(FOUND.subarray(7, 9), 1);
    device.say(FOUND.subarray(9), 1);
    expect(heard).toEqual([]);
    device.say(FOUND.subarray(0, 7), 0);
    expect(heard).toEqual(Array.from(FOUND));
  });

  it('is heard when it sends the whole answer on either', () => {
    for (const from of [0, 1]) {
      const { device, heard } = open(2);
      device.say(FOUND.subarray(0, 5), from);
      device.say(FOUND.subarray(5), from);
      expect(heard).toEqual(Array.from(FOUND));
    }
  });

  it('that babbles between two answers fills no memory, and is heard again with the next one', () => {
    const { device, wire, heard } = open(2);
    wire.write(FIND);
    const packet = new Uint8Array(64).fill(1);
    for (let count = 0; count < 1_000; count += 1) device.say(packet, 1);
    device.say(FOUND.subarray(0, 7), 0);
    expect(heard.length).toBeLessThan(8_192);
    wire.write(FIND);
    heard.length = 0;
    device.say(FOUND.subarray(0, 7), 0);
    device.say(FOUND.subarray(7), 1);
    expect(heard).toEqual(Array.from(FOUND));
  });

  it('is not heard with the rest of an answer to the question before', () => {
    const { device, wire, heard } = open(2);
    wire.write(FIND);
    device.say(Uint8Array.of(0, 0, 0x80, 0x84), 1);
    wire.write(FIND);
    device.say(FOUND.subarray(0, 7), 0);
    device.say(FOUND.subarray(7), 1);
    expect(heard).toEqual(Array.from(FOUND));
  });
});

describe('a reader with one endpoint either way', () => {
  it('is sent whole frames, and heard as it sends', () => {
    const { device, wire, heard } = open(1);
    wire.write(FIND);
    expect(device.written).toEqual([[0, 'aaaaaa96690003200122']]);
    device.say(Uint8Array.of(0x55), 0);
    device.say(FOUND, 0);
    expect(heard).toEqual([0x55, ...FOUND]);
  });

  it('ends with its device, and lets go of it', async () => {
    const { device, wire } = open(1);
    let ends = 0;
    wire.onClose(() => {
      ends += 1;
    });
    device.end();
    await wire.close();
    expect([ends, device.closed]).toEqual([1, true]);
  });
});

it('is not there where no device is', async () => {
  const connection = { by: 'usb', vendor: 0x0400, product: 0xc35a, serial: null } as const;
  const load = () => Promise.reject(new Error('not wanted'));
  const opened = await connectUsb(connection, { folder: '/nowhere', load })(0);
  expect(opened).toMatchObject({ ok: false, error: { why: 'device-missing' } });
});
