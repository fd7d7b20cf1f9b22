import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '#contract/connection.ts';
import type { DeviceEvent } from '#drivers/index.ts';
import { CodeScanner } from '#drivers/scanner/device.ts';
import { KeyDecoder } from '#drivers/scanner/keys.ts';
import { TIMING } from '#drivers/scanner/protocol.ts';
import { ReportDecoder } from '#drivers/scanner/reports.ts';
import { keyEvents, posReports } from '#tests/simulators/index.ts';
import { VirtualTimers, Wire } from '../stand.ts';

/** A text long enough for two reports. */
const [EARLY, LATE] = ['a'.repeat(100), 'b'.repeat(100)];

const ways = [
  {
    name: 'HID-POS',
    connection: { by: 'hid', vendor: 0x0c2e, product: 0x0901, serial: null } satisfies Connection,
    decoder: () => new ReportDecoder(),
    halves: (text: string): (Uint8Array | undefined)[] => posReports(Buffer.from(text)),
  },
  {
    name: 'keys',
    connection: { by: 'keyboard', path: '/dev/none' } satisfies Connection,
    decoder: () => new KeyDecoder(),
    halves: (text: string): (Uint8Array | undefined)[] => {
      const events = keyEvents(`${text}\n`);
      return [events.subarray(0, events.length / 2), events.subarray(events.length / 2)];
    },
  },
];

let timers: VirtualTimers;
let wire: Wire;
let scanner: CodeScanner;
let events: DeviceEvent[];
let heard: string[];

beforeEach(() => {
  timers = new VirtualTimers();
  wire = new Wire();
  events = [];
  heard = [];
});
afterEach(() => timers.until(scanner.close()));

describe.each(ways)('a scan by $name', ({ connection, decoder, halves }) => {
  async function open(): Promise<void> {
    const way = { open: () => wire.connect(0), decoder: decoder() };
    scanner = new CodeScanner(way, { connection, timers, log: (event) => events.push(event) });
    await timers.pass(1);
  }
  const listen = () => scanner.onScan((scan) => heard.push(JSON.stringify(scan.reveal())));
  const first = (text: string) => wire.say(halves(text)[0] ?? []);
  const second = (text: string) => wire.say(halves(text)[1] ?? []);
  const told = (text: string) => JSON.stringify({ kind: 'text', text });

  it('is told to who listens, and nothing of it is logged', async () => {
    await open();
    listen();
    first(EARLY);
    second(EARLY);
    expect(heard).toEqual([told(EARLY)]);
    expect(JSON.stringify(events)).not.toContain('aaa');
  });

  it('that had begun before anybody listened is not told, and the next one is', async () => {
    await open();
    first(EARLY);
    listen();
    second(EARLY);
    first(LATE);
    second(LATE);
    expect(heard).toEqual([told(LATE)]);
  });

  it('that the device tore by going is not told, nor mixed with the next one', async () => {
    await open();
    listen();
    first(EARLY);
    wire.unplug();
    wire.plugged = true;
    await timers.pass(600);
    expect(scanner.state).toEqual({ state: 'ready' });
    first(LATE);
    second(LATE);
    expect(heard).toEqual([told(LATE)]);
  });

  it('that a silence interrupts is not told in part', async () => {
    await open();
    listen();
    first(EARLY);
    await timers.pass(TIMING.silenceMs + TIMING.graceMs + 1);
    second(EARLY);
    expect(heard).toEqual([]);
    first(LATE);
    second(LATE);
    expect(heard).toEqual([told(LATE)]);
    expect(timers.pending).toBe(0);
  });
});
