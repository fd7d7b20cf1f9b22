/** What comes down from a real gateway: updates that are done once, packages that arrive whole whatever happens on the way. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Update, UpdateOutcome } from '#contract/updates.ts';
import { limits } from '#contract/wire.ts';
import { logTo } from '#main/service/log/log.ts';
import { startGateway } from '../../gateway/stand.ts';
import { sqliteStore } from '../../gateway/stores.ts';
import { alertUpdate } from '../alerts/fixture.ts';
import { helpEntry } from '../journal/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

async function stand() {
  const gateway = await startGateway(sqliteStore);
  const at = await enrolledAt(gateway.url, await gateway.newCode(), 'standard');
  const publish = async (about: object, lifeMs = 600_000): Promise<Update> => {
    const expiresAt = new Date(Date.now() + lifeMs).toISOString();
    const update = { id: randomUUID(), expiresAt, ...about } as Update;
    await gateway.store.publish(update, { region: '120103', terminal: null }, new Date());
    return update;
  };
  const addPackage = async (bytes: Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const catalogue = { version: sha256, region: '120103', sequence: 1, date: '2026-03-02' };
    await gateway.store.addCatalogue(catalogue, bytes, new Date());
    return { kind: 'catalogue', sha256, bytes: bytes.length };
  };
  const told = async (id: string): Promise<UpdateOutcome | null> => {
    const all = await gateway.store.published();
    const one = all.find(({ content }) => content.includes(id));
    return (['done', 'expired', 'failed'] as const).find((outcome) => one?.[outcome] === 1) ?? null;
  };
  const events: Record<string, unknown>[] = [];
  const log = logTo({ write: (line) => void events.push(JSON.parse(line) as Record<string, unknown>) });
  return { gateway, ...at, publish, addPackage, told, log, events };
}

const big = randomBytes(limits.partBytes * 3 + 5);

it('fetches a package in parts, checks it, and tells the district', async () => {
  const { engine, packages, publish, addPackage, told } = await stand();
  const wanted = await addPackage(big);
  const { id } = await publish(wanted);
  engine.start();
  await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
  expect(readdirSync(packages)).toEqual([wanted.sha256]);
  expect(readFileSync(join(packages, wanted.sha256)).equals(big)).toBe(true);
  expect(statSync(join(packages, wanted.sha256)).mode & 0o777).toBe(0o600);
});

it('goes on after a stop in the middle, without asking for what it has', async () => {
  const { gateway, packages, publish, addPackage, told, newEngine } = await stand();
  const wanted = await addPackage(big);
  const part = join(packages, `${wanted.sha256}.part`);
  const { id } = await publish(wanted);
  const packagePart = gateway.store.packagePart.bind(gateway.store);
  const first = newEngine();
  const stopped = Promise.withResolvers<void>();
  const asked = vi.spyOn(gateway.store, 'packagePart').mockImplementation((...given) => {
    if (asked.mock.calls.length === 2) void first.stop().then(stopped.resolve);
    return packagePart(...given);
  });
  first.start();
  await stopped.promise;
  const here = statSync(part).size;
  expect(here).toBeGreaterThan(0);
  expect(here).toBeLessThan(big.length);
  asked.mockClear();
  newEngine().start();
  await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
  expect(asked.mock.calls[0]?.[2]).toBe(here);
  expect(readFileSync(join(packages, wanted.sha256)).equals(big)).toBe(true);
});

it.each([
  ['altered', (bytes: Buffer) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1, 1000)])],
  ['longer than the package', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
])('throws away what is here of a package when it is %s, says so, and fetches it anew', async (_how, spoil) => {
  const { packages, publish, addPackage, told, newEngine, log, events } = await stand();
  const wanted = await addPackage(big);
  const { id } = await publish(wanted);
  mkdirSync(packages);
  writeFileSync(join(packages, `${wanted.sha256}.part`), spoil(big));
  newEngine({ log }).start();
  await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
  expect(events).toContainEqual(expect.objectContaining({ event: 'sync.package-wrong', sha256: wanted.sha256 }));
  expect(readFileSync(join(packages, wanted.sha256)).equals(big)).toBe(true);
});

it('leaves the reserve of the disk alone, goes on sending, and fetches when there is room', async () => {
  const { data, book, packages, publish, addPackage, told, newEngine, log, events } = await stand();
  const wanted = await addPackage(big);
  const { id } = await publish(wanted);
  const room = vi.spyOn(data.store, 'hasRoom').mockImplementation((bytes = 0) => bytes === 0);
  const engine = newEngine({ log });
  engine.start();
  await vi.waitUntil(() => events.some(({ event }) => event === 'sync.package-no-room'), { timeout: 30_000 });
  book.write(helpEntry());
  engine.poke();
  await vi.waitUntil(() => engine.status.unsynced === 0, { timeout: 30_000 });
  expect(existsSync(packages)).toBe(false);
  room.mockRestore();
  await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
});

it('a package that the district has not for it waits, and others of the feed are done', async () => {
  const { book, engine, publish, addPackage, told } = await stand();
  const missing = await publish({ kind: 'catalogue', sha256: 'f'.repeat(64), bytes: 5 });
  const behind = await publish(await addPackage(big));
  const retry = await publish({ kind: 'retry-entry', incarnation: 1, seq: 999 });
  book.write(helpEntry());
  engine.start();
  await vi.waitUntil(async () => (await told(retry.id)) === 'failed', { timeout: 30_000 });
  await vi.waitUntil(() => engine.status.unsynced === 0, { timeout: 30_000 });
  await vi.waitUntil(async () => (await told(behind.id)) === 'done', { timeout: 30_000 });
  expect(await told(missing.id)).toBeNull();
  expect(engine.network).toBe('online');
});

it('lets a quarantined entry wait again, once, however often it is told', async () => {
  const { gateway, data, book, engine, publish, told } = await stand();
  book.write(helpEntry());
  const quarantined = () => {
    data.store.db.exec("UPDATE entry SET answer = 'quarantined', answer_code = 'body' WHERE seq = 1");
  };
  engine.start();
  await vi.waitUntil(() => engine.status.unsynced === 0, { timeout: 30_000 });
  quarantined();
  const { id } = await publish({ kind: 'retry-entry', incarnation: 1, seq: 1 });
  await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
  await vi.waitUntil(() => engine.status.unsynced === 0, { timeout: 30_000 });
  expect(data.store.db.prepare('SELECT answer FROM entry WHERE seq = 1').pluck().get()).toBe('duplicate');
  const audits = () =>
    data.store.db.prepare("SELECT count(*) FROM audit WHERE event = 'journal.retried'").pluck().get();
  expect(audits()).toBe(1);
  // A district that was restored tells everything again.
  quarantined();
  await gateway.store.renewEpoch(randomUUID());
  const { id: later } = await publish({ kind: 'retry-entry', incarnation: 1, seq: 999 });
  engine.sendNow();
  await vi.waitUntil(async () => (await told(later)) === 'failed', { timeout: 30_000 });
  expect(audits()).toBe(1);
});

it('what expired before it could be done is told as expired, and an unknown kind is kept and let be', async () => {
  const { data, publish, told, newEngine, packages } = await stand();
  const wanted = { kind: 'catalogue', sha256: 'e'.repeat(64), bytes: 5 };
  mkdirSync(packages);
  writeFileSync(join(packages, `${wanted.sha256}.part`), 'abc');
  const short = await publish(wanted, 4_000);
  const strange = await publish({ kind: 'sing', song: 'x' });
  newEngine().start();
  await vi.waitUntil(async () => (await told(short.id)) === 'expired', { timeout: 30_000 });
  expect(readdirSync(packages)).toEqual([]);
  expect(await told(strange.id)).toBeNull();
  const kept = data.store.db.prepare('SELECT content FROM district_update WHERE id = ?').pluck().get(strange.id);
  expect(JSON.parse(String(kept))).toEqual(strange);
});

it('removes packages that no update speaks of any more, and keeps the one in use and what is none', async () => {
  const { data, publish, addPackage, told, newEngine, packages, log, events } = await stand();
  const inUse = 'c'.repeat(64);
  mkdirSync(packages);
  for (const name of [inUse, `${'d'.repeat(64)}.part`, 'e'.repeat(64), 'note.txt'])
    writeFileSync(join(packages, name), 'abc');
  const [short, long] = [await addPackage(big), await addPackage(randomBytes(100))];
  const [first, second] = [await publish(short), await publish(long)];
  newEngine({ log }).start();
  for (const { id } of [first, second]) {
    await vi.waitUntil(async () => (await told(id)) === 'done', { timeout: 30_000 });
  }
  expect(existsSync(join(packages, short.sha256))).toBe(true);
  const past = data.store.db.prepare(
    "UPDATE district_update SET content = json_set(content, '$.expiresAt', '2026-03-02T00:00:00Z') WHERE id = ?",
  );
  past.run(first.id);
  const left = [inUse, long.sha256, 'note.txt'].sort();
  await vi.waitFor(() => expect(readdirSync(packages).sort()).toEqual(left), { timeout: 30_000 });
  const removed = events.filter(({ event }) => event === 'sync.package-removed').map(({ sha256 }) => sha256);
  expect(new Set(removed)).toEqual(new Set(['d'.repeat(64), 'e'.repeat(64), short.sha256]));
  // One that is published anew is fetched anew.
  const again = await publish(short);
  await vi.waitUntil(async () => (await told(again.id)) === 'done', { timeout: 30_000 });
  expect(readFileSync(join(packages, short.sha256)).equals(big)).toBe(true);
});

it('keeps an alert and the end of one, says so at once, and tells the district', async () => {
  const { publish, told, newEngine } = await stand();
  const { expiresAt: _, id: __, ...about } = alertUpdate(new Date());
  const alert = await publish(about);
  const alertsKept = vi.fn<() => void>();
  newEngine({ alertsKept }).start();
  await vi.waitUntil(async () => (await told(alert.id)) === 'done', { timeout: 30_000 });
  expect(alertsKept).toHaveBeenCalledTimes(1);
  const end = await publish({ kind: 'alert-withdrawn', alert: alert.id });
  await vi.waitUntil(async () => (await told(end.id)) === 'done', { timeout: 30_000 });
  expect(alertsKept).toHaveBeenCalledTimes(2);
});
