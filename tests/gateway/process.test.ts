import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import { Provisioning, type WireEntry } from '#contract/wire.ts';
import { isAlive } from '#tests/stand/process.ts';
import { Client, Journal, results, terminalKey } from './client.ts';
import { onWire, PERSON, Writer } from './sealing.ts';
import { bytesBelow, enrolled, finder, type GatewayProcess, runCli, spawnGateway } from './stand.ts';
import { sqliteStore, stores, type TestStore, testFolder } from './stores.ts';

const POLL = { timeout: 20_000, interval: 50 };

async function newCode({ address }: TestStore): Promise<string> {
  const ran = await runCli('enrol-code', '--store', address.uri);
  const { codes } = JSON.parse(ran.stdout) as { codes: string[] };
  return codes[0] ?? '';
}

async function counts({ address }: TestStore): Promise<Record<string, number>> {
  return JSON.parse((await runCli('cases', '--store', address.uri)).stdout) as Record<string, number>;
}

function gatewayOf({ address, keys }: TestStore): Promise<GatewayProcess> {
  return spawnGateway(address.uri, '--keys', keys);
}

function workerOf({ process: { pid } }: GatewayProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

/** Whether the writable memory of a process holds these bytes. */
function memoryHolds(pid: number, needle: Uint8Array): boolean {
  // Its memory stays as it is between the two looks.
  process.kill(pid, 'SIGSTOP');
  const regions = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return [...regions].some(([, from = '', to = '']) => {
      const bytes = Buffer.alloc(Number.parseInt(to, 16) - Number.parseInt(from, 16));
      return readSync(memory, bytes, 0, bytes.length, Number.parseInt(from, 16)) > 0 && finder(bytes)(needle);
    });
  } finally {
    closeSync(memory);
    process.kill(pid, 'SIGCONT');
  }
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('the executable enrols, takes cases in and ends in order', async () => {
    const store = await makeStore();
    const gateway = await gatewayOf(store);
    const terminal = await enrolled(gateway.url, await newCode(store));
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const day = writer.dayKey();
    const bad = writer.plain('rating', { level: 9 });
    await terminal.send([day.entry, onWire(writer.case(day.dayKey)), bad]);
    await vi.waitFor(
      async () => expect(await counts(store)).toEqual({ terminals: 1, entries: 3, cases: 1, quarantined: 1 }),
      POLL,
    );
    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ gateway: 'ok', intake: 'running' });
    expect(await gateway.end('SIGTERM')).toBe(0);
    const has = finder(Buffer.concat([bytesBelow(store.files), Buffer.from(gateway.log())]));
    for (const value of Object.values(PERSON)) expect(has(value)).toBe(false);
  });

  test('nothing acknowledged is lost when the gateway is killed between and during batches', async () => {
    const store = await makeStore();
    const key = terminalKey();
    const file = await runCli(
      'provision',
      '--store',
      store.address.uri,
      '--keys',
      store.keys,
      '--terminal-key',
      key.publicKey,
    );
    const { payload } = Provisioning.parse(JSON.parse(file.stdout));
    const identity = Identity.strip().parse(JSON.parse(payload));
    const writer = new Writer(identity, new Journal(identity.terminalId));
    const entries: WireEntry[] = [];
    const acknowledged = new Set<number>();

    for (let round = 0; round < 4; round += 1) {
      const gateway = await gatewayOf(store);
      const terminal = new Client(gateway.url, identity, key);
      const send = async (part: readonly WireEntry[]) => {
        for (const { seq } of (await terminal.send(part)).entries) acknowledged.add(seq);
      };
      for (let i = 0; i < 60; i += 1) entries.push(writer.plain('help', { ticket: randomUUID(), why: 'called' }));

      const { contiguousSeq, epoch } = await terminal.cursor();
      expect(epoch).toBe(identity.epoch);
      expect(contiguousSeq).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged));
      const last = entries.length - 20;
      for (let from = contiguousSeq; from < last; from += 10)
        await send(entries.slice(from, Math.min(from + 10, last)));
      const inTheMiddle = send(entries.slice(last)).catch(() => undefined);
      await gateway.end('SIGKILL');
      await inTheMiddle;
      const kept = new Set((await store.rows('SELECT seq FROM entries')).map(({ seq }) => seq));
      expect([...acknowledged].filter((seq) => !kept.has(seq))).toEqual([]);
    }

    const gateway = await gatewayOf(store);
    const terminal = new Client(gateway.url, identity, key);
    for (let from = 0; from < entries.length; from += 60) await terminal.send(entries.slice(from, from + 60));
    expect(await terminal.cursor()).toMatchObject({ contiguousSeq: 240, headHash: entries.at(-1)?.hash, holes: [] });
    const takenIn = async () => expect(await store.rows('SELECT intake_seq FROM heads')).toEqual([{ intake_seq: 240 }]);
    await vi.waitFor(takenIn, POLL);
    expect(await counts(store)).toEqual({ terminals: 1, entries: 240, cases: 0, quarantined: 0 });
  });

  test('a killed intake worker is started again and takes the rest in', async () => {
    const store = await makeStore();
    const gateway = await gatewayOf(store);
    const terminal = await enrolled(gateway.url, await newCode(store));
    const worker = Number(
      readFileSync(`/proc/${gateway.process.pid}/task/${gateway.process.pid}/children`, 'utf8').trim(),
    );
    process.kill(worker, 'SIGKILL');
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const day = writer.dayKey();
    expect(results(await terminal.send([day.entry, onWire(writer.case(day.dayKey))]))).toEqual(['stored', 'stored']);
    await vi.waitFor(async () => expect(await counts(store)).toMatchObject({ cases: 1 }), POLL);
    expect(gateway.log()).toContain('the intake worker ended');
  });

  test("the district's private key is in the intake worker's memory and not in the gateway's", async () => {
    const store = await makeStore();
    const gateway = await gatewayOf(store);
    await enrolled(gateway.url, await newCode(store));
    const file = `${store.keys}/district.key`;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secret = createPrivateKey(readFileSync(file)).export({ type: 'pkcs8', format: 'der' }).subarray(-32);
    expect(memoryHolds(workerOf(gateway), secret)).toBe(true);
    expect(memoryHolds(Number(gateway.process.pid), secret)).toBe(false);
  });
});

test('the file of a SQLite store is for its owner alone, and its keys stand beside it', async () => {
  const path = `${testFolder()}/gateway.sqlite`;
  await (await spawnGateway(`sqlite:${path}`)).end('SIGTERM');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}.keys/gateway.key`).mode & 0o777).toBe(0o600);
});

test('the intake worker ends with a killed gateway', async () => {
  const gateway = await gatewayOf(await sqliteStore());
  const worker = workerOf(gateway);
  await gateway.end('SIGKILL');
  await vi.waitFor(() => expect(isAlive(worker)).toBe(false), POLL);
});

test('another district key than the one that terminals seal to is refused in words', async () => {
  const folder = testFolder();
  const store = `sqlite:${folder}/gateway.sqlite`;
  await (await spawnGateway(store)).end('SIGTERM');
  const { privateKey } = generateKeyPairSync('x25519');
  writeFileSync(`${folder}/other.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const args = ['serve', '--store', store, '--listen', '127.0.0.1:0', '--district-key'];
  const ran = await runCli(...args, `${folder}/other.key`);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain('another district key');
  const gateway = await spawnGateway(`sqlite:${folder}/second.sqlite`, '--district-key', `${folder}/other.key`);
  expect(await gateway.end('SIGTERM')).toBe(0);
});
