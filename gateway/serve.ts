import { randomInt, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { err, ok, type Result } from '#contract/result.ts';
import { ANCHOR_HOUR, GAP_MS, startWatch } from './audit/watch.ts';
import { ADMISSION, Admission } from './http/admission.ts';
import { gatewayApp } from './http/app.ts';
import type { TlsFiles } from './http/server.ts';
import { checkShared, districtKeys, gatewayKeys } from './identity/keys.ts';
import type { DistrictKeyFiles } from './intake/messages.ts';
import { superviseIntake } from './intake/supervisor.ts';
import type { StoreAddress } from './store/address.ts';
import { openStore } from './store/open.ts';

export interface ServeOptions {
  readonly store: StoreAddress;
  /** The folder of the gateway's keys. */
  readonly keys: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without it plain HTTP, on loopback only. */
  readonly tls?: TlsFiles | undefined;
  readonly districtKeyFiles?: DistrictKeyFiles;
  /** Of the district's time, 0 to 23: when the day's anchors are taken. */
  readonly anchorHour?: number;
  /** Milliseconds that a gap may last before it is an alert. */
  readonly gapMs?: number;
}

export interface RunningGateway {
  readonly url: string;
  /** Serves the certificate that is in its file now; one that can't be used is logged, and the old one stays. */
  readonly renewCertificate: () => void;
  /** Answers what is in hand, ends the intake worker and closes the store. */
  stop(): Promise<void>;
}

/** For whom there is no room: longer than a full house takes, spread over enough that they don't fill it again at once. */
const RETRY_AFTER_S = { least: 2, most: 10 };

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Reads `HOST:PORT`. */
export function listenAddress(given: string): Result<{ host: string; port: number }, string> {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:]+)):(\d{1,5})$/i.exec(given);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) return err('write HOST:PORT, for instance 127.0.0.1:8350');
  return ok({ host, port });
}

/** Runs the gateway and its intake worker. @throws Error in words when address, certificate, store or a key is refused. */
export async function serve({
  store: address,
  keys,
  host,
  port,
  tls,
  districtKeyFiles,
  anchorHour = ANCHOR_HOUR,
  gapMs = GAP_MS,
}: ServeOptions): Promise<RunningGateway> {
  if (!tls && !LOOPBACK.has(host)) {
    throw new Error(`plain HTTP is for loopback only; for ${host} give --tls-cert and --tls-key`);
  }
  const log = pino({ name: 'gateway' }, pino.destination({ dest: 2, sync: true }));
  const store = await openStore(address, { newEpoch: randomUUID, missing: 'create' });
  const started = await superviseIntake({
    store: address,
    keys,
    keyFiles: districtKeyFiles ?? { standard: undefined, national: undefined },
    onExit: (pauseMs) => log.error({ pauseMs }, 'the intake worker ended; it is started again'),
  });
  if (!started.ok) {
    await store.close();
    throw new Error(started.error);
  }
  const worker = started.value;
  try {
    const districts = districtKeys(keys);
    if (!districts) throw new Error('the intake worker published no district keys');
    const signing = gatewayKeys(keys);
    await checkShared(store, 'gateway', signing);
    const { app, listen, renewCertificate } = gatewayApp({
      tls,
      store,
      keys: signing,
      districts,
      log,
      now: () => new Date(),
      newId: randomUUID,
      admission: new Admission(ADMISSION),
      retryAfterS: () => randomInt(RETRY_AFTER_S.least, RETRY_AFTER_S.most + 1),
      onBatch: () => worker.wake(),
      intakeState: () => worker.state(),
    });
    const url = await listen({ host, port });
    const stopWatch = startWatch({ store, keys: signing, log, now: () => new Date(), anchorHour, gapMs });
    const stop = async () => {
      await app.close();
      await stopWatch();
      await worker.stop();
      await store.close();
    };
    return {
      url,
      renewCertificate() {
        try {
          renewCertificate();
          log.info('the certificate was read again');
        } catch (error) {
          log.error({ why: error instanceof Error ? error.message : 'unknown' }, 'the certificate stays the old one');
        }
      },
      stop,
    };
  } catch (error) {
    await worker.stop();
    await store.close();
    throw error;
  }
}
