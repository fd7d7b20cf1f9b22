import { once } from 'node:events';
import { ClientRequest, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Ask, ippClient } from '#drivers/document-printer/client.ts';
import { openDocumentPrinter } from '#drivers/index.ts';
import { VirtualTimers } from '../stand.ts';

const GOOD = Buffer.from([2, 0, 0, 0, 0, 0, 0, 1, 1, 3]);

let server: Server;
let serve: RequestListener;
let timers: VirtualTimers;
let ask: Ask;

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => serve(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  timers = new VirtualTimers();
  ask = ippClient(`ipp://127.0.0.1:${(server.address() as AddressInfo).port}/ipp/print`, timers);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const question = (signal?: AbortSignal) =>
  ask('Get-Printer-Attributes', {}, { timeoutMs: 5_000, ...(signal ? { signal } : {}) });

it('asks by HTTP and reads the answer', async () => {
  serve = (request, response) => {
    expect([request.method, request.url, request.headers['content-type']]).toEqual([
      'POST',
      '/ipp/print',
      'application/ipp',
    ]);
    response.end(GOOD);
  };
  expect(await question()).toMatchObject({ ok: true, value: { status: 0 } });
  expect(timers.pending).toBe(0);
});

it.each<[string, RequestListener]>([
  ['HTTP 503', (_, response) => response.writeHead(503).end()],
  ['malformed answer', (_, response) => response.end('what?')],
  ['answer too long', (_, response) => response.end(Buffer.alloc(3 << 20, 0x44))],
  ['ECONNRESET', (request) => request.socket.destroy()],
])('takes what is no answer as such: %s', async (detail, bad) => {
  serve = bad;
  expect(await question()).toEqual({ ok: false, error: { detail } });
});

it('does not wait for ever, and stops when it is told to', async () => {
  serve = () => undefined;
  const late = question();
  await once(server, 'request');
  expect(await timers.until(late)).toEqual({ ok: false, error: { detail: 'no answer' } });
  const stop = new AbortController();
  const stopped = question(stop.signal);
  stop.abort();
  expect(await stopped).toEqual({ ok: false, error: { detail: 'stopped' } });
});

it('says that a document printer needs IPP', async () => {
  const own = new VirtualTimers();
  const printer = openDocumentPrinter({ connection: { by: 'tcp', host: 'nowhere', port: 1 }, timers: own });
  await own.pass(10);
  expect(printer.state).toMatchObject({ state: 'away', why: 'no-answer' });
  await own.until(printer.close());
});

it('keeps no copy of a document that was sent', async () => {
  const sent = vi.spyOn(ClientRequest.prototype, 'end');
  onTestFinished(() => sent.mockRestore());
  let received = 0;
  serve = (_request, response) => void response.end(GOOD);
  server.on('request', (request) => request.on('data', (chunk: Buffer) => (received += chunk.length)));
  const document = new Uint8Array(100_000).fill(7);
  expect((await ask('Send-Document', {}, { document, timeoutMs: 5_000 })).ok).toBe(true);
  const body: unknown = sent.mock.calls[0]?.[0];
  if (!Buffer.isBuffer(body)) throw new Error('no body was sent');
  expect(received).toBe(body.length);
  expect(body.every((byte) => byte === 0)).toBe(true);
  expect(document.every((byte) => byte === 7)).toBe(true);
});
