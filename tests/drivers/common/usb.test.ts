import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { listUsb, openUsb, type UsbDevice, type UsbInterface, type UsbSystem } from '#drivers/common/usb.ts';
import { Endpoint } from './endpoints.ts';

const CONNECTION = { by: 'usb', vendor: 0x0400, product: 0xc35a, serial: null } as const;
const READER = { idVendor: '0400', idProduct: 'c35a', busnum: '1', devnum: '7' };

type Files = Readonly<Record<string, string>>;

/** The kernel's folder with these devices in it, and an interface, which is none. */
async function kernel(...devices: readonly Files[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yc-usb-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const all = [...devices, { bInterfaceClass: 'ff' }];
  for (const [i, files] of all.entries()) {
    await mkdir(join(folder, `1-${i}`));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `1-${i}`, name), `${text}\n`);
  }
  return folder;
}

/** As libusb throws. */
function failure(errno: number): Error {
  return Object.assign(new Error(`LIBUSB_ERROR ${errno}`), { errno });
}

class Face implements UsbInterface {
  readonly descriptor: { readonly bInterfaceClass: number };
  readonly endpoints: readonly Endpoint[];
  readonly done: string[] = [];
  /** What claiming fails with, in turn. */
  failures: number[] = [];
  driver: 'none' | 'kernel' = 'none';

  constructor(endpoints: readonly Endpoint[], bInterfaceClass = 0xff) {
    this.endpoints = endpoints;
    this.descriptor = { bInterfaceClass };
  }

  claim(): void {
    const errno = this.failures.shift();
    if (errno !== undefined) throw failure(errno);
    this.done.push('claimed');
  }
  detachKernelDriver(): void {
    if (this.driver === 'none') throw failure(-5);
    this.done.push('detached');
  }
  attachKernelDriver(): void {
    this.done.push('attached');
  }
  async releaseAsync(): Promise<void> {
    this.done.push('released');
    if (this.driver === 'kernel') throw failure(-4);
  }
}

class Device implements UsbDevice {
  readonly busNumber = 1;
  readonly deviceAddress = 7;
  readonly interfaces?: readonly UsbInterface[];
  opens = 0;
  closes = 0;
  resets = 0;
  failure: number | undefined;

  constructor(...interfaces: readonly UsbInterface[]) {
    if (interfaces.length > 0) this.interfaces = interfaces;
  }
  open(): void {
    if (this.failure !== undefined) throw failure(this.failure);
    this.opens += 1;
  }
  reset(done: (error?: Error) => void): void {
    this.resets += 1;
    done(failure(-5));
  }
  close(): void {
    this.closes += 1;
    if (this.closes > this.opens) throw new Error('The device is not opened');
  }
}

const four = () => [new Endpoint(0x85), new Endpoint(0x06), new Endpoint(0x02), new Endpoint(0x81)];

async function open(device: Device, folder: string, serial: string | null = null) {
  return openUsb({ ...CONNECTION, serial }, { folder, load: async () => ({ getDeviceList: () => [device] }) });
}

async function trouble(device: Device, ...devices: readonly Files[]) {
  const opened = await open(device, await kernel(...(devices.length > 0 ? devices : [READER])));
  return opened.ok ? null : opened.error;
}

