import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { Suite } from '#contract/suite.ts';
import { enrolCode, enrolCodeHash } from '#gateway/identity/codes.ts';
import { serve } from '#gateway/serve.ts';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { caseEntry } from '../journal/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

it.each(Suite.options)(
  'goes on with a gateway whose backup is older than the horizon, in the %s suite',
  async (suite) => {
    const folder = mkdtempSync(join(tmpdir(), 'yc-gateway-'));
    const storePath = join(folder, 'gateway.sqlite');
    const backup = join(folder, 'backup.sqlite');
    const openStore = () => openSqliteStore(storePath, { newEpoch: randomUUID, missing: 'refuse' });
    const serveAt = (port: number) =>
      serve({
        store: { kind: 'sqlite', uri: `sqlite:${storePath}`, path: storePath },
        keys: join(folder, 'keys'),
        host: '127.0.0.1',
        port,
      });
    let gateway = await serveAt(0);
    onTestFinished(() => gateway.stop());
    const { url } = gateway;
    const code = enrolCode(randomBytes(16));
    const desk = openStore();
    await desk.addEnrolCodes([enrolCodeHash(code)], '120103', new Date(Date.now() + 60_000));
    await desk.close();

    const { data, book, engine } = await enrolledAt(url, code, suite);
    engine.start();
    const until = (what: () => boolean) => expect.poll(what, { timeout: 60_000 }).toBe(true);
    await until(() => engine.status.unsynced === 0);
    new Database(storePath).exec(`VACUUM INTO '${backup}'`).close();
    for (let i = 0; i < 3; i += 1) book.write(caseEntry());
    await until(() => engine.status.unsynced === 0);
    // The last of the three is younger than the horizon.
    data.store.db.exec("UPDATE entry SET body = x'', compacted_at = 'then' WHERE seq <= 3");

    await gateway.stop();
    for (const file of [storePath, `${storePath}-wal`, `${storePath}-shm`]) rmSync(file, { force: true });
    new Database(backup).exec(`VACUUM INTO '${storePath}'`).close();
    const restored = openStore();
    await restored.renewEpoch(randomUUID());
    await restored.close();
    gateway = await serveAt(Number(new URL(url).port));
    book.write(caseEntry());
    await until(() => engine.status.lost.length > 0 && engine.status.unsynced === 0);
    expect(engine.status).toMatchObject({ lost: [{ incarnation: 1, from: 2, to: 3 }], quarantined: 0 });

    // Two of four cases are lost; the day key and the rest are taken in.
    const counted = openStore();
    onTestFinished(() => counted.close());
    await expect.poll(async () => (await counted.counts()).cases, { timeout: 60_000 }).toBe(2);
    expect(await counted.counts()).toMatchObject({ quarantined: 0 });
  },
);
