import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Compaction, type CompactionOptions } from '#main/service/journal/compaction.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { logTo, silentLog } from '#main/service/log/log.ts';
import { migrate } from '#main/service/store/migrate.ts';
import { migrations } from '#main/service/store/migrations.ts';
import { StoreWriteError } from '#main/service/store/store.ts';
import { newFolders, openStore } from '../store/fixture.ts';
import { type Book, caseEntry, helpEntry, openBook } from './fixture.ts';

const DAY_MS = 86_400_000;
const LOOK_MS = 600_000;
const upTo = (seq: number) => Array.from({ length: seq }, (_, i) => i + 1);

/** A journal with so many entries behind the day key, a case first, all of them acknowledged now. */
async function acknowledged(entries: number): Promise<Book> {
  const book = await openBook();
  if (entries > 0) book.write(caseEntry());
  book.store.transaction(() => {
    for (let i = 1; i < entries; i += 1) book.journal.append(helpEntry());
  });
  book.outbox.answer(upTo(entries + 1).map((seq) => ({ incarnation: 1, seq, result: 'stored' })));
  return book;
}

function compaction(book: Book, changes: Partial<CompactionOptions> = {}) {
  const events: Record<string, unknown>[] = [];
  const made = new Compaction({
    store: book.store,
    timers: book.time,
    log: logTo({ write: (line) => void events.push(JSON.parse(line) as Record<string, unknown>) }),
    horizonDays: 35,
    districtTime: () => book.time.wall(),
    isIdle: () => true,
    ...changes,
  });
  made.start();
  onTestFinished(() => made.stop());
  return { events, stop: () => made.stop() };
}

function compacted(book: Book): number[] {
  return book.store.db
    .prepare("SELECT seq FROM entry WHERE compacted_at IS NOT NULL AND body = x'' ORDER BY n")
    .pluck()
    .all() as number[];
}

