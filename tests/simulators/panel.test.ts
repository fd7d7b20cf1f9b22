import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { printJob } from './document-printer/ipp.ts';
import { bytesOf, connectHost } from './host.ts';
import {
  type EscPosPrinter,
  type IppPrinter,
  type NetworkCut,
  people,
  type SamReader,
  startEscPosPrinter,
  startIppPrinter,
  startNetworkCut,
  startSamReader,
} from './index.ts';
import { type Panel, startPanel } from './panel.ts';

let folder: string;
let reader: SamReader;
let receiptPrinter: EscPosPrinter;
let documentPrinter: IppPrinter;
let network: NetworkCut;
let panel: Panel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panel-test-'));
  reader = await startSamReader({ transport: 'tcp' });
  receiptPrinter = await startEscPosPrinter({ transport: 'tcp', paperMm: 58 });
  documentPrinter = await startIppPrinter({ folder });
  network = await startNetworkCut({ to: 'http://127.0.0.1:9' });
  panel = await startPanel({ reader, receiptPrinter, documentPrinter, network, people });
});
afterAll(async () => {
  await Promise.all([panel, reader, receiptPrinter, documentPrinter, network].map((each) => each.close()));
  await rm(folder, { recursive: true, force: true });
});

async function act(name: string, origin = panel.url): Promise<number> {
  const response = await fetch(`${panel.url}/do/${name}`, { method: 'POST', headers: { origin } });
  await response.text();
  return response.status;
}

async function state(): Promise<unknown> {
  return (await fetch(`${panel.url}/state`)).json();
}

it('is one page that needs nothing from elsewhere', async () => {
  const html = await (await fetch(panel.url)).text();
  expect(html).toContain('拿起证件');
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(html).not.toMatch(/@import|url\(/);
});

it('lays and lifts every card', async () => {
  for (const person of people) {
    expect(await act(`lay-${person.id}`)).toBe(200);
    expect(await state()).toMatchObject({ lies: person.id });
  }
  expect(await act('lift')).toBe(200);
  expect(reader.cardLies).toBe(false);
  expect(await state()).toMatchObject({ lies: '' });
});

it('lets the paper end and the line be cut, and mends both', async () => {
  await act('paper-out');
  await act('network-cut');
  expect(await state()).toMatchObject({ network: false, receiptPrinter: { paper: 'end' } });
  await act('paper-in');
  await act('network-mend');
  expect(await state()).toMatchObject({ network: true, receiptPrinter: { paper: 'enough' } });
});

it('shows receipts as pictures and printed documents by name', async () => {
  const host = await connectHost(receiptPrinter.connection);
  host.send(bytesOf('1B 40 41 0A 1D 56 00'));
  expect((await printJob(documentPrinter.connection, 'one', Buffer.from('%PDF-1.4\n'))).status).toBe(0);
  await expect.poll(state, { timeout: 10_000 }).toMatchObject({ receipts: 1, documents: ['job-1.pdf'] });
  const picture = await fetch(`${panel.url}/receipts/1.png`);
  expect(Buffer.from(await picture.arrayBuffer()).toString('latin1', 1, 4)).toBe('PNG');
  expect(await (await fetch(`${panel.url}/documents/job-1.pdf`)).text()).toBe('%PDF-1.4\n');
  expect((await fetch(`${panel.url}/documents/..%2fpanel.ts`)).status).toBe(404);
  expect((await fetch(`${panel.url}/receipts/2.png`)).status).toBe(404);
  expect(await act('take-paper')).toBe(200);
  expect(receiptPrinter.papersWaiting).toBe(0);
  host.close();
});

it('does nothing for a page from elsewhere', async () => {
  const [resident] = people;
  expect(await act(`lay-${resident?.id}`, 'http://example.org')).toBe(403);
  expect(reader.cardLies).toBe(false);
  const { port } = new URL(panel.url);
  const status = await new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/state', headers: { host: 'example.org' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
  expect(status).toBe(403);
});
