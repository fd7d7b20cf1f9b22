import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { err, ok, unreachable } from '#contract/result.ts';
import type { DeviceEvent } from '#drivers/common/port.ts';
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

/** A job in a list; '' stands for a printer that does not say whose it is. */
type Listed = readonly [number: number, user: string];

/** A scripted printer: what it says of itself and of its only job. */
class Queue {
  readonly asked: Operation[] = [];
  readonly sent: object[] = [];
  printer: Readonly<Record<string, Value | readonly Value[]>> = { 'printer-state': 3, 'printer-state-reasons': 'none' };
  /** Job states, one for each question; the last one stays. */
  job: number[] = [3, 5, 9];
  reasons: string | string[] = 'none';
  off = false;
  statuses: Partial<Record<Operation, number>> = {};
  lose: Operation | undefined;
  /** Unfinished jobs that stand in the printer: their number and whose they are. */
  left: Listed[] = [];
  /** Jobs that have ended and that CUPS keeps. */
  kept: Listed[] = [];

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
        return ok(says({ 'job-state': state, 'job-state-reasons': this.reasons }, status));
      }
      case 'Get-Jobs': {
        const listed = attributes['which-jobs'] === 'completed' ? this.kept : this.left;
        return ok({
          status,
          groups: listed.map(([id, user]) => ({
            tag: 2,
            attributes: new Map<string, Value[]>([
              ['job-id', [id]],
              ['job-originating-user-name', user === '' ? [] : [user]],
            ]),
          })),
        });
      }
      case 'Cancel-Job':
        if (status === 0) this.#cancel(attributes['job-id'], attributes['purge-job'] === true);
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

  #cancel(number: unknown, purge: boolean): void {
    const others = (jobs: Listed[]) => jobs.filter(([each]) => each !== number);
    const left = this.left.filter(([each]) => each === number);
    if (purge) this.kept = others(this.kept);
    else if (left.length === 0) this.job = [7];
    else this.kept.push(...left);
    this.left = others(this.left);
  }
}

let timers: VirtualTimers;
let queue: Queue;
let printer: DocumentPrinter;
let events: DeviceEvent[];

function open(how: { looksOnly?: boolean } = {}, ask: Ask = queue.ask): void {
  const log = (event: DeviceEvent) => events.push(event);
  const connection = { by: 'ipp', url: 'ipp://nowhere/ipp/print' } as const;
  printer = new IppPrinter(ask, { connection, timers, log, ...how });
}
const print = (signal = new AbortController().signal) =>
  timers.until(printer.print({ pdf: PDF, name: 'certificate', signal }));

beforeEach(() => {
  timers = new VirtualTimers();
  queue = new Queue();
  events = [];
});
afterEach(() => timers.until(printer.close()));

describe('a job that an earlier run left in the printer', () => {
  it('is cancelled before the printer is ready, and nobody else’s is', async () => {
    queue.left = [
      [7, USER],
      [8, 'somebody'],
      [9, USER],
      [10, ''],
    ];
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.left).toEqual([
      [8, 'somebody'],
      [10, ''],
    ]);
    expect(queue.asked.lastIndexOf('Cancel-Job')).toBeLessThan(queue.asked.indexOf('Create-Job'));
    expect(events[0]).toMatchObject({
      to: 'ready',
      detail: 'jobs in the printer: 7 (taken back), 9 (taken back)',
    });
  });

  it('is left alone by who only looks: the service may be printing it', async () => {
    queue.left = [[7, USER]];
    open({ looksOnly: true });
    await timers.pass(10_000);
    expect(printer.state.state).toBe('ready');
    expect(queue.left).toEqual([[7, USER]]);
  });

  it('is asked for by the name that it was sent with, so many at a time', async () => {
    open();
    await timers.pass(10_000);
    expect(queue.sent.filter((sent) => 'which-jobs' in sent)).toEqual([
      {
        operation: 'Get-Jobs',
        'requesting-user-name': USER,
        'which-jobs': 'not-completed',
        'my-jobs': true,
        limit: 50,
        'requested-attributes': ['job-id', 'job-originating-user-name'],
      },
    ]);
  });

  it('that can’t be cancelled is told to the log, keeps nobody waiting, and is tried again until it is gone', async () => {
    queue.left = [[7, USER]];
    queue.statuses = { 'Cancel-Job': 0x0404 };
    open();
    await timers.pass(100);
    expect(events).toMatchObject([{ to: 'ready', detail: 'jobs in the printer: 7 (status 0404)' }]);
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.left).toHaveLength(1);
    queue.statuses = {};
    await timers.pass(8_000);
    expect(queue.left).toEqual([]);
    const asked = queue.asked.length;
    await timers.pass(10_000);
    expect(queue.asked.slice(asked)).not.toContain('Get-Jobs');
  });

  it('is looked for before the next one when the printer did not say what it holds', async () => {
    queue.left = [[7, USER]];
    queue.lose = 'Get-Jobs';
    open();
    await timers.pass(100);
    const detail = 'which jobs are in the printer is not known (ECONNREFUSED)';
    expect(events).toMatchObject([{ to: 'ready', detail }]);
    queue.lose = undefined;
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.left).toEqual([]);
    expect(queue.asked.indexOf('Cancel-Job')).toBeLessThan(queue.asked.indexOf('Create-Job'));
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
    expect(events[0]).not.toHaveProperty('detail');
  });
});

