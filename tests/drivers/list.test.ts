import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listDevices } from '#drivers/index.ts';
import { simulateCameras } from '#tests/simulators/index.ts';

async function dev(files: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yc-dev-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const place of ['usb', 'input/by-id']) await mkdir(join(folder, place), { recursive: true });
  for (const file of files) await writeFile(join(folder, file), '');
  return folder;
}

const port = { path: '/dev/ttyUSB0', manufacturer: 'Example', serialNumber: '1', pnpId: '', locationId: '' };

it('names each thing that is plugged in by the connection to write for it', async () => {
  const folder = await dev([
    'usb/lp0',
    'usb/hiddev0',
    'input/by-id/usb-Example_Scanner_A-1-if01-event-kbd',
    'input/by-id/usb-Example_Scanner_A-1-event-mouse',
  ]);
  const cameras = await simulateCameras(folder);
  await cameras.plug({ name: 'Example Camera', number: 0, socket: '1-1', id: 'Example' });
  const listed = await listDevices({
    serial: async () => [
      { ...port, vendorId: '1a86', productId: '7523' },
      { ...port, path: '/dev/ttyS0', manufacturer: undefined, vendorId: undefined, productId: undefined },
    ],
    hid: async () => [
      { connection: 'hid:10c4:0007', says: 'Example Reader', vendor: 0x10c4, product: 7, collections: [] },
      { connection: 'hid:0001:0002', says: '', vendor: 1, product: 2, collections: [{ usagePage: 1, usage: 6 }] },
      {
        connection: 'hid:0003:0004',
        says: '',
        vendor: 3,
        product: 4,
        collections: [
          { usagePage: 1, usage: 6 },
          { usagePage: 0x8c, usage: 2 },
        ],
      },
    ],
    usb: async () => [
      { connection: 'usb:0400:c35a?serial=A', says: 'Example SAM', vendor: 0x0400, product: 0xc35a },
      { connection: 'usb:1d6b:0002', says: 'Root hub', vendor: 0x1d6b, product: 2 },
    ],
    dev: folder,
    sys: cameras.sys,
  });
  expect(listed).toEqual([
    { connection: 'serial:/dev/ttyUSB0', says: 'Example 1a86:7523', kind: 'serial' },
    { connection: 'serial:/dev/ttyS0', says: '', kind: 'serial' },
    { connection: 'hid:10c4:0007', says: 'Example Reader', kind: 'hid-reader' },
    { connection: 'hid:0001:0002', says: '', kind: 'hid' },
    { connection: 'hid:0003:0004', says: '', kind: 'hid-scanner' },
    { connection: 'usb:0400:c35a?serial=A', says: 'Example SAM', kind: 'usb-reader' },
    { connection: `lp:${folder}/usb/lp0`, says: '', kind: 'usb-printer' },
    {
      connection: `keyboard:${folder}/input/by-id/usb-Example_Scanner_A-1-if01-event-kbd`,
      says: 'Example Scanner A-1',
      kind: 'keyboard',
    },
    { connection: `video:${folder}/video0`, says: 'Example Camera', kind: 'camera' },
  ]);
});

it('tells of everything else where HID devices can’t be asked', async () => {
  const folder = await dev(['usb/lp0']);
  const hid = () => Promise.reject(new Error('libusb-1.0.so.0: cannot open shared object file'));
  const listed = await listDevices({
    serial: async () => [],
    hid,
    usb: async () => [],
    dev: folder,
    sys: join(folder, 'sys'),
  });
  expect(listed).toEqual([{ connection: `lp:${folder}/usb/lp0`, says: '', kind: 'usb-printer' }]);
});

it('finds USB adapters also where there is no udev to ask', async () => {
  const folder = await dev(['ttyUSB1', 'ttyACM0', 'tty1']);
  const serial = () => Promise.reject(new Error('spawn udevadm ENOENT'));
  const listed = await listDevices({
    serial,
    hid: async () => [],
    usb: async () => [],
    dev: folder,
    sys: join(folder, 'sys'),
  });
  expect(listed.map(({ connection }) => connection).toSorted()).toEqual([
    `serial:${folder}/ttyACM0`,
    `serial:${folder}/ttyUSB1`,
  ]);
});

it('asks the machine that it runs on', async () => {
  expect(Array.isArray(await listDevices())).toBe(true);
});
