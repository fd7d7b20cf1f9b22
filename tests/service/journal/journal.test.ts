import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { EntryBody, GENESIS_HASH, KeyOpen, WireEntry } from '#contract/wire.ts';
import { dayKeyOpener, openSealedPart, unwrapCaseKey } from '#gateway/intake/unseal.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { Journal } from '#main/service/journal/journal.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { StoreWriteError } from '#main/service/store/errors.ts';
import { openData } from '../store/fixture.ts';
import { type Book, caseEntry, districtPair, helpEntry, journalOptions, openBook, TERMINAL } from './fixture.ts';

function wire(book: Book): WireEntry[] {
  const { ndjson } = book.outbox.next(200, 512 * 1024) ?? { ndjson: '' };
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => WireEntry.parse(JSON.parse(line)));
}

function body(entry: WireEntry | undefined): EntryBody {
  return EntryBody.parse(JSON.parse(entry?.body ?? ''));
}

describe('the journal', () => {
  it('begins with the day key and chains every entry to the one before', async () => {
    const book = await openBook();
    book.write(caseEntry());
    book.write(helpEntry());
    const entries = wire(book);
    expect(entries.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'key'],
      [2, 'case'],
      [3, 'help'],
    ]);
    expect(entries.map(({ prevHash }) => prevHash)).toEqual([GENESIS_HASH, entries[0]?.hash, entries[1]?.hash]);
    expect(verifyJournal(book.file)).toMatchObject({
      ok: true,
      value: { terminal: TERMINAL, entries: 3, head: { incarnation: 1, seq: 3, hash: entries[2]?.hash }, unsynced: 3 },
    });
  });

  it("passes the gateway's own check, entry by entry", async () => {
    const book = await openBook();
    book.write(caseEntry());
    for (const entry of wire(book)) {
      expect(checkEntry(entry, { id: TERMINAL, suite: 'standard' })?.fault).toBeNull();
    }
  });

  it('seals the personal part so that only the district opens it', async () => {
    const book = await openBook();
    const given = caseEntry();
    book.write(given);
    const [keyEntry, entry] = wire(book);
    const opener = await dayKeyOpener('standard', districtPair.privateKey);
    const dayKey = await opener.open(TERMINAL, KeyOpen.parse(body(keyEntry).open));
    const [wrapped] = entry?.keys ?? [];
    if (!dayKey || !wrapped || !entry) throw new Error('no key travelled');
    const caseKey = unwrapCaseKey({ suite: 'standard', terminal: TERMINAL }, wrapped, dayKey);
    const part = body(entry).sealed;
    if (!caseKey || !part) throw new Error('no sealed part');
    expect(openSealedPart({ suite: 'standard', ...entry }, part, caseKey)).toEqual({ ok: true, value: given.sealed });
    expect(body(entry).open).toEqual(given.open);
  });

  it('leaves no personal word on the disk', async () => {
    const book = await openBook();
    book.write(caseEntry());
    const disk = Buffer.concat([readFileSync(book.file), readFileSync(`${book.file}-wal`)]);
    expect(disk.indexOf('residence')).toBeGreaterThan(0);
    for (const word of ['王秀英', '120103195002280004', '13800001234']) expect(disk.indexOf(word)).toBe(-1);
  });

  it('is written inside a transaction only, and rolls back with it', async () => {
    const book = await openBook();
    expect(() => book.journal.append(helpEntry())).toThrow(/transaction/);
    expect(() =>
      book.store.transaction(() => {
        book.journal.append(caseEntry());
        throw new Error('power');
      }),
    ).toThrow('power');
    book.write(helpEntry());
    expect(wire(book).map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'key'],
      [2, 'help'],
    ]);
    expect(verifyJournal(book.file).ok).toBe(true);
    expect(book.store.db.prepare('SELECT count(*) FROM entry_key').pluck().get()).toBe(0);
  });

  it('refuses what is not of the contract without repeating it', async () => {
    const book = await openBook();
    const wrong = { ...caseEntry(), open: { ...caseEntry().open, name: '王秀英' } };
    expect(() => book.write(wrong)).toThrow(/kind case/);
    expect(() => book.write(wrong)).not.toThrow(/王秀英/);
  });

  it('refuses a body that could never travel', async () => {
    const book = await openBook();
    const strokes = [Array.from({ length: 60_000 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 8) % 100_000)];
    const large = caseEntry();
    const entry = { ...large, sealed: { ...large.sealed, signature: { height: 400, strokes } } };
    expect(() => book.write(entry)).toThrow(expect.objectContaining({ name: 'EntryTooLarge' }) as Error);
    expect(wire(book).length).toBe(1);
  });

  it('goes on in the same chain after a restart, with a new day key', async () => {
    const data = openData();
    const before = await openBook(data);
    before.write(helpEntry());
    before.journal.close();
    const after = await openBook(data);
    expect(wire(after).map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'key'],
      [2, 'help'],
      [3, 'key'],
    ]);
    expect(() => before.write(helpEntry())).toThrow(/closed/);
  });

  it('is not opened by another terminal', async () => {
    const data = openData();
    await openBook(data);
    const other = await Journal.open(journalOptions(data, { terminal: '01890000-0000-7000-8000-0000000000bb' }));
    expect(other).toMatchObject({ ok: false, error: { code: 'foreign-journal' } });
  });

  it("remembers what is known of the district's clock", async () => {
    const book = await openBook(openData(), { serverTime: { offsetMs: -5_000 } });
    expect(wire(book)[0]?.at).toEqual({
      wall: '2026-03-02T09:00:00.000+08:00',
      monotonicMs: 0,
      boot: book.time.boot,
      serverOffsetMs: -5_000,
    });
  });
});

