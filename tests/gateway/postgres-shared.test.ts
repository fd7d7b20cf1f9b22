import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EntryAnswer, WireEntry } from '#contract/wire.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { StoreBusy } from '#gateway/store/busy.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import type { Terminal } from '#gateway/store/store.ts';
import { Client, Journal } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { enrolled, type GatewayProcess, runCli, spawnGateway } from './stand.ts';
import { postgresStore, sharedCluster, type TestStore } from './stores.ts';

const POLL = { timeout: 60_000, interval: 50 };
const OPEN = { newEpoch: randomUUID, missing: 'create' } as const;

function gatewayOf({ address, keys }: TestStore): Promise<GatewayProcess> {
  return spawnGateway(address.uri, '--keys', keys);
}

async function codes(store: TestStore, count: number): Promise<string[]> {
  const ran = await runCli('enrol-code', '--store', store.address.uri, '--count', String(count));
  return (JSON.parse(ran.stdout) as { codes: string[] }).codes;
}

/** A day key and cases, as a terminal writes them in a day. */
function journalOf(terminal: Client, cases: number): WireEntry[] {
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId, 1, terminal.identity.suite));
  const day = writer.dayKey();
  return [day.entry, ...Array.from({ length: cases }, () => onWire(writer.case(day.dayKey)))];
}

function cut(entries: readonly WireEntry[], size: number): WireEntry[][] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, i) => entries.slice(i * size, (i + 1) * size));
}

/** The places of a terminal's stored journal whose link is not the hash before them, and how long it is. */
async function chainOf(store: TestStore, terminal: Client): Promise<{ length: number; broken: unknown[] }> {
  const rows = await store.rows(`SELECT seq, hash, prev_hash FROM entries
    WHERE terminal = '${terminal.identity.terminalId}' AND state = 'stored' ORDER BY seq`);
  const broken = rows.filter(
    ({ seq, prev_hash }, i) => seq !== i + 1 || prev_hash !== (rows[i - 1]?.['hash'] ?? '0'.repeat(64)),
  );
  return { length: rows.length, broken };
}

function takenIn(gateways: readonly GatewayProcess[]): number {
  const seen = gateways.flatMap((gateway) => [...gateway.log().matchAll(/"seen":(\d+)/g)].map(([, n]) => Number(n)));
  return seen.reduce((sum, n) => sum + n, 0);
}

test('two gateways share a database under batches of the same and of other terminals: nothing lost, doubled or broken', async () => {
  const store = await postgresStore();
  const gateways = await Promise.all([gatewayOf(store), gatewayOf(store)]);
  const [first, second] = gateways.map(({ url }) => url);
  if (first === undefined || second === undefined) throw new Error('no gateways');
  const terminals = await Promise.all(
    (await codes(store, 5)).map((code, i) =>
      enrolled(i % 2 === 0 ? first : second, code, i % 3 === 0 ? 'national' : 'standard'),
    ),
  );
  expect(new Set(terminals.map(({ identity }) => identity.code)).size).toBe(5);
  // One of each suite.
  expect(new Set(terminals.map(({ identity }) => identity.gatewayKey)).size).toBe(2);
  const at = ({ identity, key }: Client, url: string) => new Client(url, identity, key);
  const send = async (client: Client, batches: readonly WireEntry[][]) => {
    const answers: EntryAnswer[] = [];
    for (const batch of batches) answers.push(...(await client.send(batch)).entries);
    return answers.map(({ result }) => result);
  };

  const sent = await Promise.all(
    terminals.map(async (terminal, i) => {
      const entries = journalOf(terminal, 119);
      if (i > 0) {
        // One batch here, the next one there.
        const answers: string[] = [];
        for (const [k, batch] of cut(entries, 15).entries()) {
          answers.push(...(await send(at(terminal, k % 2 === 0 ? first : second), [batch])));
        }
        return answers;
      }
      // The same journal at both at once, cut in other places.
      const both = [send(at(terminal, first), cut(entries, 7)), send(at(terminal, second), cut(entries, 11))];
      return (await Promise.all(both)).flat();
    }),
  );

  const count = (answers: readonly string[]) => answers.filter((answer) => answer === 'stored').length;
  expect(sent.map(count)).toEqual([120, 120, 120, 120, 120]);
  expect(sent[0]?.filter((answer) => answer === 'duplicate')).toHaveLength(120);
  for (const terminal of terminals) {
    expect(await chainOf(store, terminal)).toEqual({ length: 120, broken: [] });
    expect(await at(terminal, second).cursor()).toMatchObject({ contiguousSeq: 120, holes: [] });
  }
  await vi.waitFor(async () => {
    expect(await store.rows('SELECT count(*) AS cases FROM cases')).toEqual([{ cases: 5 * 119 }]);
    expect(await store.rows('SELECT terminal FROM heads WHERE intake_seq < contiguous_seq')).toEqual([]);
  }, POLL);
  for (const gateway of gateways) expect(await gateway.end('SIGTERM')).toBe(0);
  // Each entry was seen by one of the two workers.
  expect(takenIn(gateways)).toBe(5 * 120);
  expect(await store.rows('SELECT seq, code FROM quarantine')).toEqual([]);
});

