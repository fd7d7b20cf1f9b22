import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Receipt } from '#contract/devices.ts';
import { EscPosPrinter } from '#drivers/receipt-printer/device.ts';
import type { ReceiptPrinter } from '#drivers/receipt-printer/port.ts';
import { hex, VirtualTimers, Wire } from '../stand.ts';

const RECEIPT = Receipt.parse({ lines: [{ line: 'text', text: '一窗' }] });
const PRINTED = Buffer.from(hex('D2BB B4B0 0A'));

/** A scripted printer: status bytes by question, and what it does with what stands behind a job. */
class Slip {
  readonly wire = new Wire();
  status = [0x12, 0x12, 0x12, 0x12];
  answers: 'id' | 'paper' | 'both' | 'none' = 'both';
  mute = false;
  /** Called when a job's text has arrived, before the answers behind it. */
  printing: () => void = () => undefined;
  printed = 0;

  constructor() {
    this.wire.heard = (bytes) => {
      const data = Buffer.from(bytes);
      if (data.includes(PRINTED)) {
        this.printed += 1;
        this.printing();
      }
      if (this.mute) return;
      if (data.length === 3 && data[0] === 0x10 && data[1] === 4) this.wire.say([this.status[(data[2] ?? 1) - 1] ?? 0]);
      const behind = data.indexOf(Buffer.from(hex('1D28480600 3030')));
      if (behind < 0) return;
      const id = data.subarray(behind + 7, behind + 11);
      if (this.answers === 'id' || this.answers === 'both') this.wire.say([0x37, 0x22, ...id, 0]);
      if (this.answers === 'paper' || this.answers === 'both') this.wire.say([0]);
    };
  }
}

let timers: VirtualTimers;
let slip: Slip;
let printer: ReceiptPrinter;
let states: string[];

function open(connection: ConstructorParameters<typeof EscPosPrinter>[1]['connection'] = TCP): void {
  const log = ({ to }: { to: string }) => states.push(to);
  printer = new EscPosPrinter(slip.wire.connect, { connection, paperMm: 80, firstJob: 1, timers, log });
}
const TCP = { by: 'tcp', host: 'nowhere', port: 9100 } as const;
const print = (signal?: AbortSignal) => timers.until(printer.print(RECEIPT, signal));

beforeEach(() => {
  timers = new VirtualTimers();
  slip = new Slip();
  states = [];
});
afterEach(() => timers.until(printer.close()));

