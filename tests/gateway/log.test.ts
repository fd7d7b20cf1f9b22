import { once } from 'node:events';
import { connect } from 'node:net';
import { zstdCompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { type Client, Journal, ndjson } from './client.ts';
import { Writer } from './sealing.ts';
import { runCli, startGateway } from './stand.ts';
import { sqliteStore, testFolder } from './stores.ts';

/** Stands for whatever is personal; as bytes and in base64 too. */
const SECRET = 'Zhang-Xiaoming-120103199001011234';

/** Sends the bytes as they are, and waits for the connection's end. */
async function raw(url: string, text: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.end(text);
  await once(socket, 'close');
}

async function plantEverywhere(url: string, terminal: Client): Promise<void> {
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  const entry = writer.plain('help', { why: SECRET });
  const headers = { 'user-agent': SECRET, cookie: SECRET, 'x-forwarded-for': '203.0.113.77', 'request-id': SECRET };
  await terminal.send([entry]);
  await terminal.batch(zstdCompressSync(ndjson([{ ...entry, kind: SECRET, [SECRET]: SECRET }])), { headers });
  await terminal.batch(Buffer.from(SECRET), { headers: { ...headers, 'content-encoding': SECRET } });
  await terminal.batch(Buffer.from(SECRET), { digest: SECRET });
  await terminal.heartbeat({ devices: { [SECRET]: SECRET } });
  await terminal.request('GET', `/v1/terminals/self/cursor?incarnation=${SECRET}`, null);
  await terminal.request('GET', '/v1/terminals/self/cursor', null, { terminal: SECRET });
  await terminal.request('GET', `/v1/${SECRET}?${SECRET}`, null, { headers });
  await fetch(`${url}/v1/enrol`, { method: 'POST', body: JSON.stringify({ code: SECRET, publicKey: SECRET }) });
  await fetch(`${url}/v1/enrol`, { method: 'POST', body: SECRET.repeat(200), headers: { 'content-type': SECRET } });
  await fetch(`${url}/v1/enrol`, { method: 'PATCH', headers });
  await raw(url, `${SECRET} /${SECRET}\r\n\r\n`);
  await raw(url, `GET /${SECRET} HTTP/1.1\r\n${SECRET}`);
  await raw(url, `GET / HTTP/1.1\r\nx: ${SECRET.repeat(1000)}\r\n\r\n`);
}

test('no line of the log holds anything that was sent, at the level that tells most, also when the gateway fails', async () => {
  const gateway = await startGateway(sqliteStore);
  const terminal = await gateway.newTerminal();
  await plantEverywhere(gateway.url, terminal);
  vi.spyOn(gateway.store, 'heartbeat').mockRejectedValue(Object.assign(new Error(SECRET), { detail: SECRET }));
  const beat = { software: SECRET, catalogue: 'c'.repeat(64), unsynced: 0, oldestUnsyncedSeconds: null };
  expect((await terminal.heartbeat({ ...beat, devices: {}, diskFreeBytes: 1 })).status).toBe(500);
  const log = gateway.logged.join('');
  expect(log).toContain('"msg":"a request failed"');
  expect(log).toContain('"msg":"client error"');
  for (const word of [
    SECRET,
    Buffer.from(SECRET).toString('base64').slice(0, 40),
    '203.0.113.77',
    '120103199001011234',
  ]) {
    expect(log).not.toContain(word);
  }
  // The bytes of a packet, as JSON writes a buffer.
  expect(log).not.toContain([...Buffer.from(SECRET)].join(','));
  expect(log.replaceAll(`Server listening at ${gateway.url}`, '')).not.toContain('127.0.0.1');
  const answered = gateway.logged
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'answered');
  const ids = answered.map(({ request }) => request);
  expect(new Set(ids).size).toBe(answered.length);
});

test('a level that is none is refused in words', async () => {
  const store = `sqlite:${testFolder()}/g.sqlite`;
  const ran = await runCli('serve', '--store', store, '--listen', '127.0.0.1:0', '--log-level', 'loud');
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain('Allowed choices are trace, debug, info, warn, error, silent');
});
