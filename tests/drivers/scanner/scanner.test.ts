import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '#contract/connection.ts';
import type { Scan } from '#contract/devices.ts';
import type { Sensitive } from '#contract/sensitive.ts';
import type { DeviceEvent } from '#drivers/index.ts';
import { CodeScanner } from '#drivers/scanner/device.ts';
import { openScanner } from '#drivers/scanner/index.ts';
import { onLine } from '#drivers/scanner/line.ts';
import type { Scanner } from '#drivers/scanner/port.ts';
import { TIMING } from '#drivers/scanner/protocol.ts';
import { VirtualTimers, Wire } from '../stand.ts';

const SERIAL: Connection = { by: 'serial', path: '/dev/none', baud: 'auto' };

let timers: VirtualTimers;
let wire: Wire;
let scanner: Scanner;
let events: DeviceEvent[];

async function open(connection: Connection = SERIAL): Promise<void> {
  scanner = new CodeScanner(onLine(wire.connect, connection), {
    connection,
    timers,
    log: (event) => events.push(event),
  });
  await timers.pass(1);
}

function listen(): string[] {
  const heard: string[] = [];
  scanner.onScan((scan) => heard.push(textOf(scan.reveal())));
  return heard;
}

function textOf(scan: Scan): string {
  return scan.kind === 'text' ? scan.text : `${scan.kind} ${scan.kind === 'receipt' ? scan.number : scan.code}`;
}

const say = (text: string) => wire.say(Buffer.from(text));
const states = () => events.map(({ to, why }) => (why ? `${to}:${why}` : to));

beforeEach(() => {
  timers = new VirtualTimers();
  wire = new Wire();
  events = [];
});
afterEach(() => timers.until(scanner.close()));

describe('the port', () => {
  it.each<[string, Connection, number]>([
    ['9600 baud when the rate is not known', SERIAL, 9_600],
    ['the rate that is given', { ...SERIAL, baud: 115_200 }, 115_200],
    ['any over TCP', { by: 'tcp', host: '127.0.0.1', port: 9 }, 9_600],
  ])('is opened with %s', async (_, connection, baud) => {
    await open(connection);
    expect(wire.rates).toEqual([baud]);
    expect(scanner.state).toEqual({ state: 'ready' });
    expect(wire.written).toEqual([]);
  });

  it('makes the scanner away while it is missing, and ready when it is there', async () => {
    wire.plugged = false;
    await open();
    expect(scanner.state).toEqual({ state: 'away', why: 'port-missing', remedy: 'plug it in' });
    wire.plugged = true;
    await timers.pass(6_000);
    expect(scanner.state).toEqual({ state: 'ready' });
  });

  it('is opened again after it ended, and everyone is told', async () => {
    await open();
    const seen: string[] = [];
    const stop = scanner.onState(({ state }) => seen.push(state));
    wire.unplug();
    await timers.pass(1_000);
    wire.plugged = true;
    await timers.pass(6_000);
    expect(seen).toEqual(['away', 'away', 'ready']);
    expect(states()).toEqual(['ready', 'away:port-closed', 'away:port-missing', 'ready']);
    stop();
    wire.unplug();
    await timers.pass(1);
    expect(seen).toHaveLength(3);
  });

  it('that opens and ends again and again is tried less and less often, unless scans come', async () => {
    await open();
    for (let time = 0; time < 6; time += 1) {
      wire.unplug();
      wire.plugged = true;
      await timers.pass(600);
    }
    expect(scanner.state.state).toBe('away');
    await timers.pass(5_000);
    say('works\r');
    wire.unplug();
    wire.plugged = true;
    await timers.pass(600);
    expect(scanner.state.state).toBe('ready');
  });

  it('that opens and ends at once shows as away until it stays open', async () => {
    await open();
    const ends = () => {
      if (wire.plugged) setImmediate(() => wire.unplug());
    };
    for (let time = 0; time < 10; time += 1) {
      ends();
      await timers.pass(1);
      wire.plugged = true;
      const before = wire.rates.length;
      while (wire.rates.length === before) await timers.pass(50);
    }
    expect(states()).toEqual(['ready', 'away:port-closed']);
    await timers.pass(2_500);
    expect(states()).toEqual(['ready', 'away:port-closed', 'ready']);
  });

  it('that stays open and ends now and then is opened again at once, though nothing was scanned', async () => {
    await open();
    for (let time = 0; time < 6; time += 1) {
      await timers.pass(300_000);
      expect(scanner.state.state).toBe('ready');
      wire.unplug();
      wire.plugged = true;
      await timers.pass(600);
      expect(wire.rates).toHaveLength(time + 2);
    }
  });

  it('in doubt is ready as soon as it scans', async () => {
    await open();
    wire.unplug();
    wire.plugged = true;
    await timers.pass(600);
    expect(scanner.state.state).toBe('away');
    say('works\r');
    expect(scanner.state.state).toBe('ready');
  });

  it('is let go when the scanner is closed while it is being opened', async () => {
    scanner = new CodeScanner(onLine(wire.connect, SERIAL), {
      connection: SERIAL,
      timers,
      log: (event) => events.push(event),
    });
    await timers.until(scanner.close());
    expect(events).toEqual([]);
    expect(timers.pending).toBe(0);
  });

  it.each<Connection>([
    { by: 'ipp', url: 'ipp://127.0.0.1/' },
    { by: 'lp', path: '/dev/usb/lp0' },
    { by: 'video', path: '/dev/video0' },
    { by: 'usb', vendor: 1, product: 2, serial: null },
  ])('can’t be that of another device: $by', async (connection) => {
    scanner = openScanner({ connection });
    await expect.poll(() => scanner.state).toMatchObject({ state: 'away', why: 'wrong-connection' });
  });
});

