import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { STORE_FILE } from '#main/service/store/open.ts';
import { Stage } from '../visit/stage.ts';

describe('paper during a visit', () => {
  it('that jams is said so, prints again on one tap, and both are written down', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.script.push({ outcome: 'failed', problem: 'jam', why: 'a jam' });
    await stage.toDone();
    const receipt = stage.paper('receipt');
    expect(receipt?.print).toEqual({ state: 'failed', problem: 'jam' });
    await stage.does('print.again', { job: receipt?.id ?? '' });
    expect(stage.paper('receipt')?.print).toEqual({ state: 'confirmed' });
    expect(stage.receiptPrinter.receipts).toHaveLength(2);
    expect(stage.journaled('print').map(({ outcome }) => outcome)).toEqual(['failed', 'again', 'confirmed']);
    expect(stage.audited('print.again')).toBe(1);
  });

  it('that came out leaves nothing of what it was set from on the disk, in the write-ahead log neither', async () => {
    const stage = await Stage.open();
    await stage.pass(10_000);
    stage.receiptPrinter.blocked = true;
    await stage.toDone();
    const file = join(stage.root, 'data', STORE_FILE);
    const db = new Database(file, { readonly: true });
    const sealed = db
      .prepare<[], Buffer>("SELECT sealed_input FROM print_job WHERE document = 'receipt'")
      .pluck()
      .get();
    db.close();
    if (!sealed) throw new Error('nothing was sealed');
    const onDisk = () => [file, `${file}-wal`].some((name) => existsSync(name) && readFileSync(name).includes(sealed));
    expect(onDisk()).toBe(true);
    stage.receiptPrinter.release();
    await stage.settle();
    expect(stage.paper('receipt')?.print).toEqual({ state: 'confirmed' });
    await stage.pass(10_000);
    expect(onDisk()).toBe(false);
  });

  it('that can’t show a character says so, and the character, which may be one of a name, is not written down', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.script.push({ outcome: 'failed', problem: 'missing-glyph', why: 'no font draws U+2FFFD' });
    await stage.toDone();
    expect(stage.paper('receipt')?.print).toEqual({ state: 'failed', problem: 'missing-glyph' });
    expect(stage.jobs().map(({ detail }) => detail)).toContain('missing-glyph');
    expect(JSON.stringify(stage.jobs())).not.toContain('2FFFD');
  });

  it('of an unknown outcome is shown as unknown; a confirmed one is not printed again', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.script.push({ outcome: 'unknown', why: 'no answer' });
    await stage.toDone();
    const job = stage.paper('receipt')?.id ?? '';
    expect(stage.paper('receipt')?.print).toEqual({ state: 'unknown' });
    await stage.does('print.again', { job });
    expect(stage.paper('receipt')?.print).toEqual({ state: 'confirmed' });
    expect(stage.call('print.again', { job })).toEqual({ ok: false, error: { code: 'not-now' } });
    expect(stage.call('print.again', { job: 'somebody-elses' })).toEqual({ ok: false, error: { code: 'not-now' } });
  });

  it('that is not out at the end is held', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.blocked = true;
    await stage.toDone();
    expect(stage.paper('receipt')?.print).toEqual({ state: 'printing' });
    await stage.does('visit.end', {});
    expect(stage.journaled('print')).toMatchObject([{ document: 'receipt', outcome: 'held' }]);
    expect(stage.audited('print.held')).toBe(1);
  });

  it.each([
    [{ outcome: 'confirmed' }, 'confirmed'],
    [{ outcome: 'unknown', why: 'no answer' }, 'unknown'],
  ] as const)('that could not be stopped at the end is told truly: %o', async (outcome, told) => {
    const stage = await Stage.open();
    stage.receiptPrinter.blocked = true;
    stage.receiptPrinter.deaf = true;
    stage.receiptPrinter.script.push(outcome);
    await stage.toDone();
    await stage.does('visit.end', {});
    stage.receiptPrinter.release();
    await stage.settle();
    expect(stage.journaled('print').map((entry) => entry['outcome'])).toEqual(['held', told]);
  });

  it('that could not be stopped is none of the next person’s business', async () => {
    const stage = await Stage.open();
    await stage.toConfirming();
    stage.documentPrinter.blocked = true;
    stage.documentPrinter.deaf = true;
    stage.documentPrinter.script.push({ outcome: 'unknown', why: 'no answer' });
    await stage.does('worker.confirm', { seen: ['face', 'home', 'lives'] });
    await stage.until(() => stage.documentPrinter.pdfs.length === 1);
    const job = stage.paper('certificate')?.id ?? '';
    await stage.does('visit.end', {});
    stage.reader.lift();
    await stage.toDone();
    stage.documentPrinter.release();
    await stage.settle();
    expect(stage.journaled('print').at(-1)).toMatchObject({ job, outcome: 'unknown' });
    expect(stage.call('print.again', { job })).toEqual({ ok: false, error: { code: 'not-now' } });
    await stage.does('visit.leave', {});
    expect(stage.stepAt('leaving').papers.map(({ id }) => id)).not.toContain(job);
  });

  it('that can’t be stopped is waited for when the service stops, and its outcome is on the disk', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.blocked = true;
    stage.receiptPrinter.deaf = true;
    await stage.toDone();
    const stopped = stage.close();
    await stage.settle();
    stage.receiptPrinter.release();
    await stopped;
    expect(stage.journaled('print').map((entry) => entry['outcome'])).toEqual(['held', 'confirmed']);
  });

  it('keeps the last page while a jam is mended', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    stage.documentPrinter.script.push({ outcome: 'failed', problem: 'paper-out', why: 'no paper' });
    await stage.does('visit.leave', {});
    stage.reader.lift();
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'failed');
    await stage.pass(20_000);
    expect(stage.step.at).toBe('leaving');
    await stage.does('print.again', { job: stage.paper('acceptance-notice')?.id ?? '' });
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
    await stage.pass(6_000);
    expect(stage.step.at).toBe('ended');
  });

  it('that was printing at a crash is of unknown outcome, and the case and its number stay', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.blocked = true;
    await stage.toDone();
    const { receiptNumber } = stage.stepAt('done');
    // What a kill or a power cut would leave on the disk at this moment.
    const root = mkdtempSync(join(tmpdir(), 'yc-crash-'));
    cpSync(stage.root, root, { recursive: true });

    const after = await Stage.open({ root, time: stage.time });
    expect(after.step).toEqual({ at: 'attract' });
    expect(after.journaled('print')).toMatchObject([{ document: 'receipt', outcome: 'unknown' }]);
    expect(after.audited('print.unknown')).toBe(1);
    expect(after.journaled('case')).toMatchObject([{ receiptNumber }]);
    await after.pass(1_000);
    expect(after.receiptPrinter.receipts).toHaveLength(0);
    await after.toDone();
    expect(after.stepAt('done').receiptNumber).not.toBe(receiptNumber);
  });
});