describe('a job', () => {
  it.each(['id', 'paper', 'both'] as const)('is confirmed by the answer behind it (%s)', async (answers) => {
    slip.answers = answers;
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(slip.printed).toBe(1);
    expect(states).toEqual(['ready', 'printing', 'ready']);
  });

  it('is unknown when no answer stands behind it', async () => {
    slip.answers = 'none';
    open();
    expect(await print()).toMatchObject({ outcome: 'unknown' });
    expect(slip.printed).toBe(1);
  });

  it('is unknown when the printer answers nothing at all', async () => {
    slip.mute = true;
    open();
    await timers.pass(100);
    expect(await print()).toMatchObject({ outcome: 'unknown' });
    expect(slip.printed).toBe(1);
    expect(printer.state).toMatchObject({ state: 'away', why: 'no-answer' });
  });

  it('is not confirmed by the late answer of the job before it', async () => {
    slip.answers = 'none';
    open();
    expect(await print()).toMatchObject({ outcome: 'unknown' });
    slip.printing = () => slip.wire.say([0x37, 0x22, ...Buffer.from('AAAB'), 0]);
    expect(await print()).toMatchObject({ outcome: 'unknown' });
  });

  it('counts a nameless answer only when none is owed from before', async () => {
    slip.answers = 'none';
    slip.printing = () => slip.wire.say([0x38, 0, 0x0c, 0]);
    open();
    expect(await print()).toMatchObject({ outcome: 'failed' });
    slip.printing = () => slip.wire.say([0]);
    expect(await print()).toMatchObject({ outcome: 'unknown' });
  });

  it('prints one after the other', async () => {
    open();
    const both = Promise.all([printer.print(RECEIPT), printer.print(RECEIPT)]);
    expect(await timers.until(both)).toEqual([{ outcome: 'confirmed' }, { outcome: 'confirmed' }]);
    expect(slip.printed).toBe(2);
  });

  it('is failed and sends nothing when it is stopped before its turn', async () => {
    open();
    const stop = new AbortController();
    stop.abort();
    expect(await print(stop.signal)).toMatchObject({ outcome: 'failed' });
    expect(slip.printed).toBe(0);
  });

  it('is unknown when it is stopped while it prints', async () => {
    slip.answers = 'none';
    const stop = new AbortController();
    slip.printing = () => stop.abort();
    open();
    expect(await print(stop.signal)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('what is left of a job', () => {
  const CLEAR = Buffer.from(hex('10 05 02 10 14 08 01 03 14 01 06 02 08'));
  const CUT = Buffer.from(hex('1B 40 1D 56 41 03'));
  const writes = () => slip.wire.written.map((bytes) => Buffer.from(bytes));
  const clears = () => writes().filter((bytes) => bytes.equals(CLEAR)).length;
  const receipts = () => writes().filter((bytes) => bytes.includes(PRINTED));

  it('by an earlier run is cleared when the printer is reached, and parted from the first receipt by a cut', async () => {
    open();
    await timers.pass(100);
    expect(clears()).toBe(1);
    await print();
    await print();
    expect(clears()).toBe(1);
    expect(receipts().map((bytes) => bytes.subarray(0, CUT.length).equals(CUT))).toEqual([true, false]);
  });

  it('is cleared when it failed, so that paper brings no rest of it, and the next is parted from the torn piece', async () => {
    slip.answers = 'none';
    slip.printing = () => slip.wire.say([0x18, 0, 0x0c, 0]);
    open();
    await timers.pass(100);
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    expect(clears()).toBe(2);
    slip.printing = () => undefined;
    slip.answers = 'both';
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(receipts()[1]?.subarray(0, CUT.length)).toEqual(CUT);
  });

  it('is cleared when it was stopped', async () => {
    slip.answers = 'none';
    const stop = new AbortController();
    slip.printing = () => stop.abort();
    open();
    expect(await print(stop.signal)).toMatchObject({ outcome: 'unknown' });
    expect(clears()).toBe(2);
  });

  it('owes no answer any more once the printer has said that it is cleared', async () => {
    slip.answers = 'none';
    slip.printing = () => slip.wire.say([0x38, 0, 0x0c, 0]);
    open();
    expect(await print()).toMatchObject({ outcome: 'failed' });
    slip.wire.say([0x37, 0x25, 0x00]);
    slip.printing = () => slip.wire.say([0]);
    expect(await print()).toEqual({ outcome: 'confirmed' });
  });

  it('stays where it is for who only looks', async () => {
    const log = ({ to }: { to: string }) => states.push(to);
    printer = new EscPosPrinter(slip.wire.connect, { connection: TCP, paperMm: 80, looksOnly: true, timers, log });
    await timers.pass(5_000);
    expect(states).toEqual(['ready']);
    expect(clears()).toBe(0);
  });
});

describe('a print head that is hot', () => {
  const HOT = [0x1a, 0x52, 0x52, 0x12];

  it('keeps a job waiting, and prints it when it has cooled down', async () => {
    slip.status = HOT;
    open();
    await timers.pass(100);
    const outcome = printer.print(RECEIPT);
    await timers.pass(20_000);
    expect(slip.printed).toBe(0);
    slip.status = [0x12, 0x12, 0x12, 0x12];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it('in the middle of a job holds it up and does not fail it', async () => {
    slip.answers = 'none';
    slip.printing = () => {
      slip.status = HOT;
    };
    open();
    const outcome = printer.print(RECEIPT);
    await timers.pass(30_000);
    slip.status = [0x12, 0x12, 0x12, 0x12];
    slip.wire.say([0x37, 0x22, ...Buffer.from('AAAB'), 0]);
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it('that stays hot fails the job in the end, with nothing printed', async () => {
    slip.status = HOT;
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'fault' });
    expect(slip.printed).toBe(0);
  });
});

describe('a status that comes late', () => {
  it('is not taken for the answer to the next question', async () => {
    open();
    await timers.pass(1_900);
    const heard = slip.wire.heard;
    let asked = 0;
    // The question about the cause is answered only in the next round, before that round's own answers.
    slip.wire.heard = (bytes, baud) => {
      if (bytes[0] !== 0x10 || bytes[1] !== 4) return;
      asked += 1;
      if (asked === 2) return;
      if (asked === 3) slip.wire.say([0x32]);
      timers.after(100, () => heard(bytes, baud));
    };
    slip.status = [0x1a, 0x32, 0x12, 0x72];
    await timers.pass(6_000);
    expect(printer.state).toMatchObject({ state: 'blocked', problem: 'paper-out' });
    expect(states).toEqual(['ready', 'blocked']);
  });
});

describe('a printer that cannot print', () => {
  it.each([
    ['paper-out', [0x1a, 0x32, 0x12, 0x72]],
    ['cover-open', [0x1a, 0x16, 0x12, 0x12]],
    ['cutter', [0x1a, 0x52, 0x1a, 0x12]],
    ['fault', [0x1a, 0x52, 0x32, 0x12]],
    ['paused', [0x1a, 0x12, 0x12, 0x12]],
  ])('%s: refuses the job before its first byte, and says what to do', async (problem, status) => {
    slip.status = status;
    open();
    await timers.pass(100);
    expect(printer.state).toMatchObject({ state: 'blocked', problem });
    expect(await print()).toMatchObject({ outcome: 'failed', problem });
    expect(slip.printed).toBe(0);
    slip.status = [0x12, 0x12, 0x12, 0x12];
    await timers.pass(3_000);
    expect(printer.state).toEqual({ state: 'ready', low: [] });
  });

  it('fails a job whose paper ends in the middle, told by real-time status', async () => {
    slip.answers = 'none';
    slip.printing = () => {
      slip.status = [0x1a, 0x32, 0x12, 0x72];
    };
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    await timers.pass(10);
    expect(printer.state).toMatchObject({ state: 'blocked', problem: 'paper-out' });
  });

  it('confirms a job whose paper ends right behind it', async () => {
    slip.printing = () => slip.wire.say([0x18, 0, 0x0c, 0]);
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
  });

  it('shows a change at once by automatic status, and survives a storm of them', async () => {
    open();
    await timers.pass(100);
    const before = timers.now;
    slip.wire.say([0x10, 0, 0x03, 0]);
    expect(printer.state).toEqual({ state: 'ready', low: ['paper'] });
    const seen = states.length;
    for (let i = 0; i < 5_000; i += 1) slip.wire.say([0x38, 0, 0x0c, 0]);
    expect(printer.state).toMatchObject({ state: 'blocked', problem: 'cover-open' });
    expect([states.length - seen, timers.now]).toEqual([1, before]);
  });
});

describe('an error that a reset clears', () => {
  const resets = () =>
    slip.wire.written.filter((bytes) => Buffer.from(bytes).includes(Buffer.from(hex('10 05 02')))).length;
  // The printer is cleared once when it is reached.
  const FIRST = 1;

  it('is cleared once, and the printer serves again without a hand', async () => {
    open();
    await timers.pass(3_000);
    slip.status = [0x3a, 0x52, 0x1a, 0x12];
    await timers.pass(2_500);
    expect(states.at(-1)).toBe('blocked');
    expect(resets()).toBe(FIRST + 1);
    slip.status = [0x12, 0x12, 0x12, 0x12];
    await timers.pass(2_500);
    expect(await print()).toEqual({ outcome: 'confirmed' });
  });

  it('and does not go is not cleared again before it has cooled down', async () => {
    open();
    slip.status = [0x3a, 0x52, 0x1a, 0x12];
    await timers.pass(50_000);
    expect(resets()).toBe(FIRST + 1);
    await timers.pass(20_000);
    expect(resets()).toBe(FIRST + 2);
  });

  it.each([
    ['an open cover', [0x3a, 0x56, 0x1a, 0x12]],
    ['no paper', [0x3a, 0x72, 0x1a, 0x7e]],
    ['an error that never goes', [0x3a, 0x52, 0x32, 0x12]],
  ])('is none with %s: a hand is waited for', async (_what, status) => {
    open();
    slip.status = status;
    await timers.pass(70_000);
    expect(states.at(-1)).toBe('blocked');
    expect(resets()).toBe(FIRST);
  });
});

describe('a printer that is not there', () => {
  it('refuses jobs once it stays away', async () => {
    slip.wire.plugged = false;
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'away' });
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'away' });
    expect(printer.state).toMatchObject({ state: 'away' });
  });

  it('prints a job that waited for its return', async () => {
    open();
    await timers.pass(100);
    slip.wire.unplug();
    await timers.pass(100);
    const outcome = printer.print(RECEIPT);
    await timers.pass(700);
    slip.wire.plugged = true;
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it('may send a storm of statuses: one that says nothing new is no event, and a job is confirmed in its midst', async () => {
    open();
    await timers.pass(100);
    const before = states.length;
    const storm = () => {
      for (let i = 0; i < 10_000; i += 1) slip.wire.say([0x10, 0, 0, 0]);
    };
    storm();
    expect(states).toHaveLength(before);
    slip.printing = storm;
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(printer.state).toEqual({ state: 'ready', low: [] });
    expect(states.slice(before)).toEqual(['printing', 'ready']);
    expect(timers.pending).toBeLessThan(5);
  });

  it('prints a job before which it went away when it is back', async () => {
    open();
    await timers.pass(100);
    slip.mute = true;
    const outcome = printer.print(RECEIPT);
    await timers.pass(200);
    slip.wire.unplug();
    await timers.pass(100);
    slip.mute = false;
    slip.wire.plugged = true;
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
    expect(slip.printed).toBe(1);
  });

  it('leaves a job unknown when it goes away in the middle', async () => {
    slip.answers = 'none';
    slip.printing = () => slip.wire.unplug();
    open();
    expect(await print()).toMatchObject({ outcome: 'unknown' });
  });

  it('that goes in the middle of the questions is away, and no question hangs', async () => {
    open();
    await timers.pass(100);
    const { heard } = slip.wire;
    slip.wire.heard = (bytes, baud) => {
      if (bytes.length === 3 && bytes[2] === 2) slip.wire.unplug();
      else heard(bytes, baud);
    };
    await timers.pass(3_000);
    expect(printer.state).toMatchObject({ state: 'away' });
  });

  it('is served at the first rate when it answers at none', async () => {
    slip.mute = true;
    open({ by: 'serial', path: '/dev/none', baud: 'auto' });
    await timers.pass(5_000);
    expect(slip.wire.rates).toEqual([115_200, 9_600, 19_200, 38_400, 57_600, 115_200]);
    expect(await print()).toMatchObject({ outcome: 'unknown' });
  });

  it('is not called away for one round of questions without an answer', async () => {
    open();
    await timers.pass(1_900);
    slip.mute = true;
    await timers.pass(1_200);
    slip.mute = false;
    await timers.pass(6_000);
    expect(states).toEqual(['ready']);
    slip.mute = true;
    await timers.pass(8_000);
    expect(printer.state).toMatchObject({ state: 'away', why: 'no-answer' });
  });

  it('finds its rate on a serial line', async () => {
    const heard = slip.wire.heard;
    slip.wire.heard = (bytes, baud) => {
      if (baud === 9_600) heard(bytes, baud);
    };
    open({ by: 'serial', path: '/dev/none', baud: 'auto' });
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(slip.wire.rates).toEqual([115_200, 9_600]);
  });

  it('runs for hours without growth', async () => {
    open();
    await timers.pass(3_600_000);
    expect(timers.pending).toBeLessThanOrEqual(2);
  });
});
