import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { err, ok, unreachable } from '#contract/result.ts';
import type { Ask } from '#drivers/document-printer/client.ts';
import { IppPrinter } from '#drivers/document-printer/device.ts';
import type { IppAnswer, Value } from '#drivers/document-printer/ipp.ts';
import type { DocumentPrinter } from '#drivers/document-printer/port.ts';
import { type Operation, USER } from '#drivers/document-printer/protocol.ts';
import { VirtualTimers } from '../stand.ts';

const PDF = new Uint8Array(10);

function says(attributes: Readonly<Record<string, Value | readonly Value[]>>, status = 0): IppAnswer {
  const listed = Object.entries(attributes).map(
    ([name, value]) => [name, Array.isArray(value) ? value : [value]] as const,
  );
  return { status, groups: [{ tag: 4, attributes: new Map(listed) }] };
}

/** A scripted printer: what it says of itself and of its only job. */
class Queue {
  readonly asked: Operation[] = [];
  readonly sent: object[] = [];
  printer: Readonly<Record<string, Value | readonly Value[]>> = { 'printer-state': 3, 'printer-state-reasons': 'none' };
  /** Job states, one for each question; the last one stays. */
  job: number[] = [3, 5, 9];
  off = false;
  statuses: Partial<Record<Operation, number>> = {};
  lose: Operation | undefined;
  /** Unfinished jobs that stand in the printer: their number and whose they are. */
  left: (readonly [number, string])[] = [];

  readonly ask: Ask = async (operation, attributes, { job }) => {
    this.asked.push(operation);
    this.sent.push({ operation, ...attributes, ...job });
    if (this.off || this.lose === operation) return err({ detail: 'ECONNREFUSED' });
    const status = this.statuses[operation] ?? 0;
    switch (operation) {
      case 'Get-Printer-Attributes':
        return ok(says(this.printer, status));
      case 'Get-Job-Attributes': {
        const [state = 9] = this.job;
        if (this.job.length > 1) this.job.shift();
        return ok(says({ 'job-state': state, 'job-state-reasons': 'none' }, status));
      }
      case 'Get-Jobs':
        return ok({
          status,
          groups: this.left.map(([id, user]) => ({
            tag: 2,
            attributes: new Map<string, Value[]>([
              ['job-id', [id]],
              ['job-originating-user-name', [user]],
            ]),
          })),
        });
      case 'Cancel-Job':
        if (this.left.every(([id]) => id !== attributes['job-id'])) this.job = [7];
        this.left = this.left.filter(([id]) => id !== attributes['job-id']);
        return ok(says({}, status));
      case 'Create-Job':
      case 'Print-Job':
        return ok(says(status === 0 ? { 'job-id': 42 } : {}, status));
      case 'Send-Document':
        return ok(says({}, status));
      default:
        return unreachable(operation);
    }
  };
}

let timers: VirtualTimers;
let queue: Queue;
let printer: DocumentPrinter;
let states: string[];

function open(): void {
  const log = ({ to }: { to: string }) => states.push(to);
  const connection = { by: 'ipp', url: 'ipp://nowhere/ipp/print' } as const;
  printer = new IppPrinter(queue.ask, { connection, timers, log });
}
const print = (signal = new AbortController().signal) =>
  timers.until(printer.print({ pdf: PDF, name: 'certificate', signal }));

beforeEach(() => {
  timers = new VirtualTimers();
  queue = new Queue();
  states = [];
});
afterEach(() => timers.until(printer.close()));

describe('a job that an earlier run left in the printer', () => {
  it('is cancelled before the printer is ready, and nobody else’s is', async () => {
    queue.left = [
      [7, USER],
      [8, 'somebody'],
      [9, USER],
    ];
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.left).toEqual([[8, 'somebody']]);
    expect(queue.asked.lastIndexOf('Cancel-Job')).toBeLessThan(queue.asked.indexOf('Create-Job'));
  });

  it('is cancelled also when the printer was away in the middle of it', async () => {
    open();
    queue.job = [5];
    const outcome = print();
    await timers.pass(2_000);
    queue.left = [[42, USER]];
    queue.off = true;
    expect(await outcome).toMatchObject({ outcome: 'unknown' });
    queue.off = false;
    await timers.pass(10_000);
    expect(queue.left).toEqual([]);
  });

  it('is nothing that keeps a printer from printing that can’t tell', async () => {
    queue.statuses = { 'Get-Jobs': 0x0501 };
    open();
    queue.job = [3, 9];
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.asked).not.toContain('Cancel-Job');
  });
});

