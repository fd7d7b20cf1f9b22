/**
 * A city's backlog: a million entries of 5,000 terminals, drained by two gateway processes on one PostgreSQL. The terminals are enrolled over
 * the wire, and their batches sealed, hashed and linked, before the clock runs. Then each asks for its cursor and sends its batch with the
 * product's own client, which compresses and signs when it sends and believes only signed answers. There are no journals on disks behind
 * it: 5,000 of them beside the store would measure the disk of one machine.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { z } from 'zod';
import { Identity } from '#contract/configuration.ts';
import type { Result } from '#contract/result.ts';
import { limits } from '#contract/wire.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { atOnce } from '#main/service/fleet/at-once.ts';
import { newKey, publicKeyOf, rawPublicKey } from '#main/service/suite/suite.ts';
import { compressed } from '#main/service/sync/batches.ts';
import { type ExchangeError, GatewayClient } from '#main/service/sync/client.ts';
import { localDay, systemClock } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { ServerTime } from '#main/service/time/server-time.ts';
import { enrol } from '#tests/gateway/client.ts';
import { Cluster } from '#tests/gateway/cluster.ts';
import { GatewayProcess } from '#tests/stand/gateway.ts';
import type { Figure } from '../figures.ts';
import { lookAt } from '../visit/probe.ts';
import { caseEntries } from './entries.ts';
import { inFolder, must } from './flush.ts';
import { type Enrolled, frozenBatch } from './frozen.ts';
import { busySeconds, limitOf } from './limit.ts';

/** Of each terminal: one batch. */
const BATCH = limits.batchEntries;
/** Cases that the terminals' own are made from; identities, keys and hashes are each one's own. */
const POOL = 1_000;
const ENROL_AT_ONCE = 8;
/** Terminals that speak to the gateways at one time. */
const WIDTH = 32;
const GOAL_SECONDS = 300;
const MILLION = 1_000_000;

const COUNTS = `SELECT (SELECT count(*) FROM entries WHERE state = 'stored') AS stored,
  (SELECT count(DISTINCT id) FROM entries WHERE state = 'stored') AS places,
  (SELECT count(*) FROM cases) AS cases,
  (SELECT count(*) FROM quarantine) AS unfit`;
const Counts = z.object({ stored: z.int(), places: z.int(), cases: z.int(), unfit: z.int() });

interface Prepared extends Enrolled {
  /** Its batch, NDJSON. */
  readonly file: string;
}

const clock = systemClock();
const random = systemRandom(clock);

async function enrolAll(gateway: GatewayProcess, count: number): Promise<Enrolled[]> {
  const codes = await gateway.enrolCodes(count);
  return atOnce(ENROL_AT_ONCE, codes, async (code) => {
    const key = newKey('standard');
    const answer = await enrol(gateway.url, code, rawPublicKey(key));
    return { identity: Identity.parse(answer.body), key };
  });
}

async function freeze(terminals: readonly Enrolled[], folder: string): Promise<Prepared[]> {
  const catalogue = must(loadCatalogue('image/catalogue'));
  const pool = caseEntries(catalogue, POOL, localDay(clock.wall()));
  const prepared: Prepared[] = [];
  for (const [n, { identity, key }] of terminals.entries()) {
    const cases = Array.from({ length: BATCH - 1 }, (_, i) => pool[(n + i) % POOL]).filter((one) => one !== undefined);
    const file = join(folder, `${n}.ndjson`);
    writeFileSync(file, await frozenBatch(identity, cases, { catalogue: catalogue.version, clock, random }));
    prepared.push({ identity, key, file });
  }
  return prepared;
}

interface Drained {
  readonly acknowledged: number;
  /** Requests that a gateway asked to come again later. */
  readonly busy: number;
}

