import { once } from 'node:events';
import { connect } from 'node:net';
import { zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serve } from '#gateway/serve.ts';
import { type Client, Journal, ndjson } from './client.ts';
import { Writer } from './sealing.ts';
import { enrolled, type GatewayProcess, runCli, spawnGateway } from './stand.ts';
import { postgresStore, sqliteStore, type TestStore } from './stores.ts';

const POLL = { timeout: 20_000, interval: 50 };

async function running(store: TestStore) {
  const gateway = await spawnGateway(store.address.uri, '--keys', store.keys, '--admin', '127.0.0.1:0');
  const { codes } = JSON.parse((await runCli('enrol-code', '--store', store.address.uri)).stdout) as {
    codes: string[];
  };
  const terminal = await enrolled(gateway.url, codes[0] ?? '');
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  return { gateway, terminal, batch: zstdCompressSync(ndjson([writer.plain('help', { why: 'called' })])) };
}

async function readiness({ admin }: GatewayProcess) {
  const answer = await fetch(`${admin}/readyz`);
  return { status: answer.status, body: (await answer.json()) as unknown };
}

async function askedToStop(gateway: GatewayProcess): Promise<void> {
  expect(await readiness(gateway)).toEqual({ status: 200, body: { ready: true, reasons: [] } });
  gateway.process.kill('SIGTERM');
  await vi.waitFor(
    async () =>
      expect(await readiness(gateway)).toEqual({
        status: 503,
        body: { ready: false, reasons: ['the gateway is stopping'] },
      }),
    POLL,
  );
}

async function newOnesAreSentAway(terminal: Client): Promise<void> {
  const answer = await terminal.heartbeat({});
  expect(answer).toMatchObject({ status: 503, body: { code: 'busy' } });
  expect(answer.headers.get('connection')).toBe('close');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

function lastLine(gateway: GatewayProcess): unknown {
  return JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '');
}

test.each([
  ['its content is on the way', sqliteStore, async () => async () => undefined],
  ['it is being committed', postgresStore, async (store: TestStore) => store.lock()],
] as const)('a batch is answered that is in hand when the gateway is stopped: %s', async (_, makeStore, hold) => {
  const store = await makeStore();
  const { gateway, terminal, batch } = await running(store);
  const content = Promise.withResolvers<void>();
  const letGo = await hold(store);
  const held = makeStore === sqliteStore ? { hold: content.promise } : {};
  const sent = terminal.batch(batch, held);
  // It is in when another of this terminal is sent away.
  await vi.waitFor(async () => expect((await terminal.batch(batch)).status).toBe(429), POLL);
  await askedToStop(gateway);
  await newOnesAreSentAway(terminal);
  await letGo();
  content.resolve();
  expect((await sent).status).toBe(200);
  await vi.waitFor(() => expect(gateway.process.exitCode).toBe(0), POLL);
  expect(lastLine(gateway)).toMatchObject({ name: 'gateway', msg: 'stopped' });
});

test('a second signal ends at once', async () => {
  const { gateway, terminal, batch } = await running(await sqliteStore());
  const sent = terminal.batch(batch, { hold: new Promise(() => undefined) }).catch(() => 'cut');
  await vi.waitFor(async () => expect((await terminal.batch(batch)).status).toBe(429), POLL);
  await askedToStop(gateway);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await gateway.end('SIGTERM')).toBe(1);
  expect(await sent).toBe('cut');
});

test('who holds a connection open, silent or in the middle of a request, holds the gateway no longer than its patience', async () => {
  const { address, keys } = await sqliteStore();
  const gateway = await serve({ store: address, keys, host: '127.0.0.1', port: 0, stopMs: 200 });
  const sockets = ['', 'POST /v1/enrol HTTP/1.1\r\nhost: gateway\r\ncontent-length: 5\r\n\r\n12'].map((begin) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).write(begin);
    return socket;
  });
  const ended = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await gateway.stop();
  await Promise.all(ended);
});