describe('a device on bulk USB', () => {
  it('is spoken to at its endpoints in the order of their addresses, and let go of', async () => {
    const endpoints = four();
    const face = new Face(endpoints);
    const device = new Device(face);
    const opened = await open(device, await kernel(READER));
    if (!opened.ok) throw new Error(opened.error.why);
    const heard: number[] = [];
    opened.value.onData((bytes, from) => heard.push(from, ...bytes));
    expect(opened.value.outs).toBe(2);
    opened.value.write({ to: 0, bytes: Uint8Array.of(1) }, { to: 1, bytes: Uint8Array.of(2) });
    const [second, rest, header, first] = endpoints;
    await expect.poll(() => rest?.taken).toEqual(['02']);
    expect(header?.taken).toEqual(['01']);
    second?.give(Uint8Array.of(8));
    first?.give(Uint8Array.of(9));
    await expect.poll(() => heard).toEqual([1, 8, 0, 9]);
    await opened.value.close();
    expect([face.done, device.closes]).toEqual([['claimed', 'released'], 1]);
  });

  it('that hangs is reset at its port before it is opened, and only then', async () => {
    const device = new Device(new Face(four()));
    const place = { folder: await kernel(READER), load: async () => ({ getDeviceList: () => [device] }) };
    const opened = await openUsb(CONNECTION, place, true);
    expect(opened.ok && device.resets).toBe(1);
    if (opened.ok) await opened.value.close();
    const again = await openUsb(CONNECTION, place);
    expect(again.ok && device.resets).toBe(1);
    if (again.ok) await again.value.close();
    expect(device.closes).toBe(device.opens);
  });

  it('is taken from a driver of the kernel, which has it back afterwards, even when it is gone meanwhile', async () => {
    const face = new Face(four());
    face.failures = [-6];
    face.driver = 'kernel';
    const opened = await open(new Device(face), await kernel(READER));
    if (!opened.ok) throw new Error(opened.error.why);
    await opened.value.close();
    expect(face.done).toEqual(['detached', 'claimed', 'released', 'attached']);
  });

  it('is not taken from another program, and nothing of it is kept', async () => {
    const [mine, busy] = [new Face([new Endpoint(0x02)]), new Face([new Endpoint(0x81)])];
    busy.failures = [-6];
    const device = new Device(mine, busy);
    expect(await trouble(device)).toMatchObject({ why: 'port-busy', remedy: expect.stringContaining('0400:c35a') });
    await expect.poll(() => device.closes).toBe(1);
    expect(mine.done).toEqual(['claimed', 'released']);
  });

  it('is given back to the kernel when somebody else was quicker', async () => {
    const face = new Face(four());
    face.failures = [-6, -6];
    face.driver = 'kernel';
    expect(await trouble(new Device(face))).toMatchObject({ why: 'port-busy' });
    expect(face.done).toEqual(['detached', 'attached']);
  });

  it('leaves interfaces of a known class alone, and endpoints that are no bulk ones or hold nothing', async () => {
    const disk = new Face(four(), 0x08);
    const device = new Device(disk, new Face([new Endpoint(0x81, { type: 3 }), new Endpoint(0x02, { packet: 0 })]));
    expect(await trouble(device)).toMatchObject({ why: 'no-endpoints', remedy: expect.stringContaining('0400:c35a') });
    expect([disk.done, device.closes]).toEqual([[], 1]);
  });

  it('without a configuration has no endpoints', async () => {
    expect(await trouble(new Device())).toMatchObject({ why: 'no-endpoints' });
  });

  it('is chosen by its serial number, and never by chance', async () => {
    const folder = await kernel({ ...READER, serial: 'A' }, { ...READER, devnum: '8', serial: 'B' });
    const two = await open(new Device(new Face(four())), folder);
    expect(two).toMatchObject({
      ok: false,
      error: { why: 'two-devices', remedy: expect.stringContaining('?serial=') },
    });
    const named = await open(new Device(new Face(four())), folder, 'A');
    expect(named.ok).toBe(true);
    const other = await open(new Device(new Face(four())), folder, 'C');
    expect(other).toMatchObject({ ok: false, error: { why: 'device-missing' } });
  });

  it('is missing where there is none, and when it goes before it is opened', async () => {
    const missing = { why: 'device-missing', remedy: 'plug in the device 0400:c35a' };
    expect(await trouble(new Device(), { ...READER, idProduct: '0001' })).toEqual(missing);
    expect(await trouble(new Device(), { ...READER, devnum: '8' })).toEqual(missing);
    expect(await open(new Device(), '/nowhere')).toMatchObject({ ok: false, error: missing });
  });

  it.each([
    [
      -3,
      'port-denied',
      'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{idVendor}=="0400", ATTR{idProduct}=="c35a", GROUP="yichuang", MODE="0660"',
    ],
    [-4, 'device-missing', 'plug in'],
    [-5, 'device-missing', 'plug in'],
    [-1, 'port-failed', 'plug it in again'],
  ])('that fails to open with %s: %s', async (errno, why, remedy) => {
    const device = new Device(new Face(four()));
    device.failure = errno;
    const detail = `LIBUSB_ERROR ${errno}`;
    expect(await trouble(device)).toEqual({ why, remedy: expect.stringContaining(remedy), detail });
  });

  it.each([
    [new Error('libudev.so.1: cannot open shared object file'), 'library-missing', 'libudev1'],
    [new Error('No native build was found'), 'library-missing', 'install this program anew'],
    ['odd', 'library-missing', 'install this program anew'],
  ])('can’t be reached without its library: %s', async (error, why, remedy) => {
    const folder = await kernel(READER);
    const load = async (): Promise<UsbSystem> => {
      throw error;
    };
    const opened = await openUsb(CONNECTION, { folder, load });
    expect(opened).toMatchObject({ ok: false, error: { why, remedy: expect.stringContaining(remedy) } });
  });

  it('is asked for in the real library too, which has none at a place like that', async () => {
    const folder = await kernel({ ...READER, busnum: '250', devnum: '250' });
    expect(await openUsb(CONNECTION, { folder })).toMatchObject({ ok: false, error: { why: 'device-missing' } });
    expect(await openUsb(CONNECTION, { folder: '/nowhere' })).toMatchObject({ error: { why: 'device-missing' } });
  });

  it('is named as failed when the library throws what is no error', async () => {
    const getDeviceList = () => {
      throw 'odd';
    };
    const opened = await openUsb(CONNECTION, { folder: await kernel(READER), load: async () => ({ getDeviceList }) });
    expect(opened).toMatchObject({ ok: false, error: { why: 'port-failed', detail: 'failed' } });
  });

  it('is listed with the connection to write for it, unopened', async () => {
    const folder = await kernel({ ...READER, serial: 'A', manufacturer: 'Example', product: 'SAM' }, READER);
    const listed = await listUsb(folder);
    // In the order in which the kernel's folder gives them.
    expect(listed.toSorted((a, b) => b.connection.length - a.connection.length)).toEqual([
      { connection: 'usb:0400:c35a?serial=A', says: 'Example SAM', vendor: 0x0400, product: 0xc35a },
      { connection: 'usb:0400:c35a', says: '', vendor: 0x0400, product: 0xc35a },
    ]);
  });
});

it('is listed by a connection that can be written, whatever its serial number is made of', async () => {
  const serials = ['A-1', 'A 1', '二', 'x'.repeat(65)];
  const folder = await kernel(...serials.map((serial) => ({ ...READER, serial })));
  const listed = (await listUsb(folder)).map(({ connection }) => connection);
  expect(listed.toSorted()).toEqual([...Array(3).fill('usb:0400:c35a'), 'usb:0400:c35a?serial=A-1']);
  expect(listed.every((connection) => parseConnection(connection).ok)).toBe(true);
});