describe('a scan', () => {
  it('is told to everyone who listens, each their own', async () => {
    await open();
    const first: Sensitive<Scan>[] = [];
    scanner.onScan((scan) => {
      first.push(scan);
      scan.wipe();
    });
    const second = listen();
    say('6901234567892\r\n');
    expect(first).toHaveLength(1);
    expect(second).toEqual(['6901234567892']);
  });

  it('is told as what it is', async () => {
    await open();
    const heard = listen();
    say('120103-000701-261125-0012-X\r');
    expect(heard).toEqual(['receipt 120103-000701-261125-0012-X']);
  });

  it('is never printed by accident, nor logged', async () => {
    await open();
    const heard: Sensitive<Scan>[] = [];
    scanner.onScan((scan) => heard.push(scan));
    say('张三110101\r张三');
    wire.unplug();
    await timers.pass(1);
    expect(heard).toHaveLength(1);
    expect(`${JSON.stringify(heard)}${String(heard)}${inspect(heard)}${inspect(scanner, { depth: 9 })}`).not.toMatch(
      /张三/,
    );
    expect(JSON.stringify(events)).not.toMatch(/张三|1101/);
  });

  it('is told no more to one who has stopped, even by another one’s hand', async () => {
    await open();
    const heard = listen();
    const late: string[] = [];
    scanner.onScan(() => stop());
    const stop = scanner.onScan((scan) => late.push(textOf(scan.reveal())));
    say('one\rtwo\r');
    expect(heard).toEqual(['one', 'two']);
    expect(late).toEqual([]);
  });

  it('without a suffix ends at a silence', async () => {
    await open();
    const heard = listen();
    say('no suf');
    await timers.pass(TIMING.silenceMs - 1);
    say('fix');
    await timers.pass(TIMING.silenceMs - 1);
    expect(heard).toEqual([]);
    await timers.pass(TIMING.graceMs + 2);
    expect(heard).toEqual(['no suffix']);
    expect(timers.pending).toBe(0);
  });

  it('is not cut when its bytes waited behind the timer of a busy process', async () => {
    await open();
    const heard = listen();
    say('ha');
    await timers.pass(TIMING.silenceMs + 1);
    say('lf\r');
    await timers.pass(TIMING.silenceMs + TIMING.graceMs + 1);
    expect(heard).toEqual(['half']);
  });

  it('that is too long or unreadable is not told, and the next one is', async () => {
    await open();
    const heard = listen();
    say('a'.repeat(5_000));
    await timers.pass(TIMING.silenceMs + TIMING.graceMs + 1);
    wire.say([0x41, 0xff, 0x0d]);
    say('next\r');
    expect(heard).toEqual(['next']);
  });
});

describe('nothing is kept', () => {
  it('of what was scanned before anybody listened', async () => {
    await open();
    say('early\rear');
    const heard = listen();
    say('ly too\rnow\r');
    expect(heard).toEqual(['now']);
  });

  it('of what was scanned before one listens because of another scan', async () => {
    await open();
    const heard: string[] = [];
    const stop = scanner.onScan(() => {
      stop();
      scanner.onScan((scan) => heard.push(textOf(scan.reveal())));
    });
    say('one\rtwo\rthr');
    say('ee\rfour\r');
    expect(heard).toEqual(['four']);
  });

  it('of a scan that a disconnect tore', async () => {
    await open();
    const heard = listen();
    say('to');
    wire.unplug();
    wire.plugged = true;
    await timers.pass(600);
    expect(scanner.state.state).toBe('ready');
    say('rn\r');
    expect(heard).toEqual(['rn']);
  });

  it('after the scanner was closed', async () => {
    await open();
    const heard = listen();
    say('half');
    const closed = scanner.close();
    say(' and half\r');
    await timers.until(closed);
    expect(heard).toEqual([]);
    expect(timers.pending).toBe(0);
  });
});
