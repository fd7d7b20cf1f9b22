import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesOf, hexOf } from './host.ts';
import { type SamReader, startSamReader, syntheticResident } from './index.ts';

const FIND = bytesOf('AA AA AA 96 69 00 03 20 01 22');
const FOUND = 'AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97';

let reader: SamReader;
beforeEach(async () => {
  reader = await startSamReader({ transport: 'pty', baud: 9600 });
  reader.layCard(syntheticResident());
});
afterEach(() => reader.close());

function deviceFile(): string {
  return /^serial:(.*)\?baud=9600$/.exec(reader.connection)?.[1] ?? '';
}

async function openSerial(baudRate: number): Promise<SerialPort> {
  const port = new SerialPort({ path: deviceFile(), baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  return port;
}

async function closeSerial(port: SerialPort): Promise<void> {
  if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
}

/** Waits for `count` bytes. */
async function next(port: SerialPort, count: number): Promise<string> {
  let came = Buffer.alloc(0);
  while (came.length < count) {
    const chunk = await new Promise<Buffer>((resolve) => port.once('data', resolve));
    came = Buffer.concat([came, chunk]);
  }
  return hexOf(came);
}

it('serves one host after another on a pseudo-terminal', async () => {
  for (let time = 0; time < 2; time += 1) {
    const port = await openSerial(9600);
    const reply = next(port, 15);
    port.write(FIND);
    expect(await reply).toBe(FOUND);
    await closeSerial(port);
  }
});

it('hears nothing but noise at another rate than its own', async () => {
  const port = await openSerial(115_200);
  port.write(FIND);
  await expect.poll(() => reader.requests, { interval: 20 }).toContain('noise');
  await new Promise<void>((resolve, reject) => {
    port.update({ baudRate: 9600 }, (error) => (error ? reject(error) : resolve()));
  });
  const reply = next(port, 15);
  port.write(FIND);
  expect(await reply).toBe(FOUND);
  expect(reader.requests.filter((request) => request !== 'noise')).toEqual(['20 01']);
  await closeSerial(port);
});

it('hangs up when unplugged, and is back under the same name', async () => {
  // A descriptor of our own: the serialport package hears a hang-up only while it waits for bytes, and reads the end of a
  // line that hung up while it was reading over and over.
  const host = openSync(deviceFile(), constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const byte = Buffer.alloc(1);
  expect(() => readSync(host, byte)).toThrow('EAGAIN');
  await reader.unplug();
  expect(readSync(host, byte)).toBe(0);
  expect(() => writeSync(host, FIND)).toThrow('EIO');
  closeSync(host);
  await reader.plug();
  const again = await openSerial(9600);
  const reply = next(again, 15);
  again.write(FIND);
  expect(await reply).toBe(FOUND);
  await closeSerial(again);
});
