import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { retryEntry } from '#main/service/journal/retry.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { RELEASE } from '#main/service/store/migrations.ts';
import { helpEntry, openBook } from './fixture.ts';

const at = new Date('2026-03-02T01:00:00Z');

async function quarantined() {
  const book = await openBook();
  book.write(helpEntry());
  book.write(helpEntry());
  book.outbox.answer([
    { incarnation: 1, seq: 1, result: 'stored' },
    { incarnation: 1, seq: 2, result: 'quarantined', code: 'version' },
    { incarnation: 1, seq: 3, result: 'stored' },
  ]);
  return {
    book,
    retry: (seq: number, incarnation?: number) =>
      retryEntry({ file: book.file, seq, at, ...(incarnation === undefined ? {} : { incarnation }) }),
  };
}

it('lets a quarantined entry wait again beside the service that has the store open, with the same bytes, and audits it', async () => {
  const { book, retry } = await quarantined();
  const done = retry(2);
  expect(done).toMatchObject({ ok: true, value: { incarnation: 1, seq: 2 } });
  expect(book.outbox.next(200, 1e6)?.seqs).toEqual(new Set([2]));
  expect(book.outbox.counts()).toMatchObject({ unsynced: 1, quarantined: 0 });
  expect(verifyJournal(book.file).ok).toBe(true);
  expect(book.store.db.prepare('SELECT at, event, subject, detail FROM audit').all()).toEqual([
    {
      at: '2026-03-02T09:00:00.000+08:00',
      event: 'journal.retried',
      subject: done.ok ? done.value.id : '',
      detail: '{"incarnation":1,"seq":2}',
    },
  ]);
  // The service goes on writing.
  book.write(helpEntry());
});

it('lets one wait again that was delivered, since the district may have found later that it cannot use it', async () => {
  const { book, retry } = await quarantined();
  expect(retry(3)).toMatchObject({ ok: true, value: { incarnation: 1, seq: 3 } });
  expect(book.outbox.next(200, 1e6)?.seqs).toEqual(new Set([3]));
  book.outbox.answer([{ incarnation: 1, seq: 3, result: 'duplicate' }]);
  expect(book.outbox.counts()).toMatchObject({ unsynced: 0, quarantined: 1 });
  expect(verifyJournal(book.file).ok).toBe(true);
});

it('touches nothing that waits anyhow, was carried over or compacted, or is not there', async () => {
  const { book, retry } = await quarantined();
  book.write(helpEntry());
  book.store.db.exec("UPDATE entry SET body = x'', compacted_at = 'long ago' WHERE seq = 1");
  book.store.db.exec("UPDATE entry SET answer = 'carried' WHERE seq = 3");
  for (const seq of [1, 3, 4, 99]) expect(retry(seq)).toMatchObject({ error: { code: 'nothing-to-retry' } });
  expect(retry(2, 7)).toMatchObject({ ok: false, error: { code: 'nothing-to-retry' } });
  expect(book.outbox.counts()).toMatchObject({ unsynced: 1, quarantined: 1 });
  expect(book.store.db.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(0);
});

it('asks which one is meant where two incarnations have such an entry', async () => {
  const { book, retry } = await quarantined();
  await book.outbox.beginIncarnation(2);
  for (let i = 0; i < 2; i += 1) book.write(helpEntry());
  book.outbox.answer([{ incarnation: 2, seq: 2, result: 'quarantined', code: 'version' }]);
  expect(retry(2)).toMatchObject({
    ok: false,
    error: { code: 'ambiguous', detail: expect.stringContaining('1 and 2') },
  });
  expect(retry(2, 2)).toMatchObject({ ok: true, value: { incarnation: 2 } });
  expect(retry(2)).toMatchObject({ ok: true, value: { incarnation: 1 } });
});

it('is refused by a store of a newer release, and by what is no store', async () => {
  const { book, retry } = await quarantined();
  book.store.setMeta('least-release', String(RELEASE + 1));
  expect(retry(2)).toMatchObject({ ok: false, error: { code: 'store-newer' } });
  expect(book.outbox.counts().quarantined).toBe(1);
  expect(retryEntry({ file: '/nowhere/terminal.sqlite', seq: 1, at })).toMatchObject({ error: { code: 'no-journal' } });
  const file = join(mkdtempSync(join(tmpdir(), 'yc-retry-')), 'terminal.sqlite');
  new Database(file).exec('CREATE TABLE entry (n)').close();
  expect(retryEntry({ file, seq: 1, at })).toMatchObject({ error: { code: 'no-journal' } });
  writeFileSync(file, 'this is no database, but long enough to look like one to a careless reader');
  expect(retryEntry({ file, seq: 1, at })).toMatchObject({ error: { code: 'store-damaged' } });
});