describe('a job', () => {
  it('is followed to its end and confirmed', async () => {
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.sent).toContainEqual(
      expect.objectContaining({
        operation: 'Create-Job',
        media: 'iso_a4_210x297mm',
        'requesting-user-name': USER,
      }),
    );
    expect(queue.asked.filter((operation) => operation === 'Get-Job-Attributes')).toHaveLength(3);
    expect(states).toEqual(['ready', 'printing', 'ready']);
  });

  it('goes in one piece to a printer that knows no other way', async () => {
    queue.statuses = { 'Create-Job': 0x0501 };
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.asked).toContain('Print-Job');
  });

  it('whose document’s answer was lost is followed all the same', async () => {
    queue.lose = 'Send-Document';
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
  });

  it.each([
    ['aborted', 8, 'fault'],
    ['cancelled at the printer', 7, 'paused'],
  ])('that is %s has failed', async (_, state, problem) => {
    queue.job = [5, state];
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem });
  });

  it('that the printer refuses has failed', async () => {
    queue.statuses = { 'Create-Job': 0x0506 };
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paused' });
  });

  it('waits for a printer that is busy with another one', async () => {
    queue.statuses = { 'Create-Job': 0x0507 };
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(3_000);
    queue.statuses = {};
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
    queue.statuses = { 'Create-Job': 0x0507 };
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paused' });
  });

  it('whose document the printer refuses is taken back', async () => {
    queue.statuses = { 'Send-Document': 0x040a };
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'fault' });
    expect(queue.asked).toContain('Cancel-Job');
  });

  it('prints no more once the driver is closed', async () => {
    open();
    await timers.pass(100);
    await timers.until(printer.close());
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'away' });
    expect(timers.pending).toBe(0);
  });

  it('that the printer forgot is unknown', async () => {
    queue.statuses = { 'Get-Job-Attributes': 0x0406 };
    open();
    expect(await print()).toMatchObject({ outcome: 'unknown' });
  });

  it('that is stuck without paper is cancelled, and said', async () => {
    queue.job = [6];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(100);
    queue.printer = { 'printer-state': 5, 'printer-state-reasons': ['media-empty-error'] };
    await timers.pass(1_000);
    expect(printer.state).toMatchObject({ state: 'blocked', problem: 'paper-out' });
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    expect(queue.asked).toContain('Cancel-Job');
  });

  it('goes on when the paper is there again in time', async () => {
    queue.job = [6];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(5_000);
    queue.job = [5, 9];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it('is cancelled when it is no longer wanted; one that had begun stays unknown', async () => {
    queue.job = [5];
    open();
    const stop = new AbortController();
    const outcome = printer.print({ pdf: PDF, name: 'certificate', signal: stop.signal });
    await timers.pass(2_000);
    stop.abort();
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'unknown' });
    expect(queue.asked).toContain('Cancel-Job');
  });

  it('that had not begun and is no longer wanted has failed', async () => {
    queue.job = [3];
    open();
    const stop = new AbortController();
    const outcome = printer.print({ pdf: PDF, name: 'certificate', signal: stop.signal });
    await timers.pass(2_000);
    stop.abort();
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'failed' });
  });

  it('survives a printer that is off for a moment, not one that stays off', async () => {
    queue.job = [5];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(1_000);
    queue.off = true;
    await timers.pass(600);
    queue.off = false;
    queue.job = [9];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
    queue.job = [5];
    const second = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(1_000);
    queue.off = true;
    expect(await timers.until(second)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a printer’s own state', () => {
  it.each([
    ['paper-out', { 'printer-state': 3, 'printer-state-reasons': 'media-empty' }],
    ['paper-out', { 'printer-state': 5, 'printer-state-reasons': ['media-needed-error', 'toner-low-report'] }],
    ['paper-out', { 'printer-state': 3, 'printer-state-reasons': ['media-empty-warning'] }],
    ['jam', { 'printer-state': 5, 'printer-state-reasons': ['media-empty', 'media-jam-error'] }],
    ['cover-open', { 'printer-state': 5, 'printer-state-reasons': 'door-open-error' }],
    ['supply-empty', { 'printer-state': 5, 'printer-state-reasons': 'marker-supply-empty-error' }],
    ['paused', { 'printer-state': 5, 'printer-state-reasons': 'paused' }],
    ['paused', { 'printer-state': 3, 'printer-is-accepting-jobs': false }],
    ['fault', { 'printer-state': 5, 'printer-state-reasons': 'other' }],
  ])('%s: refuses a job before it is made', async (problem, says) => {
    queue.printer = says;
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem });
    expect(queue.asked).not.toContain('Create-Job');
    expect(printer.state).toMatchObject({ state: 'blocked', problem });
  });

  it('is ready when something runs low, and names what runs low once', async () => {
    queue.printer = {
      'printer-state': 3,
      'printer-state-reasons': ['marker-supply-low-warning', 'media-low-report', 'toner-low'],
    };
    open();
    await timers.pass(100);
    expect(printer.state).toEqual({ state: 'ready', low: ['toner', 'paper'] });
  });

  it('is not away while its queue only connects, and away when the queue cannot', async () => {
    queue.printer = { 'printer-state': 4, 'printer-state-reasons': 'connecting-to-device' };
    open();
    await timers.pass(100);
    expect(printer.state).toMatchObject({ state: 'ready' });
    queue.printer = { 'printer-state': 5, 'printer-state-reasons': 'offline-report' };
    await timers.pass(4_000);
    expect(printer.state).toMatchObject({ state: 'away', why: 'offline' });
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'away' });
  });

  it('goes away and comes back by itself; jobs are refused once it stays away', async () => {
    queue.off = true;
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'away' });
    expect(printer.state).toMatchObject({ state: 'away', why: 'no-answer' });
    queue.off = false;
    await timers.pass(6_000);
    expect(printer.state).toEqual({ state: 'ready', low: [] });
  });
});
