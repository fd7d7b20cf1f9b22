import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Suite } from '#contract/suite.ts';
import type { AuditEventName } from '#main/service/audit-events.ts';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { GatewayTrust } from '#main/service/identity/gateway-trust.ts';
import { readIdentity } from '#main/service/identity/identity.ts';
import { type Log, silentLog } from '#main/service/log/log.ts';
import { Materials } from '#main/service/materials/materials.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { Audit } from '#main/service/store/audit.ts';
import { Downlink } from '#main/service/sync/downlink.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { KeyChange } from '#main/service/sync/key-change.ts';
import { KeyNews } from '#main/service/sync/key-news.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { Uplink } from '#main/service/sync/uplink.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { openBook } from '../journal/fixture.ts';
import { type Data, openData } from '../store/fixture.ts';

/** A terminal that has enrolled at a real gateway: its journal, and its way there, which is not started. */
export async function enrolledAt(url: string, code: string, suite: Suite, tlsPins?: string[]) {
  const data = openData();
  const enrolled = await enrolByCode({ etc: data.folders.etc, url, tlsPins, code, suite });
  expect(enrolled).toMatchObject({ ok: true, value: { region: '120103', suite } });
  return startedAt(url, data, suite, tlsPins);
}

/** The same as after a start of the service on what it keeps. */
export async function startedAt(url: string, data: Data, suite: Suite, tlsPins?: string[]) {
  const { etc } = data.folders;
  const identity = readIdentity(etc, suite);
  if (!identity.ok) throw new Error(identity.error.code);
  const clock = systemClock();
  const { terminalId: terminal, districtKeyId: id, districtKey } = identity.value;
  const book = await openBook(data, {
    clock,
    terminal,
    district: { suite, id, publicKey: fromBase64Url(districtKey) },
  });
  const packages = join(data.folders.data, 'packages');
  const catalogue = 'c'.repeat(64);
  const serverTime = storedServerTime(data.store);
  const { keys } = identity.value;
  const audit = new Audit<AuditEventName>(data.store, clock);
  const keyChange = new KeyChange({ etc, keys, store: data.store, audit, serverTime, clock, log: silentLog() });
  const materials = new Materials({
    store: data.store,
    folder: join(data.folders.data, 'materials'),
    terminal,
    suite,
    random: systemRandom(clock),
    log: silentLog(),
  });
  /** Another start of the service. */
  const newEngine = (
    o: { readonly log?: Log; readonly bytesPerSecond?: number; readonly alertsKept?: () => void } = {},
  ) => {
    const { log = silentLog(), bytesPerSecond, alertsKept = () => undefined } = o;
    const idleSeconds = 0.2;
    const { suite: own, gatewayKey } = identity.value;
    const trust = new GatewayTrust({
      etc,
      suite: own,
      gatewayKey,
      store: data.store,
      now: () => serverTime.now(clock),
    });
    const { journal } = book;
    const news = { etc, identity: identity.value, trust, journal, store: data.store, audit, clock, log };
    const engine = new SyncEngine({
      identity: identity.value,
      trust,
      keyNews: new KeyNews(news),
      keyChange,
      gateway: { url, tlsPins, idleSeconds, bytesPerSecond },
      outbox: book.outbox,
      serverTime,
      clock,
      timers: systemTimers(),
      random: systemRandom(clock),
      log,
      software: 'yichuang 0.1.0',
      health: () => ({ catalogue, devices: {}, diskFreeBytes: 1 }),
      up: new Uplink({ store: data.store, materials, epoch: () => book.outbox.epoch, clock, idleSeconds, log }),
      down: new Downlink({
        store: data.store,
        journal: book.journal,
        audit,
        packages,
        alertsKept,
        catalogue,
        clock,
        serverTime,
        idleSeconds,
        log,
      }),
    });
    onTestFinished(() => engine.stop());
    return engine;
  };
  return { terminal, data, book, engine: newEngine(), newEngine, packages, materials, keys, keyChange };
}
