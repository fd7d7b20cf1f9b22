import { describe, expect, it } from 'vitest';
import { USER } from '#drivers/document-printer/protocol.ts';
import { eachWithItsPrinter, events, open, PDF, print, printer, queue, timers } from './queue.ts';

eachWithItsPrinter();

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

  it('that came out while it was being cancelled is confirmed', async () => {
    queue.job = [5];
    queue.statuses = { 'Cancel-Job': 0x0404 };
    open();
    const stop = new AbortController();
    const outcome = printer.print({ pdf: PDF, name: 'certificate', signal: stop.signal });
    await timers.pass(3_000);
    queue.job = [9];
    stop.abort();
    expect(await timers.until(outcome)).toEqual({ outcome: 'confirmed' });
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
