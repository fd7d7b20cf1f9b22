/** Materials on the terminal: sealed before they reach the disk, named by what was written, gone when nobody can use them. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { materialLimits } from '#contract/materials.ts';
import type { Suite } from '#contract/suite.ts';
import { NotSealed, openMaterial } from '#gateway/intake/materials.ts';
import { Compaction } from '#main/service/journal/compaction.ts';
import { silentLog } from '#main/service/log/log.ts';
import { type MaterialDraft, Materials } from '#main/service/materials/materials.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { caseEntry, openBook, TERMINAL } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';

const PICTURE = randomBytes(40_000);

async function* inPieces(content: Uint8Array, bytes = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

function stand(suite: Suite = 'standard') {
  const data = openData();
  const folder = join(data.folders.data, 'materials');
  const random = systemRandom(data.time);
  const open = () => new Materials({ store: data.store, folder, terminal: TERMINAL, suite, random, log: silentLog() });
  const names = () => (existsSync(folder) ? readdirSync(folder) : []);
  return { data, folder, open, names, materials: open() };
}

/** Writes a case with what was scanned for it. */
function accept(book: Awaited<ReturnType<typeof openBook>>, draft: MaterialDraft) {
  const entry = caseEntry();
  book.store.transaction(() => {
    draft.keep(entry.open.case);
    const open = { ...entry.open, materials: [...draft.materials] };
    book.journal.append({ ...entry, open, caseKey: draft.caseKey });
  });
  draft.close();
  return entry.open.case;
}

async function opened(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

it.each(
  (['standard', 'national'] as const).flatMap((suite) =>
    [1, 16_383, 16_384, 16_385, 32_768, 40_000].map((bytes) => [suite, bytes] as const),
  ),
)('seals a material of the %s suite, and the district opens it: %i bytes', async (suite, bytes) => {
  const { materials, folder, names } = stand(suite);
  const draft = materials.begin();
  const plain = PICTURE.subarray(0, bytes);
  const added = await draft.add('image/png', inPieces(plain, 7_001));
  if (!added.ok) throw new Error(added.error.code);
  const { hash } = added.value;
  const file = join(folder, hash);
  const sealed = readFileSync(file);
  expect(names()).toEqual([hash]);
  expect(
    createHash(suite === 'national' ? 'sm3' : 'sha256')
      .update(sealed)
      .digest('hex'),
  ).toBe(hash);
  expect(added.value).toEqual({ hash, bytes: 7 + bytes + 16 * Math.ceil(bytes / 16_384), mediaType: 'image/png' });
  expect(sealed).toHaveLength(added.value.bytes);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  if (bytes > 64) expect(sealed.includes(plain.subarray(0, 64))).toBe(false);
  const seal = { suite, terminal: TERMINAL, caseKey: draft.caseKey, mediaType: 'image/png' as const };
  expect((await opened(openMaterial(seal, inPieces(sealed, 5_003)))).equals(plain)).toBe(true);
});

it('opens nothing that was cut, put in another order, or sealed for another body', async () => {
  const { materials, folder } = stand();
  const draft = materials.begin();
  const added = await draft.add('image/png', inPieces(PICTURE));
  if (!added.ok) throw new Error(added.error.code);
  const sealed = readFileSync(join(folder, added.value.hash));
  const seal = { suite: 'standard', terminal: TERMINAL, caseKey: draft.caseKey, mediaType: 'image/png' } as const;
  const chunk = 16_384 + 16;
  const swapped = Buffer.concat([
    sealed.subarray(0, 7),
    sealed.subarray(7 + chunk, 7 + 2 * chunk),
    sealed.subarray(7, 7 + chunk),
    sealed.subarray(7 + 2 * chunk),
  ]);
  const other = { id: draft.caseKey.id, key: randomBytes(32) };
  for (const [by, bytes] of [
    [seal, sealed.subarray(0, 7 + chunk)],
    [seal, sealed.subarray(0, -1)],
    [seal, sealed.subarray(0, 7)],
    [seal, sealed.subarray(0, 3)],
    [seal, Buffer.concat([sealed, Buffer.of(0)])],
    [seal, swapped],
    [{ ...seal, mediaType: 'image/jpeg' as const }, sealed],
    [{ ...seal, caseKey: { ...draft.caseKey, id: 'another' } }, sealed],
    [{ ...seal, caseKey: other }, sealed],
    [{ ...seal, terminal: 'another' }, sealed],
  ] as const) {
    await expect(opened(openMaterial(by, inPieces(bytes)))).rejects.toThrow(NotSealed);
  }
});

it('leaves nothing of a material that is empty, too large, too many or cut off, and says why', async () => {
  const { materials, names } = stand();
  const draft = materials.begin();
  expect(await draft.add('image/png', inPieces(new Uint8Array()))).toMatchObject({ error: { code: 'empty' } });
  const huge = new Uint8Array(materialLimits.bytes);
  expect(await draft.add('image/png', inPieces(huge, 1_000_000))).toMatchObject({ error: { code: 'too-large' } });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield PICTURE;
    throw new Error('the scanner went');
  }
  await expect(draft.add('image/png', cut())).rejects.toThrow('the scanner went');
  expect(names()).toEqual([]);
  for (let i = 0; i < materialLimits.perCase; i += 1) {
    expect((await draft.add('image/png', inPieces(randomBytes(10)))).ok).toBe(true);
  }
  const more = await draft.add('image/png', inPieces(PICTURE));
  expect(more).toMatchObject({ error: { code: 'too-many', remedy: expect.stringContaining('scan') } });
  expect(names()).toHaveLength(materialLimits.perCase);
});

