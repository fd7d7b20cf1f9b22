import { describe, expect, it } from 'vitest';
import type { HidDevice } from '#drivers/common/hid.ts';
import { connectHid } from '#drivers/id-card/hid.ts';
import { CountedWrapping, PiecedWrapping, type Wrapping, wrapped } from '#drivers/id-card/wrapping.ts';
import { openIdCardReader } from '#drivers/index.ts';
import { hex, VirtualTimers } from '../stand.ts';
import { reply } from './cards.ts';
import { counted, filled } from './reports.ts';

/** A HID device in memory. */
class Reports implements HidDevice {
  readonly written: Uint8Array[] = [];
  closed = false;
  say: (report: Uint8Array) => void = () => undefined;
  end: () => void = () => undefined;

  write(report: Uint8Array): void {
    this.written.push(report);
  }
  onReport(listener: (report: Uint8Array) => void): void {
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

function open(wrapping: Wrapping) {
  const device = new Reports();
  const wire = wrapped(device, wrapping);
  const heard: number[] = [];
  wire.onData((bytes) => heard.push(...bytes));
  return { device, wire, heard };
}

describe('10C4:0007', () => {
  it('is asked in one report, with length and sum', () => {
    const { device, wire } = open(new CountedWrapping());
    wire.write(FIND);
    expect(device.written).toEqual([filled(hex('880000 0B00 B1 AAAAAA9669 0003200122 FF03'))]);
  });

  it('answers in as many reports as it needs', () => {
    const { device, heard } = open(new CountedWrapping());
    const frame = reply(0x90, new Uint8Array(1284).fill(0xaa));
    for (const report of counted(frame)) device.say(report);
    expect(heard).toEqual(Array.from(frame));
  });

  it('is not believed with a wrong sum or a length that lies, and is heard again after that', () => {
    const { device, heard } = open(new CountedWrapping());
    const [wrong = new Uint8Array()] = counted(reply(0x80));
    device.say(wrong.with(8, 0x55));
    device.say(filled(hex('AA0100 FFFF 00')));
    device.say(filled(hex('AA0100 0000 00')));
    device.say(filled(hex('55')));
    expect(heard).toEqual([]);
    for (const report of counted(reply(0x9f, [0, 0, 0, 0]))) device.say(report);
    expect(heard).toEqual(Array.from(reply(0x9f, [0, 0, 0, 0])));
  });

  it('forgets half an answer with the next question', () => {
    const { device, wire, heard } = open(new CountedWrapping());
    const [half = new Uint8Array()] = counted(reply(0x90, new Uint8Array(100)));
    device.say(half);
    wire.write(FIND);
    for (const report of counted(reply(0x80))) device.say(report);
    expect(heard).toEqual(Array.from(reply(0x80)));
  });
});

describe('0483:572B', () => {
  it('is asked in pieces, the next one when it asks for it', () => {
    const { device, wire } = open(new PiecedWrapping());
    const long = Uint8Array.from({ length: 100 }, (_, i) => i);
    wire.write(long);
    expect(device.written).toEqual([filled([63, ...long.subarray(0, 63)])]);
    device.say(filled([0xff]));
    expect(device.written[1]).toEqual(filled([37, ...long.subarray(63)]));
    device.say(filled([0xff]));
    expect(device.written).toHaveLength(2);
  });

  it('answers in pieces; one whose length lies is passed over', () => {
    const { device, heard } = open(new PiecedWrapping());
    device.say(filled([3, 1, 2, 3]));
    device.say(filled([64, 9, 9]));
    device.say(filled([0]));
    device.say(filled([1, 4]));
    expect(heard).toEqual([1, 2, 3, 4]);
  });
});

describe('either', () => {
  it('tells when the device goes, and lets go of it', async () => {
    const { device, wire } = open(new PiecedWrapping());
    let gone = 0;
    wire.onClose(() => {
      gone += 1;
    });
    device.end();
    expect(gone).toBe(1);
    await wire.close();
    expect(device.closed).toBe(true);
  });
});

it.each(['10c4:0007', '0483:572b'])(
  'a reader %s is opened with its wrapping, and its troubles are told',
  async (name) => {
    const [vendor = 0, product = 0] = name.split(':').map((id) => Number.parseInt(id, 16));
    const connection = { by: 'hid', vendor, product, serial: null } as const;
    const written: number[] = [];
    const device = {
      on: () => undefined,
      write: async (bytes: Buffer) => written.push(...bytes.subarray(1, 3)),
      close: async () => undefined,
    };
    const found = [{ vendorId: vendor, productId: product, path: '/dev/hidraw0' }];
    const system = (devices: typeof found) => async () => {
      return { devicesAsync: async () => devices, HIDAsync: { open: async () => device } };
    };
    const opened = await connectHid(connection, system(found))(0);
    if (!opened.ok) throw new Error(opened.error.why);
    opened.value.write(FIND);
    expect(written).toEqual(name === '10c4:0007' ? [0x88, 0] : [FIND.length, 0xaa]);
    expect(await connectHid(connection, system([]))(0)).toMatchObject({ ok: false, error: { why: 'device-missing' } });
  },
);

it('names a reader on HID that is none of the sheet’s', async () => {
  const timers = new VirtualTimers();
  const reader = openIdCardReader({ connection: { by: 'hid', vendor: 0x1234, product: 0xabcd, serial: null }, timers });
  await timers.pass(10);
  expect(reader.state).toMatchObject({
    state: 'away',
    why: 'unknown-reader',
    remedy: expect.stringContaining('10c4:0007'),
  });
  await timers.until(reader.close());
});
