import { randomUUID } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { WireEntry } from '#contract/wire.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { StoreBusy } from '#gateway/store/busy.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { type Answer, type Client, Journal, ndjson } from './client.ts';
import { Cluster } from './cluster.ts';
import { Writer } from './sealing.ts';
import { enrolled, runCli, spawnGateway, startGateway } from './stand.ts';
import { addressOf, postgresStore, sharedCluster, testFolder } from './stores.ts';

const POLL = { timeout: 60_000, interval: 50 };

const CREATE = { newEpoch: randomUUID, missing: 'create' } as const;
const BUSY = { status: 503, body: { code: 'busy' } };

/** Writes a terminal's journal, entry by entry. */
function help(terminal: Client): () => WireEntry {
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  return () => writer.plain('help', { ticket: randomUUID(), why: 'called' });
}

function helpEntries(terminal: Client, count: number): WireEntry[] {
  const write = help(terminal);
  return Array.from({ length: count }, write);
}

const content = (entries: readonly WireEntry[]) => zstdCompressSync(ndjson(entries));

test.each(['order', 'crash'] as const)(
  'a database that goes away in the middle of batches (%s) loses none of them, and the gateway comes back with it',
  async (how) => {
    const cluster = await Cluster.start();
    onTestFinished(() => cluster.remove());
    const database = await cluster.database();
    const store = ['--store', cluster.uri(database)];
    const gateway = await spawnGateway(cluster.uri(database), '--keys', testFolder());
    const made = JSON.parse((await runCli('enrol-code', ...store, '--count', '2')).stdout) as { codes: string[] };
    const terminals = await Promise.all(made.codes.map((code) => enrolled(gateway.url, code)));
    const refused: Answer[] = [];

    const writers = terminals.map((terminal) => help(terminal));
    const journals = terminals.map((): WireEntry[] => []);
    const ending = new AbortController();

    /** As a terminal sends: the next batch only when this one is acknowledged. */
    async function sendAll(terminal: Client, i: number): Promise<void> {
      while (!ending.signal.aborted) {
        const batch = Array.from({ length: 10 }, () => writers[i]?.() as WireEntry);
        journals[i]?.push(...batch);
        for (;;) {
          const answer = await terminal.batch(content(batch));
          if (answer.status === 200) break;
          refused.push(answer);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    }
    const sending = Promise.all(terminals.map(sendAll));
    for (let round = 0; round < 2; round += 1) {
      const [before, sent] = [refused.length, journals.flat().length];
      await vi.waitFor(() => expect(journals.flat().length).toBeGreaterThan(sent + 50), POLL);
      await cluster.stop(how);
      await vi.waitFor(() => expect(refused.length).toBeGreaterThan(before), POLL);
      await cluster.start();
    }
    ending.abort();
    await sending;

    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    for (const answer of refused) {
      expect(answer).toMatchObject(BUSY);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(terminals.some((terminal) => terminal.isSigned(answer))).toBe(true);
    }
    for (const [i, terminal] of terminals.entries()) {
      const last = journals[i]?.at(-1);
      expect(await terminal.cursor()).toMatchObject({ contiguousSeq: last?.seq, holes: [], headHash: last?.hash });
    }
    const entries = await cluster.query(database, 'SELECT count(*) AS n, count(DISTINCT hash) AS hashes FROM entries');
    const sent = journals.flat().length;
    expect(entries).toEqual([{ n: sent, hashes: sent }]);
    const left = 'SELECT terminal FROM heads WHERE intake_seq < contiguous_seq';
    await vi.waitFor(async () => expect(await cluster.query(database, left)).toEqual([]), POLL);
    expect(gateway.process.exitCode).toBeNull();
    expect(await gateway.end('SIGTERM')).toBe(0);
  },
);

test('connections that break while nobody asks anything bring nothing down', async () => {
  const gateway = await startGateway(postgresStore);
  const terminal = await gateway.newTerminal();
  await terminal.send(helpEntries(terminal, 1));
  const worker = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
  onTestFinished(() => worker.close());
  const work = await worker.next(10);
  if (!work) throw new Error('no work');
  const others = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
  await gateway.rows(`SELECT pg_terminate_backend(pid) ${others}`);
  await vi.waitFor(async () => expect(await gateway.rows(`SELECT ${others}`)).toEqual([]), POLL);
  // Until this process has heard of it, too: an error that nobody listens for would fail the run.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect(worker.finish(work, [{ what: 'nothing' }], new Date())).rejects.toBeInstanceOf(StoreBusy);
  expect((await terminal.cursor()).contiguousSeq).toBe(1);
  expect(await gateway.drain()).toEqual({ seen: 1, invalid: 0 });
});

test('two who wait for each other: the batch gives way, and nothing of it is taken', async () => {
  const cluster = await sharedCluster();
  const database = await cluster.database();
  // The batch looks for a deadlock after this time, the other one only long after.
  await cluster.query(database, `ALTER DATABASE ${database} SET deadlock_timeout = '4s'`);
  const address = addressOf(cluster.uri(database));
  const store = await openStore(address, { newEpoch: randomUUID, missing: 'create', busyMs: 60_000 });
  onTestFinished(() => store.close());
  const registered = await store.register('120103', {
    id: randomUUID(),
    suite: 'standard',
    publicKey: 'key',
    at: new Date(),
  });
  if (!registered.ok) throw new Error(registered.error);
  const terminal = registered.value;
  const journal = new Journal(terminal.id);
  const next = () => {
    const entry = journal.add({ id: randomUUID(), kind: 'help', body: Buffer.from('{}'), keys: [] });
    const item = checkEntry(entry, terminal);
    return item ? [item] : [];
  };
  await store.append(terminal, next(), new Date());

  const other = await cluster.connect(database);
  await other.query("SET deadlock_timeout = '60s'; BEGIN; SELECT FROM heads FOR UPDATE");
  const batch = next();
  const refused = expect(store.append(terminal, batch, new Date())).rejects.toMatchObject({
    name: 'StoreBusy',
    code: '40P01',
  });
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = '${database}' AND wait_event_type = 'Lock'`;
  await vi.waitFor(async () => expect(await cluster.query(database, waiting)).toHaveLength(1), POLL);
  await other.query('SELECT FROM terminals FOR UPDATE');
  await refused;
  await other.end();
  expect(await cluster.query(database, 'SELECT seq FROM entries')).toEqual([{ seq: 1 }]);
  expect(await store.append(terminal, batch, new Date())).toMatchObject([{ seq: 2, result: 'stored' }]);
});

test('a refusal that is no matter of waiting is a failure, told without what was in the statement', async () => {
  const gateway = await startGateway(postgresStore);
  const terminal = await gateway.newTerminal();
  const entries = helpEntries(terminal, 2);
  const [first] = entries;
  await gateway.change('ALTER TABLE entries ADD CONSTRAINT narrow CHECK (seq > 1)');
  const answer = await terminal.batch(content(entries));
  expect(answer).toMatchObject({ status: 500, body: { code: 'failed' } });
  expect(gateway.logged.join()).toContain('23514');
  expect(gateway.logged.join()).not.toContain(first?.hash);
  await gateway.change('ALTER TABLE facts RENAME TO elsewhere');
  await expect(gateway.store.pin('gateway-key', 'x')).rejects.toMatchObject({ code: '42P01' });
  await gateway.change('ALTER TABLE elsewhere RENAME TO facts');
  expect(await gateway.store.pin('gateway-key', 'x')).toBe('x');
  await gateway.change('ALTER TABLE entries DROP CONSTRAINT narrow');
  expect((await terminal.batch(content(entries))).status).toBe(200);
});

test('an intake that fails while it takes work lets go of what it holds', async () => {
  const gateway = await startGateway(postgresStore);
  const terminal = await gateway.newTerminal();
  await terminal.send(helpEntries(terminal, 1));
  await gateway.change('ALTER TABLE wrapped_keys RENAME TO elsewhere');
  await expect(gateway.drain()).rejects.toMatchObject({ code: '42P01' });
  const left = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`;
  expect(await gateway.rows(left)).toEqual([]);
  await gateway.change('ALTER TABLE elsewhere RENAME TO wrapped_keys');
  expect(await gateway.drain()).toEqual({ seen: 1, invalid: 0 });
});

test('while the server is away a worker and a request are told to wait, and later they are answered', async () => {
  const cluster = await Cluster.start();
  onTestFinished(() => cluster.remove());
  const address = addressOf(cluster.uri(await cluster.database()));
  const [store, worker] = [await openStore(address, CREATE), await openIntake(address, CREATE)];
  onTestFinished(async () => void (await Promise.all([store.close(), worker.close()])));
  await cluster.stop();
  await expect(store.terminal('x')).rejects.toBeInstanceOf(StoreBusy);
  await expect(worker.next(10)).rejects.toBeInstanceOf(StoreBusy);
  await cluster.start();
  expect(await store.terminal('x')).toBeNull();
  expect(await worker.next(10)).toBeNull();
});

test('a terminal that the store does not know has no row to lock, and nothing is written for it', async () => {
  const gateway = await startGateway(postgresStore);
  const terminal = await gateway.newTerminal();
  const stranger = {
    id: randomUUID(),
    region: '120103',
    code: '0009',
    suite: 'standard',
    publicKey: 'key',
    state: 'active',
  } as const;
  const items = helpEntries(terminal, 1).flatMap(
    (entry) => checkEntry(entry, { id: terminal.identity.terminalId, suite: 'standard' }) ?? [],
  );
  await expect(gateway.store.append(stranger, items, new Date())).rejects.toThrow('not registered');
  expect(await gateway.store.counts()).toMatchObject({ entries: 0 });
});

test('a place that somebody took beside the lock stops the batch: nothing of it is acknowledged', async () => {
  const gateway = await startGateway(postgresStore);
  const terminal = await gateway.newTerminal();
  const entries = helpEntries(terminal, 3);
  const { region, terminalId } = terminal.identity;
  await gateway.change(`INSERT INTO entries VALUES ('${region}', '${terminalId}', 1, 2, 'stored', 'x', 'help', 'x', '', 'x',
    'x', 'x', 'x', 1, 'x', NULL, now())`);
  expect(await terminal.batch(content(entries))).toMatchObject({ status: 500, body: { code: 'failed' } });
  expect(gateway.logged.join()).toContain('a request failed');
  expect(await gateway.store.counts()).toMatchObject({ entries: 1 });
  expect(await terminal.cursor()).toMatchObject({ contiguousSeq: 0 });
});
