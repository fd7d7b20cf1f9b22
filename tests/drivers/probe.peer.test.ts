import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Connection, parseConnection } from '#contract/connection.ts';
import { deviceStatus } from '#drivers/index.ts';
import { startEscPosPrinter, startIppPrinter, startSamReader } from '#tests/simulators/index.ts';

function connectionOf(text: string): Connection {
  const parsed = parseConnection(text);
  if (!parsed.ok) throw new Error(parsed.error.remedy);
  return parsed.value;
}

it('tells a receipt printer', async () => {
  const slip = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  const status = await deviceStatus(connectionOf(slip.connection));
  expect(status).toEqual({ ok: true, value: { device: 'receipt-printer', state: { state: 'ready', low: [] } } });
  await slip.close();
});

it('tells a reader, with its number', async () => {
  const sam = await startSamReader({ transport: 'tcp' });
  const status = await deviceStatus(connectionOf(sam.connection));
  expect(status).toMatchObject({ ok: true, value: { device: 'id-card', state: { state: 'ready' } } });
  expect(status.ok && status.value.device === 'id-card' && status.value.samId).toMatch(
    /^\d{2}\.\d{2}-\d{8}-\d{10}-\d{10}$/,
  );
  await sam.close();
});

it('tells a document printer, and that none is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yc-probe-'));
  const ipp = await startIppPrinter({ folder });
  const connection = connectionOf(ipp.connection);
  expect(await deviceStatus(connection)).toMatchObject({ ok: true, value: { device: 'document-printer' } });
  await ipp.close();
  expect(await deviceStatus(connection, { timeoutMs: 1_000 })).toMatchObject({ ok: false, error: { code: 'away' } });
  await rm(folder, { recursive: true, force: true });
});

it('says that nothing is there', async () => {
  const status = await deviceStatus({ by: 'serial', path: '/dev/ttyNONE', baud: 'auto' });
  expect(status).toMatchObject({ ok: false, error: { code: 'away', why: 'port-missing' } });
});
