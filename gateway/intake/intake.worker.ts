/**
 * The intake worker: a process of its own, the only one that reads the district's private key. Started by `serve` with
 * the store's address, the folder of the keys and, where the district's are kept elsewhere, their files. It ends with the gateway that started it.
 */
import { randomUUID } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkShared, districtKeys, missLost } from '../identity/keys.ts';
import { LOG_LEVELS, logOf } from '../log.ts';
import { type StoreAddress, storeAddress } from '../store/address.ts';
import { openIntake } from '../store/open.ts';
import type { IntakeStore } from '../store/store.ts';
import { Openers } from './district-openers.ts';
import { intake } from './intake.ts';
import { deskFolder } from './materials.ts';
import type { DistrictKeyFiles, FromIntake, ToIntake } from './messages.ts';
import { Pace } from './pace.ts';

const RETRY_MS = 1000;

/** Work may wait that nobody speaks of: what a gateway on another machine had in hand when that machine went away. */
const LOOK_MS = 5000;

/** Between two looks for keys of the district, in milliseconds. */
const KEYS_MS = 60_000;

function tell(message: FromIntake): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

async function openersOf(store: IntakeStore, keys: string, keyFiles: DistrictKeyFiles): Promise<Openers> {
  await missLost(store, 'district', keys, keyFiles);
  const openers = new Openers(keys, keyFiles);
  const [remedy] = await openers.refresh();
  if (remedy !== undefined) throw new Error(remedy);
  const published = districtKeys(keys);
  if (!published) throw new Error('the district keys were not published');
  await checkShared(store, 'district', published);
  return openers;
}

async function start(
  address: StoreAddress,
  keys: string,
  keyFiles: DistrictKeyFiles,
  deskMaterials: string | undefined,
): Promise<void> {
  const store = await openIntake(address, { newEpoch: randomUUID, missing: 'create' });
  const openers = await openersOf(store, keys, keyFiles).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  // Terminals are answered first; the desk's cases come as soon as there is time for them.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const pace = new Pace({ now: () => performance.now(), sleep: (ms, signal) => sleep(ms, undefined, { signal }) });
  const worker = intake({
    store,
    districts: openers.of,
    now: () => new Date(),
    rest: (workedMs, signal) => pace.rest(workedMs, signal),
    desk: deskMaterials === undefined ? undefined : deskFolder(deskMaterials),
  });

  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | null = null;
  let again = false;
  let keysDueAt = 0;
  const ending = new AbortController();

  /** One drain at a time; a call during one makes it look once more. */
  function work(): void {
    again = true;
    working ??= run().finally(() => {
      working = null;
    });
  }

  async function run(): Promise<void> {
    let pauseMs = LOOK_MS;
    while (again && !ending.signal.aborted) {
      again = false;
      pauseMs = LOOK_MS;
      try {
        if (performance.now() >= keysDueAt) await lookForKeys();
        const { seen, invalid } = await worker.drain(ending.signal);
        if (seen > 0) log.info({ seen, invalid }, 'taken in');
      } catch (error) {
        log.error({ code: codeOf(error) }, 'the intake failed; it tries again');
        pauseMs = RETRY_MS;
      }
    }
    clearTimeout(timer);
    timer = setTimeout(work, pauseMs).unref();
  }

  /** Another key may have been announced, or one brought back for which entries wait. */
  async function lookForKeys(): Promise<void> {
    keysDueAt = performance.now() + KEYS_MS;
    for (const remedy of await openers.refresh()) log.error({ remedy }, 'a key of the district is not here');
    await store.lookAgainFor(openers.ids);
  }

  async function end(): Promise<void> {
    if (ending.signal.aborted) return;
    ending.abort();
    await working;
    await store.close();
    if (process.connected) process.disconnect();
  }

  process.on('message', (message: ToIntake) => {
    if (message === 'stop') return void end();
    pace.batch();
    work();
  });
  process.on('disconnect', () => void end());
  // The gateway decides when to end; a terminal's Ctrl+C reaches both.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => void end());
  await tell({ state: 'ready' });
  work();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error
    ? String(error.code)
    : error instanceof Error
      ? error.name
      : 'unknown';
}

const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    keys: { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
    'sm2-key': { type: 'string', multiple: true, default: [] },
    'desk-materials': { type: 'string' },
    'log-level': { type: 'string' },
  },
});
const log = logOf('intake', LOG_LEVELS.find((level) => level === values['log-level']) ?? 'info');
try {
  const address = storeAddress(values.store ?? '');
  if (!address.ok) throw new Error(address.error);
  if (values.keys === undefined) throw new Error('the intake worker needs --keys FOLDER');
  const keyFiles = { standard: values.key, national: values['sm2-key'] };
  await start(address.value, values.keys, keyFiles, values['desk-materials']);
} catch (error) {
  await tell({ state: 'refused', message: error instanceof Error ? error.message : 'the intake worker cannot start' });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}
