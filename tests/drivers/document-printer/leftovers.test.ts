import { describe, expect, it } from 'vitest';
import { USER } from '#drivers/document-printer/protocol.ts';
import { eachWithItsPrinter, events, open, PDF, print, printer, queue, timers } from './queue.ts';

eachWithItsPrinter();

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
