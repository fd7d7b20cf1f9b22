import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { enrolCode, enrolCodeHash } from '#gateway/identity/codes.ts';
import { serve } from '#gateway/serve.ts';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { readIdentity } from '#main/service/identity/identity.ts';
import { silentLog } from '#main/service/log/log.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { caseEntry, openBook } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';

it('enrols at the gateway and brings a case over that the intake opens', async () => {
  const storePath = join(mkdtempSync(join(tmpdir(), 'yc-gateway-')), 'gateway.sqlite');
  const gateway = await serve({ storePath, host: '127.0.0.1', port: 0, districtKeyFile: undefined });
  onTestFinished(() => gateway.stop());
  const desk = openSqliteStore(storePath, { newEpoch: () => '', missing: 'refuse' });
  onTestFinished(() => desk.close());
  const code = enrolCode(randomBytes(16));
  await desk.addEnrolCodes([enrolCodeHash(code)], '120103', new Date(Date.now() + 60_000));

  const data = openData();
  const { etc } = data.folders;
  expect(await enrolByCode({ etc, url: gateway.url, code })).toMatchObject({ ok: true, value: { region: '120103' } });
  const identity = readIdentity(etc);
  if (!identity.ok) throw new Error(identity.error.code);

  const clock = systemClock();
  const book = await openBook(data, {
    clock,
    terminal: identity.value.terminalId,
    district: { id: identity.value.districtKeyId, publicKey: fromBase64Url(identity.value.districtKey) },
  });
  book.write(caseEntry());
  const engine = new SyncEngine({
    identity: identity.value,
    gateway: { url: gateway.url, idleSeconds: 0.2 },
    outbox: book.outbox,
    serverTime: storedServerTime(data.store),
    clock,
    timers: systemTimers(),
    random: systemRandom(clock),
    log: silentLog(),
    software: 'yichuang 0.1.0',
    health: () => ({ catalogue: 'c'.repeat(64), devices: {}, diskFreeBytes: 1 }),
  });
  onTestFinished(() => engine.stop());
  const heard = new Promise<void>((resolve) => engine.onAcknowledged(() => resolve()));
  engine.start();
  await heard;
  expect(engine.status).toMatchObject({ network: 'online', unsynced: 0, quarantined: 0 });
  while ((await desk.counts()).cases === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await desk.counts()).toMatchObject({ entries: 2, cases: 1, quarantined: 0 });

  const db = new Database(storePath, { readonly: true });
  onTestFinished(() => void db.close());
  const beat = () => db.prepare('SELECT beat FROM heartbeats').pluck().get() as string | undefined;
  while (beat() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(JSON.parse(beat() ?? '')).toMatchObject({ quarantined: 0, sync: expect.any(String) });
});
