import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { ADMISSION, Admission, BATCH_CONTENT_BYTES } from '#gateway/http/admission.ts';
import { BEAT, type Client, Journal, ndjson } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { sqliteStore, stores } from './stores.ts';

const BUSY = { status: 429, body: { code: 'busy' } };
function writerOf({ identity }: Client): Writer {
  return new Writer(identity, new Journal(identity.terminalId, 1, identity.suite));
}

/** A batch of one entry, the same each time. */
function batchOf(terminal: Client): Buffer {
  return zstdCompressSync(ndjson([writerOf(terminal).plain('help', { why: 'called' })]));
}

async function stand(limits: Partial<typeof ADMISSION>, terminals: number, makeStore = sqliteStore) {
  const admission = new Admission({ ...ADMISSION, ...limits });
  const gateway = await startGateway(makeStore, { admission });
  const clients: Client[] = [];
  while (clients.length < terminals) clients.push(await gateway.newTerminal());
  const inHand = (batches: number) => vi.waitFor(() => expect(admission.inHand.batches).toBe(batches), 10_000);
  return { gateway, admission, clients, inHand };
}

test('where batches are many, another is sent away before its signature is looked at, and what is small gets through', async () => {
  const { gateway, clients, inHand, admission } = await stand({ batches: 2 }, 3);
  const [first, second, third] = clients as [Client, Client, Client];
  const content = Promise.withResolvers<void>();
  const slow = [first, second].map((terminal) => terminal.batch(batchOf(terminal), { hold: content.promise }));
  await inHand(2);
  const answer = await third.batch(batchOf(third));
  expect(answer).toMatchObject(BUSY);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(third.isSigned(answer)).toBe(true);
  expect(await third.batch(batchOf(third), { terminal: 'nobody' })).toMatchObject(BUSY);
  expect((await third.heartbeat(BEAT)).status).toBe(200);
  expect(await third.cursor()).toMatchObject({ contiguousSeq: 0 });
  expect((await gateway.newTerminal()).identity.code).toBe('0004');
  content.resolve();
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await third.batch(batchOf(third))).status).toBe(200);
  await inHand(0);
  expect(admission.batchBytes).toBe(0);
});

test('a content of unknown length takes as much room as the longest, one that is told no more than it says', async () => {
  const { clients, inHand } = await stand({ batchBytes: BATCH_CONTENT_BYTES + 1000 }, 3);
  const [first, second, third] = clients as [Client, Client, Client];
  const content = Promise.withResolvers<void>();
  const slow = first.batch(batchOf(first), { hold: content.promise });
  await inHand(1);
  expect(await second.batch(Buffer.alloc(1001))).toMatchObject(BUSY);
  expect((await third.batch(batchOf(third))).status).toBe(200);
  content.resolve();
  expect((await slow).status).toBe(200);
});

test('a terminal has one batch in hand, and its place is free when its connection is cut', async () => {
  const { clients, inHand, gateway } = await stand({}, 2);
  const [first, second] = clients as [Client, Client];
  const cut = new AbortController();
  const never = new Promise<void>(() => undefined);
  const broken = first.batch(batchOf(first), { hold: never, signal: cut.signal }).catch(() => 'cut');
  await vi.waitFor(async () => expect(await first.batch(batchOf(first))).toMatchObject(BUSY), 10_000);
  expect((await second.batch(batchOf(second))).status).toBe(200);
  cut.abort();
  expect(await broken).toBe('cut');
  await inHand(0);
  expect((await first.batch(batchOf(first))).status).toBe(200);
  // Whoever doesn't hold its key keeps no terminal out.
  const forged = first.batch(batchOf(first), { key: second.key, hold: never });
  expect((await forged).status).toBe(401);
  expect(gateway.logged.join('')).not.toContain('"level":50');
});

describe.each(stores)('on $name', ({ makeStore }) => {
  test('work that began keeps its place though its connection is gone, and is done', async () => {
    const { clients, inHand, gateway, admission } = await stand({}, 1, makeStore);
    const [terminal] = clients as [Client];
    const commit = Promise.withResolvers<void>();
    const append = gateway.store.append.bind(gateway.store);
    const started = Promise.withResolvers<void>();
    const spied = vi.spyOn(gateway.store, 'append').mockImplementationOnce(async (...args) => {
      started.resolve();
      await commit.promise;
      return append(...args);
    });
    const cut = new AbortController();
    const broken = terminal.batch(batchOf(terminal), { signal: cut.signal }).catch(() => 'cut');
    await started.promise;
    cut.abort();
    expect(await broken).toBe('cut');
    expect(await terminal.batch(batchOf(terminal))).toMatchObject(BUSY);
    expect(admission.inHand.batches).toBe(1);
    commit.resolve();
    await inHand(0);
    expect(spied).toHaveBeenCalledTimes(1);
    expect(await terminal.cursor()).toMatchObject({ contiguousSeq: 1 });
  });
});

test('300 terminals at once are all served by a gateway with room for 8, which never has more in hand', async () => {
  const admission = new Admission({ ...ADMISSION, batches: 8, working: 2 });
  const most = { batches: 0, bytes: 0, refused: 0 };
  const crowded = Promise.withResolvers<undefined>();
  const retryAfterS = () => {
    most.batches = Math.max(most.batches, admission.inHand.batches);
    most.bytes = Math.max(most.bytes, admission.batchBytes);
    most.refused += 1;
    crowded.resolve(undefined);
    return 1 + (most.refused % 10);
  };
  const gateway = await startGateway(sqliteStore, { admission, retryAfterS });
  const append = gateway.store.append.bind(gateway.store);
  // As on a disk that takes its time: until somebody found no room.
  vi.spyOn(gateway.store, 'append').mockImplementation(async (...given) => {
    await crowded.promise;
    return append(...given);
  });
  const terminals: Client[] = [];
  while (terminals.length < 300) terminals.push(await gateway.newTerminal());
  const batches = terminals.map((terminal) => {
    const writer = writerOf(terminal);
    const entries = Array.from({ length: 10 }, () => writer.plain('help', { why: 'called' }));
    return zstdCompressSync(ndjson(entries));
  });
  /** As a terminal does, with its seconds as tenths. */
  async function send(terminal: Client, content: Buffer): Promise<void> {
    for (;;) {
      const { status, headers } = await terminal.batch(content);
      if (status === 200) return;
      expect(status).toBe(429);
      await new Promise((resolve) => setTimeout(resolve, 100 * Number(headers.get('retry-after'))));
    }
  }
  await Promise.all(terminals.map((terminal, i) => send(terminal, batches[i] ?? Buffer.alloc(0))));
  expect(await gateway.store.counts()).toMatchObject({ terminals: 300, entries: 3000 });
  expect(most.refused).toBeGreaterThan(0);
  expect(most.batches).toBe(8);
  expect(most.bytes).toBeLessThanOrEqual(8 * Math.max(...batches.map(({ length }) => length)));
  expect(admission.inHand).toEqual({ batches: 0, materials: 0, questions: 0, enrolments: 0 });
});

test('heartbeats and enrolments have contents of their own size', async () => {
  const { gateway, clients } = await stand({}, 1);
  const [terminal] = clients as [Client];
  expect(await terminal.heartbeat({ ...BEAT, devices: { a: 'x'.repeat(65_536) } })).toMatchObject({ status: 413 });
  const long = await fetch(`${gateway.url}/v1/enrol`, { method: 'POST', body: 'x'.repeat(4097) });
  expect(long.status).toBe(413);
});
