/** Materials go up to a real gateway, whole whatever happens on the way, and never hold up an entry. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Suite } from '#contract/suite.ts';
import { limits } from '#contract/wire.ts';
import { deskFolder } from '#gateway/intake/materials.ts';
import { logTo } from '#main/service/log/log.ts';
import { startGateway } from '../../gateway/stand.ts';
import { sqliteStore, testFolder } from '../../gateway/stores.ts';
import { caseEntry, helpEntry } from '../journal/fixture.ts';
import { enrolledAt } from './at-gateway.ts';

const PICTURE = randomBytes(limits.partBytes * 3 + 5);
const WAIT = { timeout: 30_000 };

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function stand(suite: Suite = 'standard') {
  const folder = testFolder();
  const drain = { run: () => Promise.resolve() as Promise<unknown> };
  const more = { desk: deskFolder(folder), onBatch: () => void drain.run() };
  const gateway = await startGateway(sqliteStore, more);
  let running = Promise.resolve<unknown>(null);
  onTestFinished(async () => void (await running));
  drain.run = () => (running = running.then(() => gateway.drain()));
  const at = await enrolledAt(gateway.url, await gateway.newCode(), suite);
  const { book, materials, data } = at;
  /** A case with one material. @returns its hash, and where the desk finds it */
  const accept = async (content: Uint8Array = PICTURE) => {
    const draft = materials.begin();
    const added = await draft.add('image/jpeg', once(content));
    if (!added.ok) throw new Error(added.error.code);
    const entry = caseEntry(randomUUID());
    data.store.transaction(() => {
      draft.keep(entry.open.case);
      const open = { ...entry.open, materials: [added.value] };
      book.journal.append({ ...entry, open, caseKey: draft.caseKey });
    });
    draft.close();
    const { hash } = added.value;
    return { hash, file: join(folder, at.terminal, entry.open.case, `${hash}.jpg`) };
  };
  const here = join(data.folders.data, 'materials');
  const events: Record<string, unknown>[] = [];
  const log = logTo({ write: (line) => void events.push(JSON.parse(line) as Record<string, unknown>) });
  const settled = () => running;
  return {
    ...at,
    gateway,
    accept,
    here,
    events,
    log,
    settled,
    cases: async () => (await gateway.store.counts()).cases,
  };
}

it.each(['standard', 'national'] as const)('brings the material of a case to the desk: %s', async (suite) => {
  const { engine, accept, cases } = await stand(suite);
  const content = suite === 'national' ? PICTURE.subarray(0, 70_000) : PICTURE;
  const { file } = await accept(content);
  engine.start();
  await vi.waitUntil(() => engine.status.materials.waiting === 0, WAIT);
  await vi.waitUntil(async () => (await cases()) === 1, WAIT);
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(engine.status).toMatchObject({ unsynced: 0, materials: { waiting: 0, damaged: 0 } });
});

it('goes on after a stop in the middle, without sending again what came', async () => {
  const { gateway, newEngine, accept, cases } = await stand();
  await accept();
  const add = gateway.store.addMaterialPart.bind(gateway.store);
  const first = newEngine();
  const stopped = Promise.withResolvers<void>();
  const sent = vi.spyOn(gateway.store, 'addMaterialPart').mockImplementation(async (...given) => {
    const taken = await add(...given);
    // The answer to the second part is lost.
    if (sent.mock.calls.length === 2) void first.stop().then(stopped.resolve);
    if (sent.mock.calls.length === 2) await stopped.promise;
    return taken;
  });
  first.start();
  await stopped.promise;
  expect(first.status.materials.waiting).toBe(1);
  sent.mockClear();
  sent.mockImplementation(add);
  const second = newEngine();
  second.start();
  await vi.waitUntil(() => second.status.materials.waiting === 0, WAIT);
  expect(sent.mock.calls[0]?.[2].from).toBe(2 * limits.partBytes);
  await vi.waitUntil(async () => (await cases()) === 1, WAIT);
});

it('entries go first, whatever is on its way', async () => {
  const { gateway, newEngine, accept, book } = await stand();
  await accept();
  const add = gateway.store.addMaterialPart.bind(gateway.store);
  const order: string[] = [];
  const append = gateway.store.append.bind(gateway.store);
  vi.spyOn(gateway.store, 'append').mockImplementation((...given) => {
    order.push('batch');
    return append(...given);
  });
  const engine = newEngine();
  vi.spyOn(gateway.store, 'addMaterialPart').mockImplementation((...given) => {
    order.push('part');
    if (order.filter((one) => one === 'part').length === 1) {
      book.write(helpEntry());
      engine.poke();
    }
    return add(...given);
  });
  engine.start();
  await vi.waitUntil(() => engine.status.materials.waiting === 0, WAIT);
  expect(order).toEqual(['batch', 'part', 'batch', 'part', 'part', 'part']);
});

