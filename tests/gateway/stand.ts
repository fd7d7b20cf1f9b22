/** Gateways for tests: one in this process with a clock to turn, and the real executable. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import type { Suite } from '#contract/suite.ts';
import { ADMISSION, Admission } from '#gateway/http/admission.ts';
import { type GatewayOptions, gatewayApp } from '#gateway/http/app.ts';
import { CODE_LIFE_MS, enrolCode, enrolCodeHash } from '#gateway/identity/codes.ts';
import { districtKeyAt } from '#gateway/identity/district.ts';
import { gatewayKeys } from '#gateway/identity/keys.ts';
import { Openers } from '#gateway/intake/district-openers.ts';
import { intake } from '#gateway/intake/intake.ts';
import type { DeskMaterials } from '#gateway/intake/materials.ts';
import { logOf } from '#gateway/log.ts';
import { Metrics } from '#gateway/metrics/metrics.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { Client, enrol, terminalKey } from './client.ts';
import type { TestStore } from './stores.ts';

/** A gateway in this process, whose clock the test sets and whose intake works when it is told to. */
export async function startGateway(
  makeStore: () => Promise<TestStore>,
  { desk, ...more }: Partial<GatewayOptions> & { readonly desk?: DeskMaterials } = {},
) {
  const { address, keys, files, rows, change, lock } = await makeStore();
  const store = await openStore(address, { newEpoch: randomUUID, missing: 'create', busyMs: 50 });
  const intakeStore = await openIntake(address, { newEpoch: randomUUID, missing: 'refuse' });
  const openers = new Openers(keys, { standard: [], national: [] });
  await openers.refresh();
  const signing = gatewayKeys(keys);
  const clock = { offsetMs: 0, now: () => new Date(Date.now() + clock.offsetMs) };
  const logged: string[] = [];
  const { app, listen, renewCertificate } = gatewayApp({
    store,
    keys: signing,
    district: (suite, at) => districtKeyAt(keys, suite, at),
    log: logOf('gateway', 'trace', { write: (line: string) => void logged.push(line) }),
    now: clock.now,
    newId: randomUUID,
    admission: new Admission(ADMISSION),
    retryAfterS: () => 1,
    onBatch: () => undefined,
    health: null,
    metrics: new Metrics(),
    ...more,
  });
  const url = await listen({ host: '127.0.0.1', port: 0 });
  const worker = intake({
    store: intakeStore,
    districts: openers.of,
    now: clock.now,
    desk,
  });
  onTestFinished(async () => {
    const closed = app.close();
    app.server.closeAllConnections();
    await closed;
    await intakeStore.close();
    await store.close();
  });

  const gateway = {
    url,
    address,
    files,
    rows,
    change,
    lock,
    store,
    clock,
    logged,
    /** An intake worker that starts on the same store and keys. */
    async anotherIntake() {
      const mine = await openIntake(address, { newEpoch: randomUUID, missing: 'refuse' });
      onTestFinished(() => mine.close());
      const found = new Openers(keys, { standard: [], national: [] });
      await found.refresh();
      const own = intake({ store: mine, districts: found.of, now: clock.now });
      return {
        drain: () => own.drain(new AbortController().signal),
        lookForKeys: async () => {
          await found.refresh();
          await mine.lookAgainFor(found.ids);
        },
      };
    },
    renewCertificate,
    keys,
    signing,
    /** As the worker does once a minute. */
    async lookForKeys() {
      await openers.refresh();
      await intakeStore.lookAgainFor(openers.ids);
    },
    close: () => app.close(),
    drain: () => worker.drain(new AbortController().signal),
    async newCode(region = '120103'): Promise<string> {
      const code = enrolCode(randomBytes(16));
      await store.addEnrolCodes([enrolCodeHash(code)], region, new Date(clock.now().getTime() + CODE_LIFE_MS));
      return code;
    },
    async newTerminal(region = '120103', suite: Suite = 'standard'): Promise<Client> {
      return enrolled(url, await gateway.newCode(region), suite);
    },
  };
  return gateway;
}

export async function enrolled(url: string, code: string, suite: Suite = 'standard'): Promise<Client> {
  const key = terminalKey(suite);
  const answer = await enrol(url, code, key.publicKey, suite);
  return new Client(url, Identity.parse(answer.body), key);
}

/** Every byte of every file below a folder. */
export function bytesBelow(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return Buffer.concat(files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)));
}

/** Tells whether some bytes hold others. */
export function finder(bytes: Buffer): (needle: string | Uint8Array) => boolean {
  return (needle) => bytes.indexOf(needle) >= 0;
}

// -- The real executable ----------------------------------------------------------------------------------------------

const CLI = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(...args: string[]): Promise<Ran> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [CLI, ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran;
    return { code, stdout, stderr };
  }
}

export interface GatewayProcess {
  readonly url: string;
  readonly admin: string | null;
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  log(): string;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `gateway/cli.ts serve` and waits for its line on stdout. */
export async function spawnGateway(store: string, ...more: string[]): Promise<GatewayProcess> {
  const args = [CLI, 'serve', '--store', store, '--listen', '127.0.0.1:0', ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exited = once(child, 'exit').then(() => {
    throw new Error(`the gateway ended: ${log}`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  exited.catch(() => undefined);
  const { url, admin } = JSON.parse(String(line)) as Pick<GatewayProcess, 'url' | 'admin'>;
  return {
    url,
    admin,
    process: child,
    log: () => log,
    async end(signal) {
      const gone = once(child, 'close');
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}
