/**
 * The intake worker: a process of its own, the only one that reads the district's private key. Started by `serve` with
 * the store's path and, where the key is kept elsewhere, its file. It ends with the gateway that started it.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { districtKeys, districtPrivateKey, keysFolder } from '../identity/keys.ts';
import { openSqliteIntake } from '../store/sqlite.ts';
import { intake } from './intake.ts';
import type { DistrictKeyFiles, FromIntake, ToIntake } from './messages.ts';
import { dayKeyOpener } from './unseal.ts';

const RETRY_MS = 1000;
const log = pino({ name: 'intake' }, pino.destination({ dest: 2, sync: true }));

function tell(message: FromIntake): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

async function start(path: string, keyFiles: DistrictKeyFiles): Promise<void> {
  const folder = keysFolder(path);
  const openers = {
    standard: await dayKeyOpener('standard', districtPrivateKey(folder, 'standard', keyFiles.standard)),
    national: await dayKeyOpener('national', districtPrivateKey(folder, 'national', keyFiles.national)),
  };
  const published = districtKeys(folder);
  if (!published) throw new Error('the district keys were not published');
  const districts = {
    standard: { keyId: published.standard.id, opener: openers.standard },
    national: { keyId: published.national.id, opener: openers.national },
  };
  const store = openSqliteIntake(path, { newEpoch: randomUUID, missing: 'create' });
  const worker = intake({ store, districts, now: () => new Date() });

  let working: Promise<void> | null = null;
  let again = false;
  const ending = new AbortController();

  /** One drain at a time; a call during one makes it look once more. */
  function work(): void {
    again = true;
    working ??= run().finally(() => {
      working = null;
    });
  }

  async function run(): Promise<void> {
    while (again && !ending.signal.aborted) {
      again = false;
      try {
        const { seen, invalid } = await worker.drain(ending.signal);
        if (seen > 0) log.info({ seen, invalid }, 'taken in');
      } catch (error) {
        log.error({ code: codeOf(error) }, 'the intake failed; it tries again');
        setTimeout(work, RETRY_MS).unref();
      }
    }
  }

  async function end(): Promise<void> {
    if (ending.signal.aborted) return;
    ending.abort();
    await working;
    store.close();
    if (process.connected) process.disconnect();
  }

  process.on('message', (message: ToIntake) => void (message === 'stop' ? end() : work()));
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
  options: { store: { type: 'string' }, key: { type: 'string' }, 'sm2-key': { type: 'string' } },
});
try {
  if (values.store === undefined) throw new Error('the intake worker needs --store PATH');
  await start(values.store, { standard: values.key, national: values['sm2-key'] });
} catch (error) {
  await tell({ state: 'refused', message: error instanceof Error ? error.message : 'the intake worker cannot start' });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}
