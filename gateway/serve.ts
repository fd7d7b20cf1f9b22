import { randomInt, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { err, ok, type Result } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import { ANCHOR_HOUR, GAP_MS, SILENT_MS, startWatch } from './audit/watch.ts';
import { ADMISSION, Admission } from './http/admission.ts';
import { type GatewayApp, gatewayApp } from './http/app.ts';
import { operationApp } from './http/operation.ts';
import type { TlsFiles } from './http/server.ts';
import { districtKeyAt } from './identity/district.ts';
import { checkShared, districtKeys, exchangeSuccessors, gatewayKeys, missLost } from './identity/keys.ts';
import type { Succession } from './identity/succession.ts';
import type { DistrictKeyFiles } from './intake/messages.ts';
import { type IntakeProcess, superviseIntake } from './intake/supervisor.ts';
import { type LogLevel, logOf } from './log.ts';
import { Metrics } from './metrics/metrics.ts';
import type { StoreAddress } from './store/address.ts';
import { openStore } from './store/open.ts';
import type { GatewayStore } from './store/store.ts';

export interface ServeOptions {
  readonly store: StoreAddress;
  /** The folder of the gateway's keys. */
  readonly keys: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where health and metrics are told, on loopback only. Without it the gateway tells its health on its own listener, unless that is open to the world. */
  readonly admin?: { readonly host: string; readonly port: number } | undefined;
  /** Milliseconds for what is in hand when it stops; {@link STOP_MS} unless it is given. */
  readonly stopMs?: number;
  /** Without it plain HTTP, on loopback only. */
  readonly tls?: TlsFiles | undefined;
  readonly districtKeyFiles?: DistrictKeyFiles;
  /** The desk's folder of opened materials; without it they stay sealed. */
  readonly deskMaterials?: string | undefined;
  /** Of the district's time, 0 to 23: when the day's anchors are taken. */
  readonly anchorHour?: number;
  /** `info` unless it is given; of the intake worker too. */
  readonly logLevel?: LogLevel;
  /** Milliseconds that a gap may last before it is an alert. */
  readonly gapMs?: number;
}

export interface RunningGateway {
  readonly url: string;
  /** Of the listener for health, if it has its own. */
  readonly admin: string | null;
  /** Serves the certificate that is in its file now; one that can't be used is logged, and the old one stays. */
  readonly renewCertificate: () => void;
  /** Is not ready any more, answers what is in hand, ends the intake worker and closes the store. */
  readonly stop: () => Promise<void>;
}

/** For whom there is no room: longer than a full house takes, spread over enough that they don't fill it again at once. */
const RETRY_AFTER_S = { least: 2, most: 10 };

/** The intake worker has 10 s of its own after that, and systemd gives a service 90. */
const STOP_MS = 20_000;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Reads `HOST:PORT`. */
export function listenAddress(given: string): Result<{ host: string; port: number }, string> {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:]+)):(\d{1,5})$/i.exec(given);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) return err('write HOST:PORT, for instance 127.0.0.1:8350');
  return ok({ host, port });
}

