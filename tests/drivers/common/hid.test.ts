import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type HidFound, type HidSystem, listHid, type OpenHid, openHid } from '#drivers/common/hid.ts';

const CONNECTION = { by: 'hid', vendor: 0x10c4, product: 7, serial: null } as const;

class Opened extends EventEmitter implements OpenHid {
  readonly written: Buffer[] = [];
  closes = 0;
  fails = false;

  async write(bytes: Buffer): Promise<number> {
    if (this.fails) throw new Error('write failed');
    this.written.push(bytes);
    return bytes.length;
  }
  async close(): Promise<void> {
    this.closes += 1;
    if (this.fails) throw new Error('closed already');
  }
}

function system(
  devices: readonly Partial<HidFound>[],
  open: (path: string) => Promise<OpenHid> = async () => new Opened(),
): () => Promise<HidSystem> {
  return async () => ({
    devicesAsync: async () => devices.map((device) => ({ vendorId: 0x10c4, productId: 7, ...device })),
    HIDAsync: { open },
  });
}

async function trouble(load: () => Promise<HidSystem>, serial: string | null = null) {
  const opened = await openHid({ ...CONNECTION, serial }, load);
  return opened.ok ? null : opened.error;
}

describe('a HID device', () => {
  it('is spoken to in reports without a number, until it goes', async () => {
    const opened = new Opened();
    const device = await openHid(
      CONNECTION,
      system([{ path: '/dev/hidraw3' }], async () => opened),
    );
    if (!device.ok) throw new Error(device.error.why);
    const heard: Uint8Array[] = [];
    let gone = 0;
    device.value.onReport((report) => heard.push(report));
    device.value.onClose(() => {
      gone += 1;
    });
    device.value.write(Uint8Array.of(1, 2));
    opened.emit('data', Buffer.of(7));
    expect(opened.written).toEqual([Buffer.of(0, 1, 2)]);
    expect(heard).toEqual([Buffer.of(7)]);
    opened.emit('error', new Error('could not read'));
    await expect.poll(() => gone).toBe(1);
    await device.value.close();
    expect(opened.closes).toBe(1);
  });

  it('may be closed as soon as it is listened to, before the system has begun to read', async () => {
    const opened = new Opened();
    const begun: number[] = [];
    // As node-hid begins to read, which throws where nobody can catch it once the device is closed.
    opened.on('newListener', (event) => {
      if (event === 'data') process.nextTick(() => begun.push(opened.closes));
    });
    const device = await openHid(
      CONNECTION,
      system([{ path: '/dev/hidraw3' }], async () => opened),
    );
    if (!device.ok) throw new Error(device.error.why);
    device.value.onReport(() => undefined);
    await Promise.all([device.value.close(), device.value.close()]);
    expect([begun, opened.closes]).toEqual([[0], 1]);
  });

  it('is closed only when the system has let go of it, whoever was first to close it', async () => {
    const opened = new Opened();
    const { promise, resolve } = Promise.withResolvers<void>();
    opened.close = () => promise;
    const device = await openHid(
      CONNECTION,
      system([{ path: '/dev/hidraw3' }], async () => opened),
    );
    if (!device.ok) throw new Error(device.error.why);
    opened.emit('error', new Error('could not read'));
    let closed = false;
    const closing = device.value.close().finally(() => {
      closed = true;
    });
    for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
    expect(closed).toBe(false);
    resolve();
    await closing;
  });

  it('that takes no more is gone, and tells that also to who listens late', async () => {
    const opened = new Opened();
    opened.fails = true;
    const device = await openHid(
      CONNECTION,
      system([{ path: '/dev/hidraw3' }], async () => opened),
    );
    if (!device.ok) throw new Error(device.error.why);
    device.value.write(Uint8Array.of(1));
    await expect.poll(() => opened.closes).toBe(1);
    let gone = 0;
    device.value.onClose(() => {
      gone += 1;
    });
    expect(gone).toBe(1);
  });

  it('is chosen by its serial number, and never by chance', async () => {
    const two = [
      { path: '/dev/hidraw0', serialNumber: 'A' },
      { path: '/dev/hidraw0', serialNumber: 'A' },
      { path: '/dev/hidraw1', serialNumber: 'B' },
    ];
    expect(await trouble(system(two))).toMatchObject({
      why: 'two-devices',
      remedy: expect.stringContaining('?serial='),
    });
    const paths: string[] = [];
    const open = async (path: string) => {
      paths.push(path);
      return new Opened();
    };
    expect(await trouble(system(two, open), 'B')).toBeNull();
    expect(paths).toEqual(['/dev/hidraw1']);
    expect(await trouble(system(two), 'C')).toMatchObject({
      why: 'device-missing',
      remedy: expect.stringContaining('10c4:0007'),
    });
  });

  it('is opened at the interface that is wanted, and never at another of the same device', async () => {
    const keyboard = { path: '/dev/hidraw0', usagePage: 1, usage: 6 };
    const [scanner, settings] = [2, 5].map((usage) => ({ path: '/dev/hidraw1', usagePage: 0x8c, usage }));
    const paths: string[] = [];
    const open = async (path: string) => {
      paths.push(path);
      return new Opened();
    };
    const wanted = { usagePage: 0x8c, usage: 2 };
    const at = async (...devices: readonly (Partial<HidFound> | undefined)[]) => {
      const plugged = devices.filter((device) => device !== undefined);
      const opened = await openHid(CONNECTION, system(plugged, open), wanted);
      return opened.ok ? 'open' : opened.error.why;
    };
    expect(await at(keyboard, settings, scanner)).toBe('open');
    expect(paths).toEqual(['/dev/hidraw1']);
    expect(await at(keyboard, settings)).toBe('collection-missing');
    expect(await at()).toBe('device-missing');
    expect(await at(scanner, keyboard, { ...scanner, path: '/dev/hidraw2' })).toBe('two-devices');
    expect(paths).toHaveLength(1);
  });

  it('is listed once, with the connection to write for it', async () => {
    const reader = { path: '/dev/hidraw0', serialNumber: 'A', manufacturer: 'Example', product: 'Reader' };
    const second = { ...reader, usagePage: 0x8c, usage: 2 };
    const listed = await listHid(system([{ ...reader, usagePage: 1, usage: 6 }, second, { productId: 0xabcd }]));
    expect(listed).toEqual([
      {
        connection: 'hid:10c4:0007?serial=A',
        says: 'Example Reader',
        vendor: 0x10c4,
        product: 7,
        collections: [
          { usagePage: 1, usage: 6 },
          { usagePage: 0x8c, usage: 2 },
        ],
      },
      {
        connection: 'hid:10c4:abcd',
        says: '',
        vendor: 0x10c4,
        product: 0xabcd,
        collections: [{ usagePage: 0, usage: 0 }],
      },
    ]);
  });

  it.each([
    [
      'cannot open device with path /dev/hidraw0: Permission denied',
      'port-denied',
      'SUBSYSTEM=="hidraw", ATTRS{idVendor}=="10c4"',
    ],
    ['libusb-1.0.so.0: cannot open shared object file', 'library-missing', 'libusb-1.0-0'],
    ['something else', 'port-failed', 'plug it in again'],
  ])('%s: %s', async (message, why, remedy) => {
    const failing = system([{ path: '/dev/hidraw0' }], () => Promise.reject(new Error(message)));
    expect(await trouble(failing)).toEqual({ why, remedy: expect.stringContaining(remedy), detail: message });
  });
});
