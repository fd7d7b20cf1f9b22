/** Those who mean to write in a terminal's name: they listened on the line, hold keys of their own, or enrolled a terminal of theirs. */

import { dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { Identity } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import { readIdentity } from '#main/service/identity/identity.ts';
import { Client, enrol, Journal, ndjson, terminalKey } from '#tests/gateway/client.ts';
import type { Verdict } from './judge.ts';
import { HostileProxy, type Overheard, repeat } from './proxy.ts';
import { atStand, type Draw, type FaultStand, type Run } from './stand.ts';

/** What a forger does, and the only answer to it. */
const forgeries = {
  'batch replayed': 200,
  'batch altered': 400,
  'moved to another name': 401,
  'batch signed by a stranger': 401,
  'id stolen': 401,
} as const;
type Forgery = keyof typeof forgeries;

interface Scene {
  readonly stand: FaultStand;
  readonly victim: Identity;
  /** A terminal of the forger's own, rightly enrolled. */
  readonly own: Client;
  readonly batches: readonly Overheard[];
}

/** Nothing that they send changes what the district holds. */
export function forgedBatches({ times, draw }: Run): Promise<readonly Verdict[]> {
  return atStand(async (stand) => {
    const proxy = new HostileProxy(() => stand.gateway.url);
    await proxy.start();
    try {
      const terminal = await stand.terminal({ url: proxy.url, visits: 50 });
      await terminal.start();
      await terminal.written();
      await terminal.finish();
      const { url } = stand.gateway;
      const identity = readIdentity(join(dirname(dirname(terminal.store)), 'etc'));
      if (!identity.ok) throw new Error(identity.error.detail);
      const key = terminalKey();
      const enrolled = await enrol(url, await stand.gateway.enrolCode(), key.publicKey);
      const own = new Client(url, Identity.parse(enrolled.body), key);
      const batches = proxy.overheard.filter(({ path }) => path.endsWith('/batches'));
      const scene: Scene = { stand, victim: identity.value, own, batches };

      const verdicts: Verdict[] = [];
      const before = await held(stand);
      for (const [fault, expected] of Object.entries(forgeries) as [Forgery, number][]) {
        const wrong: string[] = [];
        for (let blow = 0; blow < times; blow += 1) {
          const status = await forge(fault, scene, draw);
          if (status !== expected) wrong.push(`it was answered with ${status}`);
        }
        if ((await held(stand)) !== before) wrong.push('the district holds something else than before');
        verdicts.push(await stand.judge(terminal, { fault, struck: times, wrong }));
      }
      return verdicts;
    } finally {
      proxy.close();
    }
  });
}

async function held(stand: FaultStand): Promise<string> {
  const tables = ['entries', 'wrapped_keys', 'quarantine', 'heads', 'cases'];
  return JSON.stringify(await Promise.all(tables.map((table) => stand.rows(`SELECT * FROM ${table}`))));
}

/** @returns the status of the answer */
async function forge(forgery: Forgery, { stand, victim, own, batches }: Scene, draw: Draw): Promise<number> {
  const { url } = stand.gateway;
  const batch = batches[Math.floor(draw() * batches.length)];
  if (!batch) throw new Error('nothing was overheard');
  const terminal = victim.terminalId;
  const content = () => zstdCompressSync(ndjson([forgedEntry(terminal)]));
  switch (forgery) {
    case 'batch replayed':
      return (await repeat(url, batch)).status;
    case 'batch altered': {
      const altered = Buffer.from(batch.content);
      const at = Math.floor(draw() * altered.length);
      altered.writeUInt8(altered.readUInt8(at) ^ (1 << Math.floor(draw() * 8)), at);
      return (await repeat(url, { ...batch, content: altered })).status;
    }
    case 'moved to another name': {
      const bent = await own.batch(content(), { send: { terminal } });
      return bent.status;
    }
    case 'batch signed by a stranger':
      return (await new Client(url, victim, terminalKey()).batch(content())).status;
    case 'id stolen':
      return (await own.batch(content(), { terminal })).status;
    default:
      return unreachable(forgery);
  }
}

/** Whole and well-formed, as the first of an incarnation that the terminal has not begun. */
function forgedEntry(terminal: string): object {
  const open = { ticket: crypto.randomUUID(), why: 'called' };
  const body = Buffer.from(JSON.stringify({ v: 1, open, sealed: null }));
  return new Journal(terminal, 2).add({ id: crypto.randomUUID(), kind: 'help', keys: [], body });
}
