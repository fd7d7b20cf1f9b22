import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { printJob } from './document-printer/ipp.ts';
import { bytesOf, connectHost } from './host.ts';
import { people, type Simulated, startSimulator } from './index.ts';
import { type Panel, startPanel } from './panel.ts';

let folder: string;
let reader: Simulated<'ID-card reader'>;
let receiptPrinter: Simulated<'receipt printer'>;
let documentPrinter: Simulated<'document printer'>;
let scanner: Simulated<'scanner'>;
let network: Simulated<'network'>;
let panel: Panel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'panel-test-'));
  [reader, receiptPrinter, documentPrinter, scanner, network] = await Promise.all([
    startSimulator('ID-card reader', { transport: 'tcp' }),
    startSimulator('receipt printer', { transport: 'tcp', paperMm: 58 }),
    startSimulator('document printer', { folder }),
    startSimulator('scanner', { transport: 'tcp', suffix: '\r' }),
    startSimulator('network', { to: 'http://127.0.0.1:9' }),
  ]);
  panel = await startPanel({ reader, receiptPrinter, documentPrinter, scanner, network, people });
});
afterAll(async () => {
  await Promise.all([panel, reader, receiptPrinter, documentPrinter, scanner, network].map((each) => each.close()));
  await rm(folder, { recursive: true, force: true });
});

async function press(name: string, body = '', origin = panel.url): Promise<Response> {
  return fetch(`${panel.url}/do/${name}`, { method: 'POST', headers: { origin }, body });
}

async function act(name: string, origin?: string): Promise<number> {
  const response = await press(name, '', origin);
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

it('has an action behind every button of its page', async () => {
  const html = await (await fetch(panel.url)).text();
  const named = [...html.matchAll(/data-do="([^"]+)"/g)].map(([, name = '']) => name);
  expect(new Set(named).size).toBe(named.length);
  expect(named.length).toBeGreaterThan(40);
  for (const name of named.filter((each) => each !== 'scan-receipt')) expect(await act(name), name).toBe(200);
  expect(await state()).toMatchObject({
    reader: { plugged: true },
    scanner: { plugged: true },
    receiptPrinter: { plugged: true, paper: 'enough', cover: 'closed', cutter: 'free' },
    documentPrinter: { power: 'on', reasons: [] },
    network: true,
  });
});

it('scans the last receipt that has a code, and any text', async () => {
  const nothing = await press('scan-receipt');
  expect([nothing.status, await nothing.text()]).toEqual([500, '还没有回执可扫 there is no receipt to scan yet']);
  const printer = await connectHost(receiptPrinter.connection);
  const there = await connectHost(scanner.connection);
  await expect.poll(() => scanner.hosts).toBe(1);
  const before = receiptPrinter.papers.length;
  printer.send('1B 40 1D 28 6B 05 00 31 50 30 4E 31 1D 28 6B 03 00 31 51 30 0A 1D 56 00 41 0A 1D 56 00');
  await expect.poll(() => receiptPrinter.papers.length).toBe(before + 2);
  await press('scan-receipt');
  expect(await there.next(3)).toBe('4E 31 0D');
  await press('scan-text', '社');
  expect(await there.next(4)).toBe('E7 A4 BE 0D');
  expect((await press('scan-text', 'x'.repeat(4_097))).status).toBe(413);
  printer.close();
  there.close();
});

it('shows what is unplugged or waits for a hand', async () => {
  for (const name of ['reader-unplug', 'scanner-unplug', 'receipt-printer-unplug', 'knife-stuck', 'lid-open']) {
    await act(name);
  }
  expect(await state()).toMatchObject({
    reader: { plugged: false },
    scanner: { plugged: false },
    receiptPrinter: { plugged: false, cutter: 'stuck' },
    documentPrinter: { power: 'on', reasons: ['cover-open'] },
  });
  for (const name of ['reader-plug', 'scanner-plug', 'receipt-printer-plug', 'knife-free', 'lid-closed'])
    await act(name);
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
