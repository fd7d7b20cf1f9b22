import { describe, expect, it } from 'vitest';
import { eachWithItsPrinter, open, PDF, print, printer, queue, timers } from './queue.ts';

eachWithItsPrinter();

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
