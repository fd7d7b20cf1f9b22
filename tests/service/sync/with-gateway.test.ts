import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import type { Suite } from '#contract/suite.ts';
import { enrolCode, enrolCodeHash } from '#gateway/identity/codes.ts';
import { serve } from '#gateway/serve.ts';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { readIdentity } from '#main/service/identity/identity.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { silentLog } from '#main/service/log/log.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { caseEntry, openBook } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';

interface District {
  readonly url: string;
  readonly storePath: string;
  readonly desk: ReturnType<typeof openSqliteStore>;
}

async function newDistrict(): Promise<District> {
  const storePath = join(mkdtempSync(join(tmpdir(), 'yc-gateway-')), 'gateway.sqlite');
  const gateway = await serve({
    store: { kind: 'sqlite', uri: `sqlite:${storePath}`, path: storePath },
    keys: `${storePath}.keys`,
    host: '127.0.0.1',
    port: 0,
  });
  onTestFinished(() => gateway.stop());
  const desk = openSqliteStore(storePath, { newEpoch: () => '', missing: 'refuse' });
  onTestFinished(() => desk.close());
  return { url: gateway.url, storePath, desk };
}

/** A terminal that enrols, writes a case and has it acknowledged. */
async function sync({ url, desk }: District, suite: Suite) {
  const code = enrolCode(randomBytes(16));
  await desk.addEnrolCodes([enrolCodeHash(code)], '120103', new Date(Date.now() + 60_000));
  const data = openData();
  const { etc } = data.folders;
  expect(await enrolByCode({ etc, url, code, suite })).toMatchObject({ ok: true, value: { region: '120103', suite } });
  const identity = readIdentity(etc, suite);
  if (!identity.ok) throw new Error(identity.error.code);

  const clock = systemClock();
  const { terminalId: terminal, districtKeyId: id, districtKey } = identity.value;
  const district = { suite, id, publicKey: fromBase64Url(districtKey) };
  const book = await openBook(data, { clock, terminal, district });
  book.write(caseEntry());
  const engine = new SyncEngine({
    identity: identity.value,
    gateway: { url, idleSeconds: 0.2 },
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
  return { terminal, file: book.file };
}

it.each(['standard', 'national'] as const)(
  'enrols with the %s suite and brings a case over that the intake opens',
  async (suite) => {
    const district = await newDistrict();
    await sync(district, suite);
    const { desk, storePath } = district;
    while ((await desk.counts()).cases === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await desk.counts()).toMatchObject({ entries: 2, cases: 1, quarantined: 0 });

    const db = new Database(storePath, { readonly: true });
    onTestFinished(() => void db.close());
    const beat = () => db.prepare('SELECT beat FROM heartbeats').pluck().get() as string | undefined;
    while (beat() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(beat() ?? '')).toMatchObject({ quarantined: 0, sync: expect.any(String) });
  },
);

it('takes terminals of both suites in at one gateway, each in its own', async () => {
  const district = await newDistrict();
  const { desk } = district;
  const terminals = [await sync(district, 'national'), await sync(district, 'standard')];
  while ((await desk.counts()).cases < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await desk.counts()).toMatchObject({ terminals: 2, entries: 4, cases: 2, quarantined: 0 });
  const suites = await Promise.all(terminals.map(async ({ terminal }) => (await desk.terminal(terminal))?.suite));
  expect(suites).toEqual(['national', 'standard']);
  const verified = terminals.map(({ file }) => verifyJournal(file));
  expect(verified).toMatchObject([
    { ok: true, value: { suite: 'national', unsynced: 0 } },
    { ok: true, value: { suite: 'standard', unsynced: 0 } },
  ]);
});
