/** A terminal in another language, which knows only docs/wire.md, against the real executable. */
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { announceDistrictKey } from '#gateway/identity/district.ts';
import { gatewayKeys, rotateGatewayKey } from '#gateway/identity/keys.ts';
import { openStore } from '#gateway/store/open.ts';
import { runCli, spawnGateway } from './stand.ts';
import { addressOf, testFolder } from './stores.ts';

/** Debian's, which sees Debian's python3-cryptography; another one on the path may not. */
const PYTHON = '/usr/bin/python3';
const POLL = { timeout: 60_000, interval: 50 };
const DESCRIPTION = fileURLToPath(new URL('../../docs/wire.md', import.meta.url));

function script(name: string): string[] {
  // Without -B it would leave its compiled form among the sources.
  return ['-B', fileURLToPath(new URL(name, import.meta.url))];
}

/** A stranger's terminal on its way through its acts. */
function stranger(url: string, code: string) {
  const child = spawn(PYTHON, [...script('stranger.py'), url, code], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    /** What it counted up to the end of this act. */
    async act(): Promise<Record<string, unknown>> {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the stranger gave up: ${complaint}`);
      return JSON.parse(value) as Record<string, unknown>;
    },
    goOn: (next: string) => child.stdin.write(`${next}\n`),
    async end(): Promise<{ code: number | null; complaint: string }> {
      await ended;
      return { code: child.exitCode, complaint };
    },
  };
}

async function newCode(store: string): Promise<string> {
  const { codes } = JSON.parse((await runCli('enrol-code', '--store', store)).stdout) as {
    codes: [string];
  };
  return codes[0];
}

async function counts(store: string): Promise<unknown> {
  return JSON.parse((await runCli('cases', '--store', store)).stdout);
}

/** The entries of a store's only journal. */
function chainOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare('SELECT seq, hash FROM entries ORDER BY seq').all();
  } finally {
    db.close();
  }
}

/** Copies a store's file, also one that is being served. */
async function copyStore(from: string, to: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) rmSync(to + end, { force: true });
  const db = new Database(from, { readonly: true });
  await db.backup(to);
  db.close();
}

/** The gateway's key is followed by two others, the district's by one, each at once. */
async function rotatedTwice(store: string): Promise<void> {
  const opened = await openStore(addressOf(store), { newEpoch: randomUUID, missing: 'refuse' });
  const folder = `${store.slice('sqlite:'.length)}.keys`;
  const times = () => ({ from: new Date(Math.floor(Date.now() / 1000) * 1000), now: new Date() });
  const { standard } = gatewayKeys(folder);
  for (let i = 0; i < 2; i += 1) await rotateGatewayKey(opened, standard, times());
  announceDistrictKey(folder, 'standard', times());
  await opened.close();
}

/** Says that a store came from a backup. @returns its new epoch. */
async function restored(store: string): Promise<string> {
  const { epoch } = JSON.parse((await runCli('restored', '--store', store)).stdout) as { epoch: string };
  return epoch;
}

test("a client that knows nothing but the wire's description enrols, sends, changes its key, follows the gateway's, rewinds and verifies", async () => {
  const path = `${testFolder()}/gateway.sqlite`;
  const store = `sqlite:${path}`;
  const gateway = await spawnGateway(store);
  const terminal = stranger(gateway.url, await newCode(store));
  const first = await terminal.act();
  expect(first).toMatchObject({ stored: 3, duplicate: 0, held: 0, rewound: 0, chain: 3 });
  await vi.waitFor(async () => expect(await counts(store)).toMatchObject({ cases: 2 }), POLL);
  await copyStore(path, `${path}.backup`);

  terminal.goOn(gateway.url);
  const second = await terminal.act();
  // Entry 4 is stored, 6 and 7 are held, 5 fills the gap; the first three and the held two are known when they come again.
  expect(second).toMatchObject({ stored: 5, duplicate: 5, held: 2, rewound: 0, refused: 3, chain: 7 });
  const whole = { terminals: 1, entries: 7, cases: 6, quarantined: 0 };
  await vi.waitFor(async () => expect(await counts(store)).toEqual(whole), POLL);
  const chain = chainOf(path);

  expect(await gateway.end('SIGTERM')).toBe(0);
  await copyStore(`${path}.backup`, path);
  const epoch = await restored(store);
  expect(await counts(store)).toMatchObject({ entries: 3, cases: 2 });
  await rotatedTwice(store);
  terminal.goOn((await spawnGateway(store)).url);
  const third = await terminal.act();
  expect(third).toMatchObject({ stored: 9, duplicate: 5, held: 2, quarantined: 0, rewound: 4, refused: 4, epoch });
  expect(third['disbelieved']).toBe(3 * Number(third['believed']));
  expect(await terminal.end()).toEqual({ code: 0, complaint: '' });
  await vi.waitFor(async () => expect(await counts(store)).toEqual(whole), POLL);
  expect(chainOf(path)).toEqual(chain);
});

test('a stranger whose gateway answers with another key than the one of its enrolment gives up', async () => {
  const store = `sqlite:${testFolder()}/own.sqlite`;
  const [own, other] = [await spawnGateway(store), await spawnGateway(`sqlite:${testFolder()}/other.sqlite`)];
  const terminal = stranger(own.url, await newCode(store));
  await terminal.act();
  terminal.goOn(other.url);
  const { code, complaint } = await terminal.end();
  expect(code).toBe(1);
  expect(complaint).toContain('an answer 401 is signed by the gateway');
});

test('what a stranger computes from the worked example is what stands there', async () => {
  const { stdout } = await promisify(execFile)(PYTHON, [...script('stranger_example.py'), DESCRIPTION]);
  expect(JSON.parse(stdout)).toEqual({ alike: 15 });
});