describe('a job of this life', () => {
  it('is not taken back while it is under way', async () => {
    queue.job = [5];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(1_000);
    queue.left = [[42, USER]];
    const asked = queue.asked.length;
    await timers.pass(8_000);
    expect(new Set(queue.asked.slice(asked))).toEqual(new Set(['Get-Job-Attributes', 'Get-Printer-Attributes']));
    queue.left = [];
    queue.job = [9];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it('that did not end well is taken back before the next one, though the printer was there all the time', async () => {
    queue.job = [6];
    queue.statuses = { 'Cancel-Job': 0x0500 };
    open();
    const first = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(5_000);
    queue.left = [[42, USER]];
    expect(await timers.until(first)).toEqual({ outcome: 'unknown', why: 'the job could not be cancelled' });
    queue.statuses = {};
    queue.job = [9];
    const asked = queue.asked.length;
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(queue.left).toEqual([]);
    const then = queue.asked.slice(asked);
    expect(then.indexOf('Cancel-Job')).toBeLessThan(then.indexOf('Create-Job'));
  });
});

describe('the files of a job that has ended', () => {
  const CUPS = { 'printer-state': 3, 'printer-state-reasons': 'none', 'cups-version': '2.4.2' };
  const STOPPING = { ...CUPS, 'printer-state': 4 };
  const purges = () => queue.sent.filter((sent) => 'purge-job' in sent);
  const purge = (job: number) => ({
    operation: 'Cancel-Job',
    'job-id': job,
    'requesting-user-name': USER,
    'purge-job': true,
  });
  /** A job that is taken back while CUPS' back end is at it. */
  async function stopped(): Promise<void> {
    queue.printer = CUPS;
    queue.job = [6];
    open();
    const stop = new AbortController();
    const outcome = printer.print({ pdf: PDF, name: 'certificate', signal: stop.signal });
    await timers.pass(2_000);
    queue.printer = STOPPING;
    queue.kept = [[42, USER]];
    stop.abort();
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'unknown' });
  }

  it.each([
    ['confirmed', 9],
    ['failed', 8],
    ['failed', 7],
  ])('go at CUPS when it is %s (job state %i)', async (outcome, state) => {
    queue.printer = CUPS;
    queue.job = [5, state];
    open();
    expect(await print()).toMatchObject({ outcome });
    await timers.pass(100);
    expect(purges()).toEqual([purge(42)]);
  });

  it('go when the driver is closed meanwhile', async () => {
    queue.printer = CUPS;
    queue.job = [5];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(2_000);
    await timers.until(printer.close());
    expect(await outcome).toMatchObject({ outcome: 'unknown' });
    expect(purges()).toEqual([purge(42)]);
  });

  it('are not asked for at a printer that is not CUPS', async () => {
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    await timers.pass(10_000);
    expect(purges()).toEqual([]);
  });

  it('change nothing about how it ended when they stay: that is told to the log', async () => {
    queue.printer = CUPS;
    queue.statuses = { 'Cancel-Job': 0x0403 };
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    queue.kept = [[42, USER]];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
    await timers.pass(1_000);
    expect(events.map(({ to }) => to)).toEqual(['ready', 'printing', 'ready']);
    expect(events[2]).toMatchObject({ detail: 'jobs in the printer: 42 (status 0403)' });
  });

  it('may be gone already', async () => {
    queue.printer = CUPS;
    queue.statuses = { 'Cancel-Job': 0x0406 };
    open();
    expect(await print()).toEqual({ outcome: 'confirmed' });
    await timers.pass(10_000);
    // Both are of the opening.
    expect(queue.asked.filter((operation) => operation === 'Get-Jobs')).toHaveLength(2);
  });

  it('wait for CUPS to stop its back end, which would leave the job in the printer behind the queue', async () => {
    await stopped();
    await timers.pass(1_000);
    expect(purges()).toEqual([]);
    queue.printer = CUPS;
    await timers.pass(1_000);
    expect(purges()).toEqual([purge(42)]);
  });

  it('go later when that takes long', async () => {
    await stopped();
    await timers.pass(20_000);
    expect(purges()).toEqual([]);
    expect(printer.state).toMatchObject({ state: 'ready' });
    queue.printer = CUPS;
    await timers.pass(4_000);
    expect(purges()).toEqual([purge(42)]);
  });

  it('of an earlier run go too, when what was unfinished then is cancelled', async () => {
    queue.printer = CUPS;
    queue.left = [[7, USER]];
    queue.kept = [
      [5, USER],
      [6, 'somebody'],
    ];
    open();
    await timers.pass(100);
    expect(events).toMatchObject([{ to: 'ready', detail: 'jobs in the printer: 7 (taken back)' }]);
    expect(purges()).toEqual([]);
    await timers.pass(10_000);
    expect(purges()).toEqual([purge(5), purge(7)]);
    expect(queue.kept).toEqual([[6, 'somebody']]);
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
    expect(events.map(({ to }) => to)).toEqual(['ready', 'printing', 'ready']);
  });

  it('that was completed with errors is not confirmed: a page may be missing', async () => {
    queue.reasons = ['job-completed-with-errors', 'job-completed-successfully'];
    open();
    expect(await print()).toMatchObject({ outcome: 'unknown' });
    queue.reasons = 'job-completed-with-warnings';
    expect(await print()).toEqual({ outcome: 'confirmed' });
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

  it('goes as many times as is asked for, on both sides where the printer can', async () => {
    const both = { pdf: PDF, name: 'certificate', copies: 2, bothSides: true };
    open();
    await timers.until(printer.print(both));
    expect(queue.sent).toContainEqual(expect.objectContaining({ sides: 'one-sided', copies: 2 }));
    await timers.until(printer.close());
    queue.printer = { ...queue.printer, 'sides-supported': ['one-sided', 'two-sided-long-edge'] };
    queue.job = [9];
    open();
    await timers.until(printer.print(both));
    expect(queue.sent).toContainEqual(expect.objectContaining({ sides: 'two-sided-long-edge', copies: 2 }));
  });

  it.each([
    ['PDF', { 'document-format-supported': ['image/pwg-raster'] }],
    ['A4', { 'media-supported': ['na_letter_8.5x11in'], 'document-format-supported': ['application/pdf'] }],
  ])('is refused by a printer that takes no %s, and never sent', async (word, lacks) => {
    queue.printer = { ...queue.printer, ...lacks };
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'fault' });
    expect(printer.state).toMatchObject({ state: 'blocked', remedy: expect.stringContaining(word) });
    expect(queue.asked).not.toContain('Create-Job');
  });

  it('is taken back, when it is no longer wanted once it has its number, before its document is sent', async () => {
    const stop = new AbortController();
    const { ask } = queue;
    open({}, async (operation, attributes, more) => {
      const said = await ask(operation, attributes, more);
      if (operation === 'Create-Job') stop.abort();
      return said;
    });
    const outcome = printer.print({ pdf: PDF, name: 'certificate', signal: stop.signal });
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'failed', problem: 'paused' });
    expect(queue.asked).toContain('Cancel-Job');
    expect(queue.asked).not.toContain('Send-Document');
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

  const REMEMBERED = { 'printer-state': 3, 'printer-state-reasons': ['media-empty-error'], 'cups-version': '2.4.2' };

  it('as CUPS remembers it from the last job keeps no job back: the job tells what is true', async () => {
    queue.printer = REMEMBERED;
    open();
    await timers.pass(100);
    expect(printer.state).toMatchObject({ state: 'blocked', problem: 'paper-out' });
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(600);
    queue.printer = { ...REMEMBERED, 'printer-state-reasons': 'none' };
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
    await timers.pass(3_000);
    expect(printer.state).toMatchObject({ state: 'ready' });
  });

  it('that CUPS says again of a job under way is true: the job is taken back', async () => {
    queue.printer = REMEMBERED;
    queue.job = [5];
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    expect(queue.asked).toContain('Cancel-Job');
  });

  it('as CUPS remembers it keeps no job back either when it says `offline`: nothing else would ever find it again', async () => {
    queue.printer = { ...REMEMBERED, 'printer-state-reasons': 'offline-report' };
    open();
    await timers.pass(100);
    expect(printer.state).toMatchObject({ state: 'away', why: 'offline' });
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(600);
    queue.printer = { ...REMEMBERED, 'printer-state-reasons': 'none' };
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it.each([
    [3, { outcome: 'failed', problem: 'away' }],
    [5, { outcome: 'unknown' }],
  ])('`offline` during a job (state %i) ends it: it is taken back', async (state, outcome) => {
    queue.job = [state];
    open();
    const ended = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(1_000);
    queue.printer = { 'printer-state': 4, 'printer-state-reasons': 'offline-report' };
    await timers.pass(12_000);
    expect(queue.asked).toContain('Cancel-Job');
    expect(await timers.until(ended)).toMatchObject(outcome);
  });

  const BEHIND = {
    'printer-state': 4,
    'printer-state-reasons': 'none',
    'printer-state-message': 'The printer may not exist or is unavailable at this time.',
    'cups-version': '2.4.2',
    'device-uri': 'ipp://192.0.2.1/ipp/print',
  };

  it('is away when CUPS does not reach it for a job, although it gives no reason for that; the job is taken back', async () => {
    queue.printer = BEHIND;
    queue.job = [5];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(3_000);
    expect(printer.state).toEqual({ state: 'printing' });
    await timers.pass(4_000);
    expect(printer.state).toMatchObject({ state: 'away', why: 'offline' });
    await timers.pass(12_000);
    expect(queue.asked).toContain('Cancel-Job');
    expect(await timers.until(outcome)).toMatchObject({ outcome: 'unknown' });
  });

  it.each([
    ['has the job', { 'printer-state-reasons': 'cups-waiting-for-job-completed' }],
    ['is busy with another one', { 'printer-state-message': 'The printer is in use.' }],
    ['cannot say that it has the job', { 'device-uri': 'socket://192.0.2.1' }],
  ])('is not away when the printer behind CUPS %s: it may take long', async (_, says) => {
    queue.printer = { ...BEHIND, ...says };
    queue.job = [5];
    open();
    const outcome = printer.print({ pdf: PDF, name: 'certificate' });
    await timers.pass(60_000);
    expect(printer.state).toEqual({ state: 'printing' });
    queue.job = [9];
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
  });

  it.each([
    { 'printer-state': 5, 'printer-state-reasons': ['media-empty-error'] },
    { 'printer-state': 3, 'printer-state-reasons': ['media-empty-error', 'paused'] },
    { 'printer-state': 3, 'printer-state-reasons': ['media-empty-error'], 'printer-is-accepting-jobs': false },
  ])('of a queue that CUPS has stopped refuses a job before it is made', async (says) => {
    queue.printer = { ...REMEMBERED, ...says };
    open();
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    expect(queue.asked).not.toContain('Create-Job');
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

describe('supplies', () => {
  it('are told with their levels, and without one where the printer knows none', async () => {
    queue.printer = { ...queue.printer, 'marker-names': ['Black', 'Drum', 'Waste'], 'marker-levels': [40, -2] };
    open();
    expect(await printer.supplies()).toEqual([
      { name: 'Black', percent: 40 },
      { name: 'Drum', percent: null },
      { name: 'Waste', percent: null },
    ]);
    queue.printer = {
      ...queue.printer,
      'printer-supply': [
        'type=toner;unit=percent;maxcapacity=100;level=25;',
        'type=waste;maxcapacity=200;level=50',
        'odd;level=x',
      ],
      'printer-supply-description': ['Black toner'],
    };
    expect(await printer.supplies()).toEqual([
      { name: 'Black toner', percent: 25 },
      { name: 'waste', percent: 25 },
      { name: '', percent: null },
    ]);
    queue.off = true;
    expect(await printer.supplies()).toEqual([]);
  });
});
