import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type ShownEntry, type ShowQuery, showJournal } from '#main/service/journal/show.ts';
import { migrate } from '#main/service/store/migrate.ts';
import { migrations } from '#main/service/store/migrations.ts';
import { newFolders } from '../store/fixture.ts';
import { caseEntry, helpEntry, openBook } from './fixture.ts';

/** Every page of it. */
function shown(file: string, query: ShowQuery = {}): ShownEntry[] {
  const entries: ShownEntry[] = [];
  for (let from: number | null = null; ; ) {
    const page = showJournal(file, query, from);
    if (!page.ok) throw new Error(page.error.detail);
    entries.push(...page.value.entries);
    from = page.value.next;
    if (from === null) return entries;
  }
}

describe('showing the journal', () => {
  it('tells what is open, and of what is sealed that it is', async () => {
    const book = await openBook();
    const given = caseEntry();
    book.write(given);
    book.write(helpEntry());
    const [key, entry, help] = shown(book.file);
    expect(entry).toMatchObject({
      incarnation: 1,
      seq: 2,
      kind: 'case',
      answer: 'waiting',
      code: null,
      body: { is: 'whole', open: given.open, personal: 'sealed' },
    });
    expect(key).toMatchObject({ body: { is: 'whole', open: { districtKeyId: 'district-1' }, personal: 'none' } });
    expect(help).toMatchObject({ body: { is: 'whole', open: { why: 'called' }, personal: 'none' } });
    const text = JSON.stringify([key, entry, help]);
    for (const word of ['王秀英', '120103195002280004', '13800001234', '"enc"', '"data"', '"nonce"']) {
      expect(text).not.toContain(word);
    }
  });

  it('tells of a body whose key was destroyed that it is erased', async () => {
    const book = await openBook();
    book.write(caseEntry());
    book.store.db.exec('DELETE FROM entry_key');
    expect(shown(book.file)[1]).toMatchObject({ body: { is: 'whole', personal: 'erased' } });
  });

  it('tells of one that was compacted', async () => {
    const book = await openBook();
    book.outbox.answer([{ incarnation: 1, seq: 1, result: 'stored' }]);
    book.store.db.exec("UPDATE entry SET body = x'', compacted_at = 'then'");
    expect(shown(book.file)).toMatchObject([{ seq: 1, answer: 'stored', body: { is: 'compacted' } }]);
  });

  it.each([
    ['no JSON', '王秀英'],
    ['no body', '{"name":"王秀英"}'],
    [
      'a member that the contract does not know',
      '{"v":1,"open":{"ticket":"x","why":"called","name":"王秀英"},"sealed":null}',
    ],
  ])('repeats nothing of a body that is %s', async (_what, body) => {
    const book = await openBook();
    book.write(helpEntry());
    book.store.db.prepare("UPDATE entry SET body = CAST(? AS BLOB) WHERE kind = 'help'").run(body);
    const [, entry] = shown(book.file);
    expect(entry?.body).toEqual({ is: 'unreadable' });
    expect(JSON.stringify(entry)).not.toContain('王秀英');
  });

  it('repeats nothing of a kind that the contract does not know', async () => {
    const book = await openBook();
    book.store.db.exec("UPDATE entry SET kind = 'other'");
    expect(shown(book.file)[0]?.body).toEqual({ is: 'unreadable' });
  });

  it('finds what is asked for, in the order in which it was written', async () => {
    const book = await openBook();
    for (let i = 0; i < 3; i += 1) {
      book.write(caseEntry());
      book.write(helpEntry());
    }
    book.outbox.answer([
      { incarnation: 1, seq: 3, result: 'stored' },
      { incarnation: 1, seq: 5, result: 'quarantined', code: 'version' },
    ]);
    const seqs = (query: ShowQuery) => shown(book.file, query).map(({ seq }) => seq);
    expect(seqs({})).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seqs({ last: 3 })).toEqual([5, 6, 7]);
    expect(seqs({ last: 99 })).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seqs({ kind: 'case' })).toEqual([2, 4, 6]);
    expect(seqs({ kind: 'case', last: 2 })).toEqual([4, 6]);
    expect(seqs({ seq: 4 })).toEqual([4]);
    expect(seqs({ seq: 99, last: 1 })).toEqual([]);
    expect(shown(book.file, { quarantined: true })).toMatchObject([
      { seq: 5, answer: 'quarantined', code: 'version', answeredAt: expect.any(String) },
    ]);
  });

  it('comes in pages, and the next one holds what was written meanwhile', async () => {
    const book = await openBook();
    book.store.transaction(() => {
      for (let i = 0; i < 1_200; i += 1) book.journal.append(helpEntry());
    });
    const first = showJournal(book.file, {}, null);
    expect(first.ok && first.value.entries.length).toBe(500);
    book.write(helpEntry());
    expect(shown(book.file).map(({ seq }) => seq)).toEqual(Array.from({ length: 1_202 }, (_, i) => i + 1));
  });

  it('leaves no file beside the store, and does not keep its log from being written back', async () => {
    const book = await openBook();
    book.write(helpEntry());
    const before = readdirSync(book.folders.data);
    shown(book.file);
    expect(readdirSync(book.folders.data)).toEqual(before);
    expect(book.store.db.pragma('wal_checkpoint(TRUNCATE)')).toMatchObject([{ busy: 0 }]);
  });

  it('reads a store of the release before', () => {
    const file = join(newFolders().data, 'terminal.sqlite');
    const db = new Database(file);
    migrate(db, { file, existed: false, at: new Date(0), steps: migrations.slice(0, 1) });
    db.exec(`INSERT INTO entry (incarnation, seq, id, kind, catalogue, body, body_hash, prev_hash, hash, wall, monotonic_ms, boot)
      VALUES (1, 1, 'e', 'help', '', x'00', '', '', '', '', 0, '')`);
    db.close();
    expect(shown(file)).toMatchObject([{ seq: 1, body: { is: 'unreadable' } }]);
  });

  it.each(['', 'this is no database, but long enough to look like one to a careless reader'])(
    'says of a file with %j that it is no store',
    (content) => {
      const file = join(mkdtempSync(join(tmpdir(), 'yc-show-')), 'terminal.sqlite');
      writeFileSync(file, content);
      expect(showJournal(file, {}, null)).toMatchObject({ ok: false, error: { code: 'no-journal' } });
    },
  );

  it('says of a folder that it is no store', () => {
    expect(showJournal(tmpdir(), {}, null)).toMatchObject({ ok: false, error: { code: 'no-journal' } });
  });
});