it('refuses in words before the reserve of the disk is touched', async () => {
  const { data, materials, names } = stand();
  const draft = materials.begin();
  let room = 20_000;
  const asked = vi.spyOn(data.store, 'hasRoom').mockImplementation((bytes = 0) => {
    room -= bytes;
    return room > 0;
  });
  expect(await draft.add('image/png', inPieces(PICTURE))).toMatchObject({
    error: { code: 'disk-full', remedy: expect.stringContaining('room') },
  });
  expect(names()).toEqual([]);
  asked.mockRestore();
  expect((await draft.add('image/png', inPieces(PICTURE))).ok).toBe(true);
});

it('says so when the disk itself refuses', async () => {
  const { folder, materials, names, open } = stand();
  const draft = materials.begin();
  writeFileSync(folder, '');
  // A terminal serves all the same.
  open().removeOrphans();
  await expect(draft.add('image/png', inPieces(PICTURE))).resolves.toMatchObject({ error: { code: 'store-failed' } });
  rmSync(folder);
  expect((await draft.add('image/png', inPieces(PICTURE))).ok).toBe(true);
  expect(names()).toHaveLength(1);
});

it('removes at the start what no accepted case names, also what was being written', async () => {
  const { data, folder, open, names, materials } = stand();
  const book = await openBook(data);
  const kept = materials.begin();
  await kept.add('image/png', inPieces(PICTURE));
  const [named] = kept.materials;
  accept(book, kept);
  await materials.begin().add('image/png', inPieces(PICTURE));
  writeFileSync(join(folder, 'torn.new'), 'abc');
  expect(names()).toHaveLength(3);
  open().removeOrphans();
  expect(names()).toEqual([named?.hash]);
});

