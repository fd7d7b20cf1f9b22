import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, parseConnection } from '#contract/connection.ts';
import { systemTimers } from '#drivers/common/port.ts';
import { ippClient } from '#drivers/document-printer/client.ts';
import { IppPrinter as Driver } from '#drivers/document-printer/device.ts';
import { numberOf } from '#drivers/document-printer/ipp.ts';
import { JOB_STATE, USER } from '#drivers/document-printer/protocol.ts';
import { type DocumentPrinter, openDocumentPrinter } from '#drivers/index.ts';
import { type IppPrinter, startIppPrinter } from '#tests/simulators/index.ts';

const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

let folder: string;
let peer: IppPrinter;
let printer: DocumentPrinter;

function connection(): Connection {
  const parsed = parseConnection(peer.connection);
  if (!parsed.ok) throw new Error(parsed.error.remedy);
  return parsed.value;
}

function open(): void {
  printer = openDocumentPrinter({ connection: connection() });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yichuang-ipp-'));
  peer = await startIppPrinter({ folder });
});
afterAll(async () => {
  await peer.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  open();
  await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('ready');
});
afterEach(() => printer.close());

describe('ippeveprinter', () => {
  it('tells of its supplies', async () => {
    const supplies = await printer.supplies();
    expect(supplies.length).toBeGreaterThan(0);
    for (const { name, percent } of supplies) {
      expect(name).not.toBe('');
      expect(percent).toBeGreaterThanOrEqual(0);
    }
  });

  it('prints, and the printer says so', async () => {
    const before = (await peer.papers()).length;
    expect(await printer.print({ pdf: PDF, name: 'certificate' })).toEqual({ outcome: 'confirmed' });
    expect((await peer.papers()).length).toBe(before + 1);
  });

  it('has no paper: nothing is sent, and it prints when there is some', async () => {
    await peer.setReason('media-empty', true);
    await expect.poll(() => printer.state, { timeout: 10_000 }).toMatchObject({ problem: 'paper-out' });
    expect(await printer.print({ pdf: PDF, name: 'certificate' })).toMatchObject({ problem: 'paper-out' });
    await peer.setReason('media-empty', false);
    await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('ready');
    expect(await printer.print({ pdf: PDF, name: 'certificate' })).toEqual({ outcome: 'confirmed' });
  });

  it('is low on toner: it prints, and says so', async () => {
    await peer.setReason('toner-low', true);
    await expect.poll(() => printer.state, { timeout: 10_000 }).toEqual({ state: 'ready', low: ['toner'] });
    await peer.setReason('toner-low', false);
  });

  it('is switched off and on', async () => {
    await peer.stop();
    await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('away');
    await peer.start();
    expect(await printer.print({ pdf: PDF, name: 'certificate' })).toEqual({ outcome: 'confirmed' });
  });

  it('gives up what an earlier run left in it, as soon as it is opened again', async () => {
    await printer.close();
    const before = (await peer.papers()).length;
    await peer.setReason('media-jam', true);
    const ask = ippClient(peer.connection, systemTimers());
    const own = { 'requesting-user-name': USER, 'job-name': 'left', 'document-format': 'application/pdf' };
    const left = await ask('Print-Job', own, { document: PDF, timeoutMs: 10_000 });
    const job = left.ok ? numberOf(left.value, 'job-id') : undefined;
    expect(job).toBeTypeOf('number');
    open();
    await expect.poll(() => printer.state, { timeout: 10_000 }).toMatchObject({ problem: 'jam' });
    await peer.setReason('media-jam', false);
    const state = async () => {
      const said = await ask('Get-Job-Attributes', { ...own, 'job-id': job ?? 0 }, { timeoutMs: 10_000 });
      return said.ok ? numberOf(said.value, 'job-state') : undefined;
    };
    await expect.poll(state, { timeout: 10_000 }).toBe(JOB_STATE.cancelled);
    expect((await peer.papers()).length).toBe(before);
  });

  it('gives nobody the paper of a job that stood in it without paper when the driver was killed', async () => {
    await printer.close();
    const before = (await peer.papers()).length;
    const ask = ippClient(peer.connection, systemTimers());
    let killed = false;
    // The last sheet goes just when the job is sent; a driver that was killed asks nothing more and hears nothing more.
    const old = new Driver(
      async (operation, ...rest) => {
        if (operation === 'Create-Job') await peer.setReason('media-empty', true);
        const said = await ask(operation, ...rest);
        return killed ? new Promise(() => undefined) : said;
      },
      { connection: connection() },
    );
    void old.print({ pdf: PDF, name: 'certificate' });
    await expect.poll(() => old.state, { timeout: 10_000 }).toMatchObject({ problem: 'paper-out' });
    killed = true;
    open();
    await expect.poll(() => printer.state, { timeout: 10_000 }).toMatchObject({ problem: 'paper-out' });
    await peer.setReason('media-empty', false);
    await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('ready');
    expect(await printer.print({ pdf: PDF, name: 'certificate' })).toEqual({ outcome: 'confirmed' });
    expect((await peer.papers()).length).toBe(before + 1);
  });
});
