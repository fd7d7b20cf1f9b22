import { beforeEach, expect, it } from 'vitest';
import { type PrintOutcome, Receipt } from '#contract/devices.ts';
import { recorded, type TrafficLine } from '#drivers/common/traffic.ts';
import { ReceiptConcealer } from '#drivers/receipt-printer/conceal.ts';
import { EscPosPrinter } from '#drivers/receipt-printer/device.ts';
import { replayReceiptPrinter } from '#drivers/receipt-printer/replay.ts';
import { hex, VirtualTimers, Wire } from '../stand.ts';

const RECEIPT = Receipt.parse({ lines: [{ line: 'pair', label: '姓名', value: '王秀英' }] });
const SERIAL = { by: 'serial', path: '/dev/none', baud: 'auto' } as const;
const TCP = { by: 'tcp', host: 'nowhere', port: 9100 } as const;
const BEHIND = Buffer.from(hex('1D284806003030'));

let timers: VirtualTimers;
let wire: Wire;
let lines: TrafficLine[];
/** The one rate that the printer answers at. */
let rate: number | undefined;
let paperStatus: number;
let confirms: boolean;
/** Called when a job has come. */
let printing: () => void;

beforeEach(() => {
  timers = new VirtualTimers();
  wire = new Wire();
  lines = [];
  rate = undefined;
  paperStatus = 0x12;
  confirms = true;
  printing = () => undefined;
  wire.heard = (bytes, baud) => {
    if (rate !== undefined && baud !== rate) return;
    const data = Buffer.from(bytes);
    if (data.length === 3 && data[0] === 0x10) wire.say([data[2] === 4 ? paperStatus : 0x12]);
    const behind = data.indexOf(BEHIND);
    if (behind < 0) return;
    printing();
    if (confirms) wire.say([0x37, 0x22, ...data.subarray(behind + 7, behind + 11), 0]);
  };
});

type Seen = { readonly outcomes: PrintOutcome[]; readonly states: string[] };

async function record(receipts: number, connection: typeof SERIAL | typeof TCP = TCP): Promise<Seen> {
  const states: string[] = [];
  const way = recorded(
    'receipt-printer',
    wire.connect,
    () => new ReceiptConcealer(),
    (line) => {
      // In the test's own time.
      lines.push({ ...line, ms: timers.now });
    },
  );
  const printer = new EscPosPrinter(way, { connection, paperMm: 80, timers });
  printer.onState(({ state }) => states.push(state));
  const outcomes: PrintOutcome[] = [];
  await timers.pass(100);
  for (let i = 0; i < receipts; i += 1) outcomes.push(await timers.until(printer.print(RECEIPT)));
  if (receipts === 0) await timers.pass(7_000);
  await timers.until(printer.close());
  return { outcomes, states };
}

async function replay(): Promise<Seen> {
  const states: string[] = [];
  const { printer, jobs } = replayReceiptPrinter(lines, timers);
  printer.onState(({ state }) => states.push(state));
  const outcomes: PrintOutcome[] = [];
  await timers.pass(100);
  const { signal } = new AbortController();
  for (const job of jobs) outcomes.push(await timers.until(job(signal)));
  if (jobs.length === 0) await timers.pass(7_000);
  await timers.until(printer.close());
  return { outcomes, states };
}

it('has nothing of the receipt, and its printer prints again', async () => {
  const seen = await record(2);
  expect(seen.outcomes).toEqual([{ outcome: 'confirmed' }, { outcome: 'confirmed' }]);
  expect(lines[0]).toMatchObject({ is: 'device', kind: 'receipt-printer' });
  const told = JSON.stringify(lines);
  for (const secret of ['cdf5d0e3d3a2', 'd0d5c3fb']) expect(told).not.toContain(secret);
  expect(await replay()).toEqual(seen);
});

it('ends unknown where the printer confirmed nothing', async () => {
  confirms = false;
  const seen = await record(1);
  expect(seen.outcomes).toMatchObject([{ outcome: 'unknown' }]);
  expect(await replay()).toEqual(seen);
});

it('fails where the paper ended', async () => {
  confirms = false;
  printing = () => {
    paperStatus = 0x72;
    wire.say(hex('18 00 0C 00'));
  };
  const seen = await record(1);
  expect(seen.outcomes).toMatchObject([{ outcome: 'failed', problem: 'paper-out' }]);
  expect(await replay()).toEqual(seen);
});

it('is unknown where the cable was pulled', async () => {
  confirms = false;
  printing = () => wire.unplug();
  const seen = await record(1);
  expect(seen.outcomes).toMatchObject([{ outcome: 'unknown' }]);
  expect(await replay()).toEqual(seen);
});

it('tries as many rates', async () => {
  rate = 19_200;
  const seen = await record(1, SERIAL);
  expect(wire.rates).toEqual([115_200, 9_600, 19_200]);
  expect(await replay()).toEqual(seen);
});

it('without a job is what the printer said of itself', async () => {
  paperStatus = 0x7e;
  const seen = await record(0);
  expect(seen.states).toEqual(['blocked']);
  expect(await replay()).toEqual(seen);
});

it('stays away where the printer was away', async () => {
  wire.plugged = false;
  const seen = await record(0);
  expect(lines.slice(1).every((line) => line.is === 'not-opened' && line.why === 'port-missing')).toBe(true);
  expect(await replay()).toEqual(seen);
});
