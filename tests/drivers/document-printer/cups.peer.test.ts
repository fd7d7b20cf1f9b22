import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { type DocumentPrinter, openDocumentPrinter } from '#drivers/index.ts';
import { type CupsQueue, type IppPrinter, startCups, startIppPrinter } from '#tests/simulators/index.ts';

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

let folder: string;
let peer: IppPrinter;
let cups: CupsQueue;
let printer: DocumentPrinter;
/** How many papers lay there before the test. */
let before: number;

const print = (signal = new AbortController().signal) => printer.print({ pdf: PDF, name: 'certificate', signal });
const papers = async () => (await peer.papers()).length - before;
const until = (state: object) => expect.poll(() => printer.state, { timeout: 20_000 }).toMatchObject(state);
const leavesNothing = () =>
  expect
    .poll(async () => [...(await cups.jobs()), ...(await cups.spooled())], { timeout: 20_000, interval: 200 })
    .toEqual([]);

/** What a driver must be able to do after any trouble. */
async function printsAgain(): Promise<void> {
  const papersNow = await papers();
  expect(await print()).toEqual({ outcome: 'confirmed' });
  expect(await papers()).toBe(papersNow + 1);
  await leavesNothing();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yichuang-cups-'));
  peer = await startIppPrinter({ folder });
  cups = await startCups({ printer: peer.connection });
});
afterAll(async () => {
  await cups?.close();
  await peer?.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  before = (await peer.papers()).length;
  const connection = parseConnection(cups.connection);
  if (!connection.ok) throw new Error(connection.error.remedy);
  printer = openDocumentPrinter({ connection: connection.value });
  await until({ state: 'ready' });
});
afterEach(() => printer.close());

describe('ippeveprinter behind a queue of CUPS', () => {
  it('prints, and the queue keeps neither the job nor its document', async () => {
    expect(await print()).toEqual({ outcome: 'confirmed' });
    expect(await papers()).toBe(1);
    await leavesNothing();
  });

  it('has no paper: the job ends as that and is gone, and it prints when there is some', async () => {
    await peer.setReason('media-empty', true);
    const outcome = print();
    await until({ state: 'blocked', problem: 'paper-out' });
    expect(await outcome).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    await leavesNothing();
    const states: string[] = [];
    printer.onState(({ state }) => states.push(state));
    await peer.setReason('media-empty', false);
    // The queue says so until its next job.
    await until({ state: 'blocked', problem: 'paper-out' });
    await printsAgain();
    expect(await papers()).toBe(1);
    await until({ state: 'ready' });
    // The printer was still busy with the cancelled job: that is not away.
    expect(states).not.toContain('away');
  });

  it('gets its paper in time: the job that waited for it is confirmed', async () => {
    await peer.setReason('media-empty', true);
    const outcome = print();
    await until({ state: 'blocked', problem: 'paper-out' });
    await peer.setReason('media-empty', false);
    expect(await outcome).toEqual({ outcome: 'confirmed' });
    expect(await papers()).toBe(1);
    await leavesNothing();
  });

  it('is low on toner: it prints, and says so from then on', async () => {
    await peer.setReason('toner-low', true);
    await printsAgain();
    await until({ state: 'ready', low: ['toner'] });
    await peer.setReason('toner-low', false);
    await printsAgain();
    await until({ state: 'ready', low: [] });
  });

  it('is off when the job comes: the queue never reaches it, the driver says so and takes the job back', async () => {
    await peer.stop();
    const started = performance.now();
    const outcome = print();
    await until({ state: 'away', why: 'offline' });
    expect(await outcome).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('queue') });
    // A visitor stands there: by no means the three minutes of a job that never ends.
    expect(performance.now() - started).toBeLessThan(40_000);
    await leavesNothing();
    await peer.start();
    await printsAgain();
    expect(await papers()).toBe(1);
  });

  it('is switched on while the job waits for it: it is printed, once', async () => {
    await peer.stop();
    const outcome = print();
    await until({ state: 'away', why: 'offline' });
    await peer.start();
    expect(await outcome).toEqual({ outcome: 'confirmed' });
    expect(await papers()).toBe(1);
    await leavesNothing();
  });

  it('is switched off in the middle of a job: it is taken back, and does not come out later', async () => {
    await peer.setReason('media-jam', true);
    const outcome = print();
    await until({ state: 'blocked', problem: 'jam' });
    await peer.stop();
    expect(await outcome).toMatchObject({ outcome: expect.stringMatching(/^(failed|unknown)$/) });
    await leavesNothing();
    await peer.setReason('media-jam', false);
    await peer.start();
    await printsAgain();
    expect(await papers()).toBe(1);
  });

  it('has a queue that is paused: nothing is sent, and the state says what to do', async () => {
    await cups.pause(true);
    await until({ state: 'blocked', problem: 'paused', remedy: expect.stringContaining('resume') });
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paused' });
    await leavesNothing();
    await cups.pause(false);
    await until({ state: 'ready' });
    await printsAgain();
    expect(await papers()).toBe(1);
  });

  it('has a queue that accepts no jobs: the same, with another remedy', async () => {
    await cups.reject(true);
    await until({ state: 'blocked', problem: 'paused', remedy: expect.stringContaining('accept jobs') });
    expect(await print()).toMatchObject({ outcome: 'failed', problem: 'paused' });
    await leavesNothing();
    await cups.reject(false);
    await until({ state: 'ready' });
    await printsAgain();
    expect(await papers()).toBe(1);
  });

  it('is no longer wanted while it waits: the job is taken back at the queue and at the printer', async () => {
    await peer.setReason('media-jam', true);
    const stop = new AbortController();
    const outcome = print(stop.signal);
    await until({ state: 'blocked', problem: 'jam' });
    expect(await cups.jobs()).toHaveLength(1);
    stop.abort();
    expect(await outcome).toMatchObject({ outcome: 'failed', problem: 'jam' });
    await leavesNothing();
    await peer.setReason('media-jam', false);
    await printsAgain();
    expect(await papers()).toBe(1);
  });
});