describe('day keys', () => {
  const dayKeyOf = (entry: WireEntry | undefined) => entry?.keys[0]?.dayKey;

  it('turn at the first case of a new day, before it in the journal', async () => {
    const book = await openBook();
    book.write(caseEntry());
    book.time.advance(15 * 3_600_000 + 1);
    book.write(caseEntry());
    const [first, , second, last] = wire(book);
    const entries = wire(book);
    expect(entries.map(({ kind }) => kind)).toEqual(['key', 'case', 'key', 'case']);
    expect(dayKeyOf(entries[1])).toBe(first?.id);
    expect(dayKeyOf(last)).toBe(second?.id);
  });

  it('are journaled again when the transaction that carried them failed: no body rests on a key that is nowhere', async () => {
    const book = await openBook();
    book.time.advance(15 * 3_600_000 + 1);
    expect(() =>
      book.store.transaction(() => {
        book.journal.append(caseEntry());
        throw new Error('power');
      }),
    ).toThrow('power');
    book.write(caseEntry());
    const entries = wire(book);
    expect(entries.map(({ kind }) => kind)).toEqual(['key', 'key', 'case']);
    expect(dayKeyOf(entries[2])).toBe(entries[1]?.id);
  });

  it("are sealed to the district's next key from the next day on, the spare one too", async () => {
    const book = await openBook();
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    const raw = String(publicKey.export({ format: 'jwk' }).x);
    book.journal.sealTo({ suite: 'standard', id: 'district-2', publicKey: fromBase64Url(raw) });
    book.write(caseEntry());
    await book.journal.settled();
    book.time.advance(15 * 3_600_000 + 1);
    book.write(caseEntry());
    const keys = wire(book).filter(({ kind }) => kind === 'key');
    const opened = keys.map((entry) => KeyOpen.parse(body(entry).open));
    expect(opened.map(({ districtKeyId }) => districtKeyId)).toEqual(['district-1', 'district-2']);
    const [, next] = opened;
    if (!next) throw new Error('no second key');
    expect(await (await dayKeyOpener('standard', privateKey)).open(TERMINAL, next)).not.toBeNull();
  });

  it('are forgotten at midnight even when nobody comes', async () => {
    const book = await openBook();
    const [delay = 0] = book.time.delays.toSorted((a, b) => b - a);
    expect(delay).toBe(15 * 3_600_000);
    book.time.advance(delay);
    expect(book.time.delays).toContain(86_400_000);
  });
});

describe('verifying', () => {
  const alter: readonly [string, string, string][] = [
    ['body-altered', 'a body', "UPDATE entry SET body = CAST('{}' AS BLOB) WHERE seq = 2"],
    ['entry-altered', 'a time', "UPDATE entry SET wall = '2020-01-01T00:00:00.000+08:00' WHERE seq = 2"],
    ['entry-altered', 'a kind', "UPDATE entry SET kind = 'print' WHERE seq = 2"],
    [
      'entry-altered',
      'a body and its hash',
      "UPDATE entry SET body = x'', body_hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' WHERE seq = 2",
    ],
    ['chain-broken', 'a link', `UPDATE entry SET prev_hash = '${GENESIS_HASH}' WHERE seq = 2`],
    ['gap', 'a missing entry', 'DELETE FROM entry WHERE seq = 2'],
  ];

  it.each(alter)('finds %s: %s', async (why, _what, sql) => {
    const book = await openBook();
    for (let i = 0; i < 3; i += 1) book.write(helpEntry());
    expect(verifyJournal(book.file).ok).toBe(true);
    book.store.db.exec(sql);
    expect(verifyJournal(book.file)).toMatchObject({
      ok: false,
      error: { code: 'journal-broken', incarnation: 1, why },
    });
  });

  it('still holds when a body was erased by its key', async () => {
    const book = await openBook();
    book.write(caseEntry());
    book.store.db.exec('DELETE FROM entry_key');
    expect(verifyJournal(book.file).ok).toBe(true);
  });

  it('says when there is nothing to verify', () => {
    expect(verifyJournal('/nowhere/terminal.sqlite')).toMatchObject({ ok: false, error: { code: 'no-journal' } });
  });
});