it('a transaction that fails leaves the draft as it was: it may be handed in again', async () => {
  const { data, materials, folder } = stand();
  const book = await openBook(data);
  const draft = materials.begin();
  await draft.add('image/png', inPieces(PICTURE));
  const [material] = draft.materials;
  const key = Buffer.from(draft.caseKey.key);
  const entry = caseEntry();
  const write = () => {
    draft.keep(entry.open.case);
    const open = { ...entry.open, materials: [...draft.materials] };
    book.journal.append({ ...entry, open, caseKey: draft.caseKey });
  };
  expect(() =>
    data.store.transaction(() => {
      write();
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(materials.rows.counts()).toEqual({ waiting: 0, damaged: 0 });
  expect(key.equals(draft.caseKey.key)).toBe(true);
  data.store.transaction(write);
  expect(materials.rows.counts()).toEqual({ waiting: 1, damaged: 0 });
  draft.close();
  expect(draft.caseKey.key.every((byte) => byte === 0)).toBe(true);
  const body = data.store.db.prepare("SELECT body FROM entry WHERE kind = 'case'").pluck().get() as Buffer;
  const told = JSON.parse(body.toString('utf8')) as { open: object; sealed: { caseKey: string } };
  expect(told.open).toMatchObject({ materials: [material] });
  expect(told.sealed.caseKey).toBe(draft.caseKey.id);
  const sealed = readFileSync(join(folder, material?.hash ?? ''));
  const seal = { suite: 'standard', terminal: TERMINAL, mediaType: 'image/png' } as const;
  const plain = openMaterial({ ...seal, caseKey: { id: draft.caseKey.id, key } }, inPieces(sealed));
  expect((await opened(plain)).equals(PICTURE)).toBe(true);
});

it('who goes without handing in leaves nothing', async () => {
  const { materials, names } = stand();
  const draft = materials.begin();
  await draft.add('application/pdf', inPieces(PICTURE));
  draft.discard();
  expect(names()).toEqual([]);
  expect(draft.caseKey.key.every((byte) => byte === 0)).toBe(true);
});

it('a case is whole as long as its materials, which go with its wrapped key', async () => {
  const { data, materials, names } = stand();
  const book = await openBook(data);
  const draft = materials.begin();
  await draft.add('image/png', inPieces(PICTURE));
  const [material] = draft.materials;
  const caseId = accept(book, draft);
  const { time, store } = data;
  const answered = store.db.prepare("UPDATE entry SET answer = 'stored', answered_at = ? WHERE seq <= 2");
  answered.run(time.wall().toISOString());
  const compaction = new Compaction({
    store,
    timers: time,
    log: silentLog(),
    horizonDays: 35,
    districtTime: () => time.wall(),
    isIdle: () => true,
  });
  compaction.start();
  const day = 86_400_000;
  const isWhole = () =>
    store.db.prepare('SELECT compacted_at IS NULL FROM entry WHERE case_id = ?').pluck().get(caseId) === 1;
  const later = (days: number) => {
    // Timers of a day are more than a test needs.
    (time as unknown as { wallErrorMs: number }).wallErrorMs += days * day;
    time.advance(11 * 60_000);
    materials.sweep();
  };
  later(40);
  expect(isWhole()).toBe(true);
  expect(names()).toEqual([material?.hash]);
  materials.rows.delivered(material?.hash ?? '', time.wall());
  later(34);
  expect(isWhole()).toBe(true);
  expect(names()).toEqual([material?.hash]);
  later(2);
  expect(isWhole()).toBe(false);
  expect(names()).toEqual([]);
  expect(store.db.prepare('SELECT count(*) FROM material').pluck().get()).toBe(0);
  compaction.stop();
});

it('erasing a case erases its materials', async () => {
  const { data, materials, names } = stand();
  const book = await openBook(data);
  const [erased, other] = [materials.begin(), materials.begin()];
  for (const draft of [erased, other]) await draft.add('image/png', inPieces(PICTURE));
  const [left] = other.materials;
  accept(book, erased);
  accept(book, other);
  data.store.db.prepare('DELETE FROM entry_key WHERE case_key = ?').run(erased.caseKey.id);
  materials.sweep();
  expect(names()).toEqual([left?.hash]);
  expect(materials.rows.counts()).toEqual({ waiting: 1, damaged: 0 });
});