it('a thin line carries small parts', async () => {
  const { gateway, newEngine, accept } = await stand();
  await accept(PICTURE.subarray(0, 30_000));
  const sent = vi.spyOn(gateway.store, 'addMaterialPart');
  const engine = newEngine({ bytesPerSecond: 2_000_000 / 1_000 });
  engine.start();
  await vi.waitUntil(() => sent.mock.calls.length > 0, WAIT);
  expect(sent.mock.calls[0]?.[2].content).toHaveLength(10_000);
});

it('a material that the district does not know of waits, and others go on', async () => {
  const { data, engine, accept, materials, cases } = await stand();
  const draft = materials.begin();
  await draft.add('image/png', once(PICTURE));
  // Nothing that travels names it.
  data.store.transaction(() => draft.keep(randomUUID()));
  await accept();
  engine.start();
  await vi.waitUntil(async () => (await cases()) === 1, WAIT);
  expect(engine.status.materials).toEqual({ waiting: 1, damaged: 0 });
  expect(engine.network).toBe('online');
});

it.each([
  ['altered', (file: string) => writeFileSync(file, Buffer.concat([Buffer.of(1), readFileSync(file).subarray(1)]))],
  ['cut', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 1000))],
  ['gone', (file: string) => rmSync(file)],
])('one whose file is %s is said to be damaged, and others go on', async (_how, spoil) => {
  const { newEngine, accept, here, log, events, cases } = await stand();
  const { hash } = await accept();
  const bytes = readFileSync(join(here, hash));
  // The first byte may be the one that is written.
  if (bytes[0] === 1) bytes[0] = 2;
  spoil(join(here, hash));
  await accept();
  const engine = newEngine({ log });
  engine.start();
  await vi.waitUntil(async () => (await cases()) === 1, WAIT);
  await vi.waitUntil(() => engine.status.materials.waiting === 0, WAIT);
  expect(engine.status.materials).toEqual({ waiting: 0, damaged: 1 });
  expect(events).toContainEqual(expect.objectContaining({ event: 'sync.material-damaged', hash }));
});

it('a district that has no room for today, or fails, is asked again, and takes entries meanwhile', async () => {
  const { gateway, newEngine, accept, book, events, log } = await stand();
  await accept();
  const taken = vi.spyOn(gateway.store, 'materialBytesSince').mockResolvedValue(Number.MAX_SAFE_INTEGER);
  const failing = vi.spyOn(gateway.store, 'material').mockRejectedValueOnce(new Error('failed'));
  const engine = newEngine({ log });
  engine.start();
  await vi.waitUntil(() => failing.mock.calls.length > 2 && taken.mock.calls.length > 0, WAIT);
  book.write(helpEntry());
  engine.poke();
  await vi.waitUntil(() => engine.status.unsynced === 0, WAIT);
  expect(engine.network).toBe('online');
  expect(engine.status.materials.waiting).toBe(1);
  expect(events.filter(({ event }) => event === 'sync.no-material-up')).toEqual([
    expect.objectContaining({ code: 'failed' }),
    expect.objectContaining({ code: 'busy' }),
  ]);
});

it('a district that was restored is sent again what it lacks', async () => {
  const { gateway, newEngine, accept, cases, settled } = await stand();
  const { hash } = await accept();
  const engine = newEngine();
  engine.start();
  await vi.waitUntil(async () => (await cases()) === 1, WAIT);
  await vi.waitUntil(() => engine.status.materials.waiting === 0, WAIT);
  await settled();
  await gateway.change('DELETE FROM material_parts; UPDATE materials SET here = 0, whole = 0');
  const owner = { region: '120103', id: engine.status.state.at === 'online' ? await terminalOf(gateway) : '' };
  expect(await gateway.store.material(owner, hash)).toMatchObject({ here: 0 });
  await gateway.store.renewEpoch(randomUUID());
  engine.sendNow();
  await vi.waitUntil(async () => (await gateway.store.material(owner, hash))?.isWhole === true, WAIT);
  await vi.waitUntil(() => engine.status.materials.waiting === 0, WAIT);
});

async function terminalOf(gateway: { rows(sql: string): Promise<Record<string, unknown>[]> }): Promise<string> {
  return String((await gateway.rows('SELECT id FROM terminals'))[0]?.['id']);
}