test('entries that no gateway spoke of are found', async () => {
  const store = await postgresStore();
  const gateway = await gatewayOf(store);
  const [code = ''] = await codes(store, 1);
  const terminal = await enrolled(gateway.url, code);
  const other = await openStore(store.address, OPEN);
  onTestFinished(() => other.close());
  await append(other, terminal, journalOf(terminal, 3));
  const cases = async () => expect(await store.rows('SELECT count(*) AS cases FROM cases')).toEqual([{ cases: 3 }]);
  await vi.waitFor(cases, POLL);
});

test('a code admits one key, a key becomes one terminal, and each gets a number of its own, at whichever gateway', async () => {
  const { address } = await postgresStore();
  const [one, two] = await Promise.all([openStore(address, OPEN), openStore(address, OPEN)]);
  onTestFinished(async () => void (await Promise.all([one.close(), two.close()])));
  const at = new Date();
  await one.addEnrolCodes(['code'], '120103', new Date(at.getTime() + 60_000));
  const both = <T>(use: (store: typeof one, i: number) => Promise<T>) => Promise.all([one, two].map(use));

  const enrolments = await both((store, i) =>
    store.enrol('code', { id: randomUUID(), suite: 'standard', publicKey: `key-${i}`, at }),
  );
  expect(enrolments.filter(({ ok }) => ok)).toHaveLength(1);
  const same = await both((store) =>
    store.register('120103', { id: randomUUID(), suite: 'national', publicKey: 'same', at }),
  );
  expect(same[0]).toEqual(same[1]);
  const many = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      (i % 2 === 0 ? one : two).register('120103', { id: randomUUID(), suite: 'standard', publicKey: `many-${i}`, at }),
    ),
  );
  const numbers = many.map((result) => (result.ok ? result.value.code : ''));
  expect(numbers.sort()).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 3).padStart(4, '0')));
});

test('a terminal is in the hands of one intake worker; when that one is cut off, of the next', async () => {
  const store = await postgresStore();
  const gateway = await openStore(store.address, OPEN);
  const terminals = await Promise.all(['a', 'b'].map((key) => registered(gateway, key)));
  for (const terminal of terminals) await append(gateway, terminal, [...help(terminal, 1), ...help(terminal, 2)]);
  const workers = await Promise.all([1, 2, 3].map(() => openIntake(store.address, OPEN)));
  onTestFinished(async () => void (await Promise.all([gateway, ...workers].map((side) => side.close()))));
  const [first, second, third] = workers;
  if (!first || !second || !third) throw new Error('no workers');

  const [a, b] = [await first.next(10), await second.next(10)];
  // Both incarnations of each: what comes in one may be what the other waits for.
  expect(new Set([a?.terminal, b?.terminal]).size).toBe(2);
  expect(await third.next(10)).toBeNull();
  if (!a || !b) throw new Error('no work');
  const findings = [{ what: 'nothing' }] as const;

  const cluster = await sharedCluster();
  const database = store.address.kind === 'postgres' ? store.address.database : '';
  await cluster.query(
    database,
    `SELECT pg_terminate_backend(l.pid) FROM pg_stat_activity l
      WHERE datname = '${database}' AND state = 'idle in transaction' ORDER BY xact_start LIMIT 1`,
  );
  await expect(first.finish(a, findings, new Date())).rejects.toBeInstanceOf(StoreBusy);
  const taken = await third.next(10);
  expect(taken).toMatchObject({ terminal: a.terminal, incarnation: 1 });
  if (!taken) throw new Error('no work');
  expect(await third.finish(taken, findings, new Date())).toBe(true);

  // Work that is asked for again is given back; a worker that closes gives it back too.
  expect(await second.next(10)).not.toBeNull();
  await second.close();
  workers.splice(1, 1);
  const left = [await first.next(10), await third.next(10)].map((work) => work?.terminal);
  expect(new Set(left)).toEqual(new Set(terminals.map(({ id }) => id)));
});

async function registered(store: Awaited<ReturnType<typeof openStore>>, publicKey: string): Promise<Terminal> {
  const result = await store.register('120103', { id: randomUUID(), suite: 'standard', publicKey, at: new Date() });
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function help({ id }: Terminal, incarnation: number): WireEntry[] {
  const body = Buffer.from(JSON.stringify({ v: 1, open: { ticket: randomUUID(), why: 'called' }, sealed: null }));
  return [new Journal(id, incarnation).add({ id: randomUUID(), kind: 'help', body, keys: [] })];
}

async function append(
  store: Awaited<ReturnType<typeof openStore>>,
  owner: Client | Terminal,
  entries: readonly WireEntry[],
): Promise<void> {
  const id = owner instanceof Client ? owner.identity.terminalId : owner.id;
  const terminal = await store.terminal(id);
  if (!terminal) throw new Error('no such terminal');
  const items = entries.flatMap((entry) => checkEntry(entry, terminal) ?? []);
  await store.append(terminal, items, new Date());
}