async function drain(terminals: readonly Prepared[], gateways: readonly GatewayProcess[]): Promise<Drained> {
  const dispatcher = new Agent({ pipelining: 1 });
  let busy = 0;

  async function patiently<T>(ask: () => Promise<Result<T, ExchangeError>>): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (answer.ok) return answer.value;
      if (answer.error.code !== 'busy') throw new Error(JSON.stringify(answer.error));
      busy += 1;
      await pause(answer.error.retryAfterMs ?? 1_000);
    }
  }

  const each = await atOnce(WIDTH, [...terminals.entries()], async ([n, { identity, key, file }]) => {
    const url = gateways[n % gateways.length]?.url ?? '';
    const own = { ...identity, key, gateway: publicKeyOf(identity.gatewayKey) };
    const serverTime = new ServerTime(null, () => undefined);
    const client = new GatewayClient({ identity: own, url, clock, random, serverTime, dispatcher });
    await patiently(() => client.cursor(null));
    const content = compressed(await readFile(file));
    const { entries } = await patiently(() => client.send({ content }));
    return entries.filter(({ result }) => result === 'stored' || result === 'duplicate').length;
  });
  await dispatcher.close();
  return { acknowledged: each.reduce((sum, count) => sum + count, 0), busy };
}

/** Seconds of processors' time so far, by part. A process of PostgreSQL's that ended meanwhile is missing. */
function used(gateways: readonly GatewayProcess[], postgres: number): Record<string, number> {
  const sum = (looks: ReturnType<typeof lookAt>) => looks.reduce((all, { seconds }) => all + seconds, 0);
  const own = process.cpuUsage();
  const parts: Record<string, number> = { PostgreSQL: sum(lookAt(postgres)), terminals: (own.user + own.system) / 1e6 };
  for (const [i, { pid = 0 }] of gateways.entries()) {
    const looks = lookAt(pid);
    parts[`gateway ${i + 1}`] = sum(looks.filter((look) => look.pid === pid));
    parts[`intake worker ${i + 1}`] = sum(looks.filter((look) => look.pid !== pid));
  }
  return parts;
}

/** @param entries how many; the goal is that of a million, in proportion */
export async function drainMillion(entries = MILLION): Promise<readonly Figure[]> {
  const cluster = await Cluster.start();
  try {
    return await inFolder((folder) => measure(cluster, folder, Math.ceil(entries / BATCH)));
  } finally {
    await cluster.remove();
  }
}

async function measure(cluster: Cluster, folder: string, count: number): Promise<readonly Figure[]> {
  const database = await cluster.database();
  const store = cluster.uri(database);
  const gateways = [1, 2].map(() => new GatewayProcess(store, { keys: join(folder, 'keys') }));
  const batches = join(folder, 'batches');
  mkdirSync(batches);
  try {
    // The first makes the keys that both share.
    for (const gateway of gateways) await gateway.start();
    const [first] = gateways;
    if (!first) return [];
    const terminals = await freeze(await enrolAll(first, count), batches);
    process.stderr.write(`  ${count} terminals enrolled, each with ${BATCH} entries sealed\n`);

    const postgres = Number(/^\d+/.exec(readFileSync(join(cluster.folder, 'data', 'postmaster.pid'), 'utf8'))?.[0]);
    const before = { parts: used(gateways, postgres), busy: busySeconds(), at: performance.now() };
    const { acknowledged, busy } = await drain(terminals, gateways);
    const seconds = (performance.now() - before.at) / 1000;
    const after = { parts: used(gateways, postgres), busy: busySeconds() };

    const [held] = await cluster.query(database, COUNTS);
    const { stored, places, cases, unfit } = Counts.parse(held);
    const parts = Object.fromEntries(
      Object.entries(after.parts).map(([name, total]) => [name, total - (before.parts[name] ?? 0)]),
    );
    const limit = limitOf({ seconds, processors: cpus().length, busy: after.busy - before.busy, parts });
    process.stderr.write(`  limited by ${limit}\n`);
    const entries = count * BATCH;
    const plain = { unit: '', floor: null, goal: null } as const;
    return [
      {
        ...plain,
        name: `${entries} entries, drained`,
        unit: 's',
        ours: seconds,
        goal: (GOAL_SECONDS * entries) / MILLION,
      },
      { ...plain, name: '  entries a second', ours: entries / seconds },
      { ...plain, name: '  lost', ours: Math.max(entries, acknowledged) - places, goal: 0 },
      { ...plain, name: '  doubled', ours: stored - places, goal: 0 },
      { ...plain, name: '  unfit', ours: unfit, goal: 0 },
      { ...plain, name: '  told to come again later', ours: busy },
      { ...plain, name: '  opened by the intake meanwhile', ours: cases },
      ...Object.entries(parts).map(
        ([name, ours]) => ({ ...plain, name: `  processor, ${name}`, unit: 's', ours }) as const,
      ),
    ];
  } finally {
    for (const gateway of gateways) await gateway.stop();
  }
}
