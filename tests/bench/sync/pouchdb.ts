/**
 * The same backlog carried by a peer: PouchDB on a durable LevelDB, replicated to express-pouchdb in another process. It is installed
 * below `out/` when it is measured, since nothing else needs it. Ours and the peer take turns.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { Agent } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { localDay, systemClock } from '#main/service/time/clock.ts';
import { type Figure, percentile } from '../figures.ts';
import { caseOf, caseTexts, type Flushed } from './entries.ts';
import { ENTRIES, flushOurs, gone, inFolder, must, ROUNDS, told } from './flush.ts';
import { openLibrary } from './pouchdb-library.ts';

const PACKAGE = fileURLToPath(new URL('./pouchdb/package.json', import.meta.url));
const SERVER = fileURLToPath(new URL('./pouchdb-server.worker.ts', import.meta.url));
/** Of the peer's entries in a second. */
const GOAL = { atLeast: 3 };
/** The fastest here of 100 (as shipped), 200, 500 and 1,000. */
const BATCH = 500;
const INSTALL_MS = 300_000;

/** @returns the folder; null when the packages cannot be had, with the reason on stderr. */
async function install(): Promise<string | null> {
  const folder = resolve('out/bench/pouchdb');
  mkdirSync(folder, { recursive: true });
  copyFileSync(PACKAGE, join(folder, 'package.json'));
  // What is there already is not asked for again. LevelDB comes built: no script has to run.
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALL_MS });
    return folder;
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error);
    process.stderr.write(`  left out: PouchDB could not be installed\n${said.trimEnd().replaceAll(/^/gm, '    ')}\n`);
    return null;
  }
}

async function flushPeer(installed: string, folder: string, entries: readonly string[]): Promise<Flushed> {
  const [there, here] = [join(folder, 'peer-gateway'), join(folder, 'peer-terminal')];
  for (const made of [there, here]) mkdirSync(made, { recursive: true });
  const server: ChildProcess = spawn(process.execPath, [SERVER, installed, there], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const agent = new Agent({ keepAlive: true });
  try {
    if (!server.stdout) throw new Error("the peer's gateway says nothing");
    const [url] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const { PouchDB } = openLibrary(installed, here);
    const own = new PouchDB('cases');
    for (let at = 0; at < entries.length; at += BATCH) {
      await own.bulkDocs(
        entries
          .slice(at, at + BATCH)
          .map(caseOf)
          .map((entry) => ({ _id: entry.open.case, ...entry })),
      );
    }
    let bytes = 0;
    const remote = new PouchDB(`${url}/cases`, {
      // A connection for each request, as shipped, would only slow it down.
      fetch: (address, options) => {
        bytes += Buffer.byteLength(options.body ?? '');
        return PouchDB.fetch(address, { ...options, agent });
      },
    });
    const began = performance.now();
    const done = await own.replicate.to(remote, { batch_size: BATCH });
    const ms = performance.now() - began;
    const { doc_count: arrived } = await remote.info();
    if (!done.ok || arrived !== entries.length) throw new Error(`the peer carried ${arrived} of ${entries.length}`);
    await own.close();
    return { ms, bytes };
  } finally {
    agent.destroy();
    await gone(server);
  }
}

export async function flushBesidePouchDb(): Promise<readonly Figure[]> {
  const installed = await install();
  return installed === null ? [] : inFolder((root) => rounds(installed, root));
}

async function rounds(installed: string, root: string): Promise<readonly Figure[]> {
  const entries = caseTexts(must(loadCatalogue('image/catalogue')), ENTRIES, localDay(systemClock().wall()));
  const ours: Flushed[] = [];
  const peer: Flushed[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const folder = join(root, String(round));
    mkdirSync(folder, { recursive: true });
    peer.push(await flushPeer(installed, folder, entries));
    ours.push(await flushOurs(folder, `sqlite:${join(folder, 'gateway.sqlite')}`, entries));
    process.stderr.write(`  round ${round}: ours ${told(ours.at(-1))}, PouchDB ${told(peer.at(-1))}\n`);
  }
  const of = (flushed: readonly Flushed[], value: (one: Flushed) => number) => percentile(flushed.map(value), 0.5);
  const rate = ({ ms }: Flushed) => (ENTRIES * 1000) / ms;
  const size = ({ bytes }: Flushed) => bytes / ENTRIES;
  return [
    {
      name: 'entries a second, beside durable PouchDB',
      unit: '',
      ours: of(ours, rate),
      floor: of(peer, rate),
      goal: GOAL,
    },
    { name: '  bytes an entry on the wire', unit: '', ours: of(ours, size), floor: of(peer, size), goal: null },
  ];
}