/** Runs the gateway and its intake worker. @throws Error in words when an address, certificate, store or a key is refused. */
export async function serve(options: ServeOptions): Promise<RunningGateway> {
  const { store: address, keys, host, tls, admin, districtKeyFiles, logLevel = 'info' } = options;
  if (!tls && !LOOPBACK.has(host)) {
    throw new Error(`plain HTTP is for loopback only; for ${host} give --tls-cert and --tls-key`);
  }
  if (admin && !LOOPBACK.has(admin.host)) throw new Error(`--admin is for loopback only, not for ${admin.host}`);
  const log = logOf('gateway', logLevel);
  const store = await openStore(address, { newEpoch: randomUUID, missing: 'create' });
  try {
    await missLost(store, 'gateway', keys);
  } catch (error) {
    await store.close();
    throw error;
  }
  const started = await superviseIntake({
    store: address,
    keys,
    logLevel,
    deskMaterials: options.deskMaterials,
    keyFiles: districtKeyFiles ?? { standard: [], national: [] },
    onExit: (pauseMs) => log.error({ pauseMs }, 'the intake worker ended; it is started again'),
  });
  if (!started.ok) {
    await store.close();
    throw new Error(started.error);
  }
  const worker = started.value;
  const metrics = new Metrics();
  try {
    return await listen(options, { store, worker, metrics, log });
  } catch (error) {
    metrics.stop();
    await worker.stop();
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly store: GatewayStore;
  readonly worker: IntakeProcess;
  readonly metrics: Metrics;
  readonly log: Logger;
}

async function listen(options: ServeOptions, { store, worker, metrics, log }: Parts): Promise<RunningGateway> {
  const { keys, host, port, tls, admin, stopMs = STOP_MS, anchorHour = ANCHOR_HOUR, gapMs = GAP_MS } = options;
  if (!districtKeys(keys)) throw new Error('the intake worker published no district keys');
  const signing = gatewayKeys(keys);
  await checkShared(store, 'gateway', signing);
  await exchangeSuccessors(store, signing);
  const [unable] = missingKeys(signing, new Date());
  if (unable !== undefined) throw new Error(`${unable}: bring it from a gateway that has it`);
  const admission = new Admission(ADMISSION);
  const now = () => new Date();
  const intakeState = () => worker.state();
  const operation = {
    intakeState,
    metrics: () => metrics.text({ admission, store, intakeState, now, silentMs: SILENT_MS }),
    notReady: () => notReady({ admission, worker, store, signing }),
  };
  const gateway = gatewayApp({
    health: admin || tls ? null : operation,
    tls,
    store,
    keys: signing,
    district: (suite, at) => districtKeyAt(keys, suite, at),
    log,
    metrics,
    now,
    newId: randomUUID,
    admission,
    retryAfterS: () => randomInt(RETRY_AFTER_S.least, RETRY_AFTER_S.most + 1),
    onBatch: () => worker.wake(),
  });
  const watched = admin && operationApp(operation);
  const adminUrl = (await watched?.listen(admin)) ?? null;
  const url = await gateway.listen({ host, port }).catch(async (error: unknown) => {
    await watched?.close();
    throw error;
  });
  const stopWatch = startWatch({ store, keys: signing, log, now, anchorHour, gapMs });
  return {
    url,
    admin: adminUrl,
    renewCertificate: () => renew(gateway, log),
    async stop() {
      log.info('stopping');
      await gateway.stop(stopMs);
      await watched?.close();
      await stopWatch();
      metrics.stop();
      await worker.stop();
      await store.close();
      log.info('stopped');
    },
  };
}

function renew(gateway: Pick<GatewayApp, 'renewCertificate'>, log: Logger): void {
  try {
    gateway.renewCertificate();
    log.info('the certificate was read again');
  } catch (error) {
    log.error({ why: error instanceof Error ? error.message : 'unknown' }, 'the certificate stays the old one');
  }
}

/** Files of keys that would have to sign now and are not here. */
function missingKeys(signing: Readonly<Record<Suite, Succession>>, at: Date): string[] {
  return Suite.options.flatMap((suite) => {
    const file = signing[suite].missingAt(at);
    return file === null ? [] : [`${file} is not here`];
  });
}

/** Migrations and keys are done before anything listens. */
async function notReady(o: {
  readonly admission: Admission;
  readonly worker: IntakeProcess;
  readonly store: Pick<GatewayStore, 'epoch'>;
  readonly signing: Readonly<Record<Suite, Succession>>;
}): Promise<string[]> {
  const intake = o.worker.state();
  const isAnswering = await o.store.epoch().then(
    () => true,
    () => false,
  );
  return [
    ...(o.admission.isClosing ? ['the gateway is stopping'] : []),
    ...(intake === 'running' ? [] : [`the intake worker is ${intake}`]),
    ...(isAnswering ? [] : ['the store does not answer']),
    ...missingKeys(o.signing, new Date()),
  ];
}