describe('compaction', () => {
  it('lets bodies and wrapped keys go when the horizon has passed, and not a day before; the chain still verifies', async () => {
    const book = await acknowledged(3);
    const { events } = compaction(book);
    book.time.advance(34 * DAY_MS);
    expect(compacted(book)).toEqual([]);
    book.time.advance(DAY_MS + LOOK_MS);
    expect(compacted(book)).toEqual([1, 2, 3, 4]);
    expect(book.store.db.prepare('SELECT count(*) FROM entry_key').pluck().get()).toBe(0);
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { entries: 4, compacted: 4, unsynced: 0 } });
    expect(events).toEqual([expect.objectContaining({ event: 'journal.compacted', entries: 4 })]);
    // What is written after it is chained to what is left.
    book.write(helpEntry());
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { entries: 5, compacted: 4, unsynced: 1 } });
  });

  it('leaves nothing of the bodies in the file', async () => {
    const book = await acknowledged(1);
    compaction(book);
    const inFiles = () =>
      [book.file, `${book.file}-wal`]
        .filter((file) => existsSync(file))
        .some((file) => readFileSync(file).includes('120103-000101-260302-0001-X'));
    expect(inFiles()).toBe(true);
    book.time.advance(36 * DAY_MS);
    book.store.db.pragma('wal_checkpoint(TRUNCATE)');
    expect(inFiles()).toBe(false);
  });

  it('never touches what waits, what is held and what is in quarantine', async () => {
    const book = await openBook();
    for (let i = 0; i < 3; i += 1) book.write(caseEntry());
    book.write(helpEntry());
    book.outbox.answer([
      { incarnation: 1, seq: 1, result: 'stored' },
      { incarnation: 1, seq: 5, result: 'duplicate' },
      { incarnation: 1, seq: 2, result: 'quarantined', code: 'version' },
    ]);
    compaction(book);
    book.time.advance(400 * DAY_MS);
    expect(compacted(book)).toEqual([5]);
    expect(book.store.db.prepare('SELECT count(*) FROM entry_key').pluck().get()).toBe(3);
    expect(book.outbox.next(200, 1e6)?.seqs).toEqual(new Set([3, 4]));
  });

  it("keeps a day's key for as long as anything is whole that it opens: the district may ask for both", async () => {
    const book = await openBook();
    book.write(caseEntry());
    book.outbox.answer([{ incarnation: 1, seq: 1, result: 'stored' }]);
    compaction(book);
    book.time.advance(20 * DAY_MS);
    book.outbox.answer([{ incarnation: 1, seq: 2, result: 'stored' }]);
    book.time.advance(20 * DAY_MS);
    expect(compacted(book)).toEqual([]);
    book.time.advance(20 * DAY_MS);
    expect(compacted(book)).toEqual([1, 2]);
  });

  it('lets the older copy of a carried entry go together with the newer one', async () => {
    const book = await openBook();
    book.write(caseEntry());
    await book.outbox.beginIncarnation(2);
    book.outbox.answer(upTo(2).map((seq) => ({ incarnation: 2, seq, result: 'stored' })));
    compaction(book);
    book.time.advance(36 * DAY_MS);
    expect(compacted(book)).toEqual([1, 2, 1, 2]);
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { compacted: 4 } });
  });

  it.each([
    ["while the district's time is not known, however late it seems", { districtTime: () => null }],
    ['while somebody is served', { isIdle: () => false }],
  ])('does nothing %s', async (_what, changes) => {
    const book = await acknowledged(2);
    compaction(book, changes);
    book.time.advance(400 * DAY_MS);
    expect(compacted(book)).toEqual([]);
  });

  it.each([365, -365])('goes by the time of the district while the clock is %i days wrong', async (days) => {
    const book = await acknowledged(2);
    book.time.wallErrorMs = days * DAY_MS;
    compaction(book, { districtTime: () => new Date(book.time.wall().getTime() - days * DAY_MS) });
    book.time.advance(30 * DAY_MS);
    expect(compacted(book)).toEqual([]);
    book.time.advance(6 * DAY_MS);
    expect(compacted(book).length).toBe(3);
  });

  it('goes in small steps and stops between two of them for whoever touches the screen', async () => {
    const book = await acknowledged(400);
    let idle = true;
    const largest = vi.spyOn(book.store, 'transaction');
    compaction(book, { isIdle: () => idle });
    book.time.advance(35 * DAY_MS + LOOK_MS - 1);
    largest.mockClear();
    while (compacted(book).length === 0) book.time.step();
    expect(largest).toHaveBeenCalledTimes(1);
    expect(compacted(book).length).toBeLessThanOrEqual(100);
    idle = false;
    const before = compacted(book).length;
    book.time.advance(LOOK_MS);
    expect(compacted(book).length).toBe(before);
    idle = true;
    book.time.advance(2 * LOOK_MS);
    expect(compacted(book).length).toBe(401);
  });

  it('waits for room on a full disk, and half of nothing is done', async () => {
    const book = await acknowledged(2);
    const { events } = compaction(book);
    const full = vi.spyOn(book.store, 'transaction').mockImplementation(() => {
      throw new StoreWriteError('disk-full', 'no room');
    });
    book.time.advance(36 * DAY_MS);
    expect(compacted(book)).toEqual([]);
    expect(events).toContainEqual(expect.objectContaining({ event: 'journal.not-compacted', code: 'disk-full' }));
    full.mockRestore();
    book.time.advance(LOOK_MS);
    expect(compacted(book).length).toBe(3);
  });

  it('takes no other failure for a full disk', async () => {
    const book = await acknowledged(2);
    compaction(book);
    vi.spyOn(book.store, 'transaction').mockImplementation(() => {
      throw new Error('of another kind');
    });
    expect(() => book.time.advance(36 * DAY_MS)).toThrow('of another kind');
  });

  it('may end before it began', async () => {
    const book = await acknowledged(0);
    const { store, time: timers } = book;
    const never = { store, timers, log: silentLog(), horizonDays: 35, districtTime: () => null, isIdle: () => true };
    expect(() => new Compaction(never).stop()).not.toThrow();
  });

  it('ends with the terminal', async () => {
    const book = await acknowledged(1);
    const { stop } = compaction(book);
    stop();
    book.time.advance(36 * DAY_MS);
    expect(compacted(book)).toEqual([]);
  });
});