describe('the outbox', () => {
  const upTo = (seq: number) =>
    Array.from({ length: seq }, (_, i) => ({ incarnation: 1, seq: i + 1, result: 'stored' as const }));

  it('cuts batches at both limits, but never sends none', async () => {
    const book = await openBook();
    for (let i = 0; i < 9; i += 1) book.write(helpEntry());
    expect([...(book.outbox.next(4, 1e6)?.seqs ?? [])]).toEqual([1, 2, 3, 4]);
    expect(book.outbox.next(200, 2_000)?.ndjson.length).toBeLessThanOrEqual(2_000);
    expect(book.outbox.next(200, 1)?.seqs.size).toBe(1);
  });

  it('counts an entry as delivered only by an answer for itself', async () => {
    const book = await openBook();
    const { id: caseId } = { id: '01890000-0000-7000-8000-00000000abcd' };
    book.write(caseEntry(caseId));
    expect(book.outbox.answer([{ incarnation: 1, seq: 2, result: 'stored' }])).toMatchObject([
      { kind: 'case', caseId, result: 'stored' },
    ]);
    expect(book.outbox.answer([{ incarnation: 1, seq: 2, result: 'duplicate' }])).toEqual([]);
    expect(book.outbox.counts()).toMatchObject({ unsynced: 1, quarantined: 0 });
    expect([...(book.outbox.next(200, 1e6)?.seqs ?? [])]).toEqual([1]);
  });

  it('takes answers in any order, of any kind, once or twice, and none but for those that they name', async () => {
    const book = await openBook();
    for (let i = 0; i < 9; i += 1) book.write(helpEntry());
    const given = [
      [2, 'stored'],
      [3, 'stored'],
      [4, 'duplicate'],
      [6, 'stored'],
      [9, 'quarantined', 'body'],
      [10, 'quarantined', 'hash'],
      [8, 'stored'],
      [3, 'quarantined', 'body'],
    ] as const;
    const answers = given.map(([seq, result, code]) => ({ incarnation: 1, seq, result, ...(code ? { code } : {}) }));
    const heard = book.outbox.answer(answers).map(({ seq, result }) => [seq, result]);
    expect(heard).toEqual(given.slice(0, -1).map(([seq, result]) => [seq, result]));
    expect([...(book.outbox.next(200, 1e6)?.seqs ?? [])]).toEqual([1, 5, 7]);
    const rows = book.store.db.prepare('SELECT seq, answer, answer_code AS code FROM entry ORDER BY seq').raw().all();
    expect(rows).toEqual(
      Array.from({ length: 10 }, (_, i) => {
        const [seq, answer = null, code = null] = given.find(([of]) => of === i + 1) ?? [i + 1];
        return [seq, answer, code];
      }),
    );
  });

  it('keeps a quarantined entry in sight', async () => {
    const book = await openBook();
    book.outbox.answer([{ incarnation: 1, seq: 1, result: 'quarantined', code: 'body' }]);
    expect(book.outbox.counts()).toEqual({ unsynced: 0, oldest: null, quarantined: 1 });
  });

  it('sends again what the district has lost', async () => {
    const book = await openBook();
    for (let i = 0; i < 4; i += 1) book.write(helpEntry());
    book.outbox.answer(upTo(5));
    expect(await book.outbox.rewind(1, 2)).toBe(3);
    expect([...(book.outbox.next(200, 1e6)?.seqs ?? [])]).toEqual([3, 4, 5]);
  });

  it('lets others come in between when it is much', async () => {
    const book = await openBook();
    book.store.transaction(() => {
      for (let i = 0; i < 4_500; i += 1) book.journal.append(helpEntry());
    });
    book.outbox.answer(upTo(4_501));
    const rewound = book.outbox.rewind(1, 1);
    const waiting = book.outbox.counts().unsynced;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(4_500);
    book.write(helpEntry());
    expect(await rewound).toBe(4_500);
    expect(book.outbox.counts().unsynced).toBe(4_501);
  });

  it('carries what is unanswered into a new incarnation: same ids, same bytes, a chain of its own', async () => {
    const book = await openBook();
    for (let i = 0; i < 3; i += 1) book.write(caseEntry());
    book.outbox.answer(upTo(2));
    const before = wire(book);
    expect(await book.outbox.beginIncarnation(2)).toBe(2);
    expect(book.journal.incarnation).toBe(2);
    const after = wire(book);
    expect(after.map(({ incarnation, seq }) => [incarnation, seq])).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(after.map(({ id, body: bytes, at, keys }) => ({ id, bytes, at, keys }))).toEqual(
      before.map(({ id, body: bytes, at, keys }) => ({ id, bytes, at, keys })),
    );
    expect(after[0]?.prevHash).toBe(GENESIS_HASH);
    expect(book.write(helpEntry())).toMatchObject({ incarnation: 2, seq: 3 });
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { entries: 7, unsynced: 3 } });
  });

  const ids = (book: Book, incarnation: number) =>
    book.store.db.prepare('SELECT id FROM entry WHERE incarnation = ? ORDER BY seq').pluck().all(incarnation);

  async function longBook(): Promise<Book> {
    const book = await openBook();
    book.store.transaction(() => {
      for (let i = 0; i < 1_300; i += 1) book.journal.append(helpEntry());
    });
    return book;
  }

  it('serves residents while a long backlog is carried: what they write comes last, under numbers of the new incarnation', async () => {
    const book = await longBook();
    const carrying = book.outbox.beginIncarnation(2);
    expect(ids(book, 2)).toHaveLength(500);
    expect(book.journal.incarnation).toBe(2);
    expect(book.write(helpEntry())).toMatchObject({ incarnation: 1, seq: 1_302 });
    expect(await carrying).toBe(1_302);
    expect(ids(book, 2)).toEqual(ids(book, 1));
    expect(book.outbox.counts().unsynced).toBe(1_302);
    expect(book.outbox.beginning).toBeNull();
    expect(book.write(helpEntry())).toMatchObject({ incarnation: 2, seq: 1_303 });
    expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { entries: 2_605, unsynced: 1_303 } });
  });

  // After the mark, after one portion, after two, and in the middle of the last.
  it.each([0, 1, 2, 3])(
    'loses, doubles and reorders nothing when the carrying is cut short after %i writes',
    async (cut) => {
      const book = await longBook();
      const transaction = book.store.transaction.bind(book.store);
      let writes = -1;
      const spied = vi.spyOn(book.store, 'transaction').mockImplementation((work) => {
        writes += 1;
        if (writes > cut) throw new StoreWriteError('store-failed', 'the power is gone');
        return transaction(work);
      });
      await expect(book.outbox.beginIncarnation(2)).rejects.toThrow('the power is gone');
      spied.mockRestore();
      const carried = Math.min(cut, 2) * 500;
      expect(ids(book, 2)).toHaveLength(carried);
      expect(book.outbox.beginning).toBe(2);
      expect(book.journal.incarnation).toBe(2);
      expect(book.outbox.counts().unsynced).toBe(1_301);
      expect(book.write(helpEntry()).incarnation).toBe(1);
      expect(await book.outbox.beginIncarnation(2)).toBe(1_302 - carried);
      expect(ids(book, 2)).toEqual(ids(book, 1));
      expect(book.outbox.counts().unsynced).toBe(1_302);
      expect(verifyJournal(book.file)).toMatchObject({ ok: true });
    },
  );

  it('carries an entry with the hash that it was frozen with: what a disk altered since does not become sound', async () => {
    const book = await openBook();
    const { seq } = book.write(helpEntry());
    const [, frozen] = wire(book);
    book.store.db.prepare('UPDATE entry SET body = ? WHERE seq = ?').run(Buffer.from('{"v":1}'), seq);
    await book.outbox.beginIncarnation(2);
    const [, carried] = wire(book);
    expect(carried?.bodyHash).toBe(frozen?.bodyHash);
    expect(carried?.body).not.toBe(frozen?.body);
    expect(verifyJournal(book.file)).toMatchObject({ ok: false, error: { why: 'body-altered', seq } });
  });

  it('never mixes two incarnations in one batch', async () => {
    const book = await openBook();
    book.write(helpEntry());
    book.outbox.answer(upTo(2));
    await book.outbox.beginIncarnation(2);
    book.write(helpEntry());
    await book.outbox.rewind(1, 0);
    expect(book.outbox.next(200, 1e6)).toMatchObject({ incarnation: 1, seqs: new Set([1, 2]) });
  });
});

describe('the key of the sealing', () => {
  it('is wiped when the journal closes', async () => {
    const data = openData();
    const drawn: Uint8Array[] = [];
    const options = journalOptions(data);
    const random = {
      ...options.random,
      bytes: (n: number) => {
        const bytes = options.random.bytes(n);
        if (n === 32) drawn.push(bytes);
        return bytes;
      },
    };
    const book = await openBook(data, { random });
    book.write(caseEntry());
    book.journal.close();
    // Two day keys, each with the ephemeral key of its sealing, and the case key.
    expect(drawn.length).toBe(5);
    expect(drawn.every((key) => key.every((byte) => byte === 0))).toBe(true);
    expect(fromBase64Url('AAAA')).toEqual(new Uint8Array(3));
  });
});
