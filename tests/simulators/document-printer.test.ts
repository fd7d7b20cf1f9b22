import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { getPrinterAttributes, printJob } from './document-printer/ipp.ts';
import { type IppPrinter, startIppPrinter } from './index.ts';

const PDF = Buffer.from('%PDF-1.4\n% a certificate\n');

let folder: string;
let printer: IppPrinter;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'printed-'));
  printer = await startIppPrinter({ folder });
});
afterEach(async () => {
  await printer.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(name: string): Promise<readonly (string | number)[]> {
  return (await getPrinterAttributes(printer.connection)).values.get(name) ?? [];
}

/** Sends a document as often as the printer is too busy to take it. */
async function accept(name: string): Promise<void> {
  await expect.poll(async () => (await printJob(printer.connection, name, PDF)).status, { timeout: 10_000 }).toBe(0);
}

async function printed(): Promise<string[]> {
  return (await printer.papers()).map((file) => basename(file));
}

it('keeps each document that it printed', async () => {
  expect(await ask('media-ready')).toContain('iso_a4_210x297mm');
  await accept('one');
  await accept('two');
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf', 'job-2.pdf']);
  const [first = ''] = await printer.papers();
  expect(await readFile(first)).toEqual(PDF);
});

it('reports a reason and holds its jobs until a hand has mended it', async () => {
  await printer.setReason('media-jam', true);
  expect(await ask('printer-state-reasons')).toEqual(['media-jam-report']);
  await accept('held');
  await printer.setReason('media-low', true);
  expect(new Set(await ask('printer-state-reasons'))).toEqual(new Set(['media-jam-warning', 'media-low-warning']));
  expect((await printJob(printer.connection, 'second', PDF)).status).toBe(0x0507);
  expect(await printed()).toEqual([]);
  await printer.setReason('media-jam', false);
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
  await expect.poll(() => ask('printer-state-reasons')).toEqual(['media-low-report']);
});

it('loses what it had not printed when it is switched off, and comes back with its reasons', async () => {
  await printer.setReason('cover-open', true);
  await accept('lost');
  await printer.stop();
  await expect(getPrinterAttributes(printer.connection)).rejects.toThrow('fetch failed');
  await printer.start();
  expect(await ask('printer-state-reasons')).toEqual(['cover-open-report']);
  await printer.setReason('cover-open', false);
  await accept('next');
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
});

it('waits for paper at an empty tray', async () => {
  await printer.setReason('media-empty', true);
  expect(await ask('printer-state-reasons')).toEqual(['media-empty-report']);
  await accept('waiting');
  await expect.poll(() => ask('printer-state-reasons')).toContain('media-needed-warning');
  expect(await printed()).toEqual([]);
  await printer.setReason('media-empty', false);
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
});

it('aborts one document', async () => {
  await printer.failNextJob();
  await accept('aborted');
  await accept('printed');
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
});

it('does not mind a second printer beside it', async () => {
  const other = await startIppPrinter({ folder: join(folder, 'other') });
  await printJob(other.connection, 'there', PDF);
  await expect.poll(() => other.papers(), { timeout: 10_000 }).toHaveLength(1);
  expect(await printed()).toEqual([]);
  await other.close();
});

it('says no more than that its tray is empty until that is filled', async () => {
  await printer.setReason('media-low', true);
  await printer.setReason('media-empty', true);
  await printer.setReason('cover-open', true);
  expect(printer.condition).toEqual({ power: 'on', reasons: ['media-low', 'media-empty', 'cover-open'] });
  expect(await ask('printer-state-reasons')).toContain('media-empty-report');
  expect(await ask('printer-state-reasons')).not.toContain('cover-open-report');
  await printer.setReason('media-empty', false);
  expect(new Set(await ask('printer-state-reasons'))).toEqual(new Set(['media-low-report', 'cover-open-report']));
});

it('aborts every document until told otherwise', async () => {
  await printer.failEveryJob(true);
  await accept('aborted');
  await accept('aborted too');
  await expect.poll(() => ask('printer-state'), { timeout: 10_000 }).toEqual([3]);
  expect(await printed()).toEqual([]);
  await printer.failEveryJob(false);
  await accept('printed');
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
});

it('takes its time with every sheet, and loses the one under way when it is switched off', async () => {
  await printer.slowSheets(600_000);
  await accept('late');
  await expect.poll(() => ask('printer-state')).toEqual([4]);
  expect((await printJob(printer.connection, 'second', PDF)).status).toBe(0x0507);
  await printer.stop();
  expect(printer.condition.power).toBe('off');
  await printer.slowSheets(0);
  await printer.start();
  await accept('soon');
  await expect.poll(printed, { timeout: 10_000 }).toEqual(['job-1.pdf']);
});
