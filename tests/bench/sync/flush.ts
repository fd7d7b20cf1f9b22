/**
 * A terminal's backlog of 20,000 cases, carried to a gateway: journal, engine and gateway as they are, and beside them plain rows by a plain
 * POST. The terminal's side runs in this process, the gateway with its intake worker in others, as everywhere. The two take turns.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Records } from '#main/service/records.ts';
import { localDay, systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { Cluster } from '#tests/gateway/cluster.ts';
import { GatewayProcess } from '#tests/stand/gateway.ts';
import { type Figure, percentile } from '../figures.ts';
import { asJournaled, caseOf, caseTexts, type Flushed } from './entries.ts';
import { flushPlain } from './plain-terminal.ts';

const PLAIN_SERVER = fileURLToPath(new URL('./plain-server.worker.ts', import.meta.url));
export const ENTRIES = 20_000;
export const ROUNDS = 3;
/** Of the floor's time: 70 % of its entries in a second. */
const GOAL = 1.43;
const BYTES_GOAL = 580;

/** Where a round's stores lie: in files of its folder, or in databases of a server. */
interface Place {
  readonly ours: () => Promise<string>;
  readonly plain: () => Promise<string>;
}

const clock = systemClock();

export function must<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** @param entries {@link caseTexts} */
export async function flushOurs(folder: string, store: string, entries: readonly string[]): Promise<Flushed> {
  const gateway = new GatewayProcess(store, { keys: join(folder, 'keys') });
  await gateway.start();
  const folders = { etc: join(folder, 'etc'), data: join(folder, 'data') };
  must(await enrolByCode({ etc: folders.etc, url: gateway.url, code: await gateway.enrolCode() }));
  const catalogue = must(loadCatalogue('image/catalogue'));
  const opening = { folders, suite: 'standard', catalogue, clock, timers: systemTimers(), log: silentLog() } as const;
  const records = must(await Records.open({ ...opening, random: systemRandom(clock) }));
  try {
    records.store.transaction(() => entries.forEach((text) => records.journal.append(asJournaled(caseOf(text)))));
    // A backlog of days lies in the file itself, where the store brings it over when it is idle; the floor's is brought over as it is written.
    records.store.db.pragma('wal_checkpoint(PASSIVE)');
    let bytes = 0;
    const dispatcher = new Agent({ pipelining: 1 }).compose((dispatch) => (options, handler) => {
      if (Buffer.isBuffer(options.body)) bytes += options.body.length;
      return dispatch(options, handler);
    });
    const way = { gateway: { url: gateway.url, idleSeconds: 60 }, startSpreadMs: 0, dispatcher, devices: () => ({}) };
    const engine = records.engine(way);
    const drained = new Promise<void>((done) => {
      engine.onChange(({ unsynced }) => {
        if (unsynced === 0) done();
      });
    });
    const began = performance.now();
    engine.start();
    await drained;
    const ms = performance.now() - began;
    await engine.stop();
    return { ms, bytes };
  } finally {
    records.close();
    await gateway.stop();
  }
}

async function flushFloor(folder: string, store: string, entries: readonly string[]): Promise<Flushed> {
  const server = spawn(process.execPath, [PLAIN_SERVER, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    mkdirSync(folder, { recursive: true });
    return await flushPlain(join(folder, 'plain.sqlite'), url, entries);
  } finally {
    await gone(server);
  }
}

export async function gone(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

async function rounds(name: string, root: string, place: (folder: string) => Place): Promise<readonly Figure[]> {
  const entries = caseTexts(must(loadCatalogue('image/catalogue')), ENTRIES, localDay(clock.wall()));
  const ours: Flushed[] = [];
  const floor: Flushed[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const folder = join(root, String(round));
    mkdirSync(folder, { recursive: true });
    const { ours: own, plain } = place(folder);
    floor.push(await flushFloor(folder, await plain(), entries));
    ours.push(await flushOurs(folder, await own(), entries));
    process.stderr.write(`  round ${round}: ours ${told(ours.at(-1))}, floor ${told(floor.at(-1))}\n`);
  }
  const perThousand = (flushed: readonly Flushed[]) =>
    percentile(
      flushed.map(({ ms }) => ms),
      0.5,
    ) /
    (ENTRIES / 1000);
  const perEntry = (flushed: readonly Flushed[]) =>
    percentile(
      flushed.map(({ bytes }) => bytes),
      0.5,
    ) / ENTRIES;
  const size = entries[0]?.length ?? 0;
  return [
    { name: `a thousand entries ${name}`, unit: 'ms', ours: perThousand(ours), floor: perThousand(floor), goal: GOAL },
    {
      name: '  entries a second',
      unit: '',
      ours: 1e6 / perThousand(ours),
      floor: 1e6 / perThousand(floor),
      goal: null,
    },
    { name: '  bytes an entry on the wire', unit: '', ours: perEntry(ours), floor: null, goal: BYTES_GOAL },
    { name: '  the same, not sealed', unit: '', ours: perEntry(floor), floor: null, goal: null },
    { name: '  bytes of a case before', unit: '', ours: size, floor: null, goal: null },
  ];
}

export function told(flushed: Flushed | undefined): string {
  return `${Math.round((ENTRIES * 1000) / (flushed?.ms ?? 1))}/s`;
}

export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync('out/bench', { recursive: true });
  const folder = mkdtempSync(resolve('out/bench/sync-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export function flushToSqlite(): Promise<readonly Figure[]> {
  return inFolder((root) =>
    rounds('to a gateway on SQLite', root, (folder) => ({
      ours: async () => `sqlite:${join(folder, 'gateway.sqlite')}`,
      plain: async () => `sqlite:${join(folder, 'floor.sqlite')}`,
    })),
  );
}

export async function flushToPostgres(): Promise<readonly Figure[]> {
  const cluster = await Cluster.start();
  try {
    const plain = async () => {
      const database = await cluster.database();
      return `postgres:${JSON.stringify({ host: cluster.folder, port: cluster.port, user: 'gateway', database })}`;
    };
    const ours = async () => cluster.uri(await cluster.database());
    return await inFolder((root) => rounds('to a gateway on PostgreSQL', root, () => ({ ours, plain })));
  } finally {
    await cluster.remove();
  }
}