describe('verifying a compacted journal', () => {
  async function compactedBook(): Promise<Book> {
    const book = await acknowledged(3);
    compaction(book);
    book.time.advance(36 * DAY_MS);
    return book;
  }

  it.each([
    ['a body put back in', "UPDATE entry SET body = CAST('{}' AS BLOB) WHERE seq = 2", 'body-altered'],
    ['a hash', `UPDATE entry SET body_hash = '${'0'.repeat(64)}' WHERE seq = 2`, 'entry-altered'],
    ['a body that was emptied while the entry waits', "UPDATE entry SET body = x'', answer = NULL", 'body-altered'],
    ['a body that was emptied in quarantine', "UPDATE entry SET answer = 'quarantined' WHERE seq = 2", 'body-altered'],
    ['the mark that was wiped', 'UPDATE entry SET compacted_at = NULL WHERE seq = 2', 'body-altered'],
  ])('finds %s', async (_what, sql, why) => {
    const book = await compactedBook();
    book.store.db.exec('DROP TRIGGER compacted_entry_stays');
    book.store.db.exec(sql);
    expect(verifyJournal(book.file)).toMatchObject({ ok: false, error: { code: 'journal-broken', why } });
  });

  it('holds for a store that no release has opened which compacts', () => {
    const { data } = newFolders();
    const file = `${data}/terminal.sqlite`;
    const db = new Database(file);
    migrate(db, { file, existed: false, at: new Date(0), steps: migrations.slice(0, 1) });
    db.close();
    expect(verifyJournal(file)).toMatchObject({ ok: true, value: { entries: 0, compacted: 0 } });
  });
});

describe('the release before', () => {
  it('opens the store that this one has compacted, and can never make a compacted entry wait again', async () => {
    const book = await acknowledged(2);
    compaction(book);
    book.time.advance(36 * DAY_MS);
    book.write(helpEntry());
    book.outbox.answer([{ incarnation: 1, seq: 4, result: 'stored' }]);
    const { db } = book.store;
    expect(
      migrate(db, { file: book.file, existed: true, at: new Date(0), steps: migrations.slice(0, 1), release: 1 }),
    ).toEqual({
      ok: true,
    });
    // The words of release 1.
    const rewound = db
      .prepare(
        `UPDATE entry SET answer = NULL, answer_code = NULL, answered_at = NULL
         WHERE incarnation = ? AND seq > ? AND seq <= ? AND answer IN ('stored', 'duplicate', 'quarantined')`,
      )
      .run(1, 0, 2_000);
    expect(rewound.changes).toBe(1);
    expect(book.outbox.next(200, 1e6)?.seqs).toEqual(new Set([4]));
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { compacted: 3 } });
  });

  it('left stores that this one brings up to date', () => {
    const { data } = newFolders();
    const file = `${data}/terminal.sqlite`;
    const db = new Database(file);
    migrate(db, { file, existed: false, at: new Date(0), steps: migrations.slice(0, 1) });
    db.exec(`INSERT INTO entry (incarnation, seq, id, kind, catalogue, body, body_hash, prev_hash, hash, wall, monotonic_ms, boot)
      VALUES (1, 1, 'e', 'help', '', x'00', '', '', '', '', 0, '')`);
    db.close();
    const opened = openStore(file);
    expect(opened.ok && opened.value.db.prepare('SELECT body, compacted_at FROM entry').get()).toEqual({
      body: Buffer.from([0]),
      compacted_at: null,
    });
  });
});
