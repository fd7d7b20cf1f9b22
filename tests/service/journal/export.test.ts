import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Suite } from '#contract/suite.ts';
import { WireEntry } from '#contract/wire.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { exportJournal } from '#main/service/journal/export.ts';
import { verifyExport } from '#main/service/journal/export-check.ts';
import { sm2Point } from '#main/service/suite/sm2.ts';
import { newKey } from '#main/service/suite/suite.ts';
import { openData } from '../store/fixture.ts';
import { type Book, caseEntry, helpEntry, openBook, TERMINAL } from './fixture.ts';

const sm2District = { suite: 'national', id: 'district-2', publicKey: sm2Point(newKey('national')) } as const;

function newFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'yc-export-')), 'journal.ndjson');
}

/** A journal of two incarnations, of which one entry was compacted, and its export. */
async function exported(suite: Suite = 'standard'): Promise<{ book: Book; file: string; lines: string[] }> {
  const book = await openBook(openData(), suite === 'national' ? { district: sm2District } : {});
  book.write(caseEntry());
  book.write(helpEntry());
  book.outbox.answer([1, 2].map((seq) => ({ incarnation: 1, seq, result: 'stored' })));
  book.store.db.exec(`UPDATE entry SET body = x'', compacted_at = 'then' WHERE seq = 1`);
  await book.outbox.beginIncarnation(2);
  book.write(caseEntry());
  const file = newFile();
  const done = exportJournal(book.file, file);
  if (!done.ok) throw new Error(done.error.code);
  return { book, file, lines: readFileSync(file, 'utf8').split('\n').slice(0, -1) };
}

const sha256 = (lines: readonly string[]) =>
  createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');

/** Writes lines as an export whose manifest tells the truth of their number and their hash. */
function forged(lines: readonly string[], manifest: object = {}): string {
  const before = lines.slice(0, -1);
  const told = { ...(JSON.parse(lines.at(-1) ?? '') as object), entries: before.length, sha256: sha256(before) };
  const file = newFile();
  writeFileSync(file, [...before, JSON.stringify({ ...told, ...manifest }), ''].join('\n'));
  return file;
}

function changed(line: string | undefined, change: (entry: WireEntry) => object): string {
  return JSON.stringify(change(JSON.parse(line ?? '') as WireEntry));
}

describe('an export', () => {
  it.each(Suite.options)(
    'in the %s suite holds every entry as it travels, and says at its end what it is',
    async (suite) => {
      const { book, file, lines } = await exported(suite);
      const entries = lines.slice(0, -1).map((line) => WireEntry.parse(JSON.parse(line)));
      expect(entries.map(({ incarnation, seq }) => [incarnation, seq])).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 1],
        [2, 2],
      ]);
      const batch = book.outbox.next(200, 1e6)?.ndjson.split('\n').slice(0, -1);
      expect(lines.slice(3, 5)).toEqual(batch);
      expect(JSON.parse(lines[5] ?? '')).toEqual({
        manifest: 1,
        terminal: TERMINAL,
        suite,
        incarnations: [
          { incarnation: 1, entries: 3, headHash: entries[2]?.hash },
          { incarnation: 2, entries: 2, headHash: entries[4]?.hash },
        ],
        entries: 5,
        compacted: 1,
        sha256: sha256(lines.slice(0, -1)),
      });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(verifyExport(file)).toEqual({
        ok: true,
        value: {
          terminal: TERMINAL,
          suite,
          entries: 5,
          compacted: 1,
          head: { incarnation: 2, seq: 2, hash: entries[4]?.hash },
        },
      });
    },
  );

  it.each(Suite.options)('in the %s suite is what a gateway takes, where the body is still there', async (suite) => {
    const { lines } = await exported(suite);
    const faults = lines.slice(0, -1).map((line) => checkEntry(JSON.parse(line), { id: TERMINAL, suite })?.fault);
    expect(faults).toEqual(['body-hash', null, null, null, null]);
  });

  it('of thousands of entries is whole too', async () => {
    const book = await openBook();
    book.store.transaction(() => {
      for (let i = 0; i < 2_000; i += 1) book.journal.append(helpEntry());
    });
    const file = newFile();
    expect(exportJournal(book.file, file)).toMatchObject({ ok: true, value: { entries: 2_001 } });
    expect(verifyExport(file)).toMatchObject({ ok: true, value: { entries: 2_001, compacted: 0 } });
  });

  it('of a journal that has no entry yet holds only what it is', async () => {
    const book = await openBook();
    book.store.db.exec('DELETE FROM entry');
    const file = newFile();
    expect(exportJournal(book.file, file)).toMatchObject({ ok: true, value: { entries: 0, incarnations: [] } });
    expect(verifyExport(file)).toMatchObject({ ok: true, value: { entries: 0, head: null } });
  });

  it('of a broken chain is refused, and nothing is left of it', async () => {
    const book = await openBook();
    book.write(helpEntry());
    book.write(helpEntry());
    book.store.db.exec("UPDATE entry SET body = CAST('{}' AS BLOB) WHERE seq = 2");
    const file = newFile();
    expect(exportJournal(book.file, file)).toMatchObject({
      ok: false,
      error: { code: 'journal-broken', incarnation: 1, seq: 2, why: 'body-altered' },
    });
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('never takes the place of another file', async () => {
    const { book, file, lines } = await exported();
    expect(exportJournal(book.file, file)).toMatchObject({ ok: false, error: { code: 'output-exists' } });
    expect(readFileSync(file, 'utf8')).toBe([...lines, ''].join('\n'));
  });

  it('says so when it finds no room, and leaves nothing', async () => {
    const { book } = await exported();
    const folder = newFile();
    expect(exportJournal(book.file, join(folder, 'journal.ndjson'))).toMatchObject({
      ok: false,
      error: { code: 'output', detail: expect.stringContaining('ENOENT') },
    });
    expect(existsSync(folder)).toBe(false);
  });

  it('goes over what an earlier one left that was killed', async () => {
    const { book } = await exported();
    const file = newFile();
    writeFileSync(`${file}.new`, 'half');
    expect(exportJournal(book.file, file).ok).toBe(true);
    expect(readdirSync(join(file, '..'))).toEqual(['journal.ndjson']);
  });

  it('is of no store where there is none', () => {
    expect(exportJournal('/nowhere/terminal.sqlite', newFile())).toMatchObject({ error: { code: 'no-journal' } });
  });
});

describe('checking an export', () => {
  it.each([
    ['a body', (e: WireEntry) => ({ ...e, body: 'e30' }), 2, 'body-altered'],
    ['a time', (e: WireEntry) => ({ ...e, at: { ...e.at, monotonicMs: 7 } }), 2, 'entry-altered'],
    ['a link', (e: WireEntry) => ({ ...e, prevHash: 'f'.repeat(64) }), 2, 'chain-broken'],
    ['a sequence', (e: WireEntry) => ({ ...e, seq: 3 }), 2, 'gap'],
    ['another terminal', (e: WireEntry) => ({ ...e, terminal: e.id }), 2, 'other-terminal'],
    ['a member too much', (e: WireEntry) => ({ ...e, name: 'x' }), 2, 'not-an-entry'],
    ['a body that decodes to nothing', (e: WireEntry) => ({ ...e, body: 'A' }), 2, 'body-altered'],
    ['a body that is far too long', (e: WireEntry) => ({ ...e, body: 'A'.repeat(400_000) }), 2, 'not-an-entry'],
  ])('finds %s', async (_what, change, line, why) => {
    const { lines } = await exported();
    const file = forged(lines.with(1, changed(lines[1], change)));
    expect(verifyExport(file)).toEqual({ ok: false, error: { code: 'export-broken', line, why } });
  });

  it.each([
    ['a line that is missing', (l: string[]) => l.toSpliced(1, 1), 2, 'gap'],
    [
      'the older incarnation after the newer',
      (l: string[]) => [...l.slice(3, 5), ...l.slice(0, 3), ...l.slice(5)],
      3,
      'order',
    ],
    ['a line that comes twice', (l: string[]) => l.toSpliced(1, 0, l[0] ?? ''), 2, 'gap'],
    ['a line that is none', (l: string[]) => l.with(2, '%'), 3, 'not-an-entry'],
    ['an empty line', (l: string[]) => l.with(2, ''), 3, 'not-an-entry'],
    ['an incarnation that is missing', (l: string[]) => l.toSpliced(3, 2), 4, 'manifest'],
  ])('finds %s', async (_what, change, line, why) => {
    const { lines } = await exported();
    expect(verifyExport(forged(change(lines)))).toEqual({ ok: false, error: { code: 'export-broken', line, why } });
  });

  it('finds an altered entry of the national suite, the first one too', async () => {
    const { lines } = await exported('national');
    const at = (n: number) => changed(lines[n], (e) => ({ ...e, at: { ...e.at, monotonicMs: 7 } }));
    for (const n of [0, 1]) {
      const altered = { code: 'export-broken', line: n + 1, why: 'entry-altered' };
      expect(verifyExport(forged(lines.with(n, at(n))))).toEqual({ ok: false, error: altered });
    }
  });

  it('counts a body that somebody took away, and finds that the manifest tells of another number', async () => {
    const { lines } = await exported();
    const file = forged(
      lines.with(
        1,
        changed(lines[1], (e) => ({ ...e, body: '', keys: [] })),
      ),
    );
    expect(verifyExport(file)).toEqual({ ok: false, error: { code: 'export-broken', line: 6, why: 'manifest' } });
  });

  it.each([
    ['the number of entries', { entries: 4 }],
    ['the hash of the lines', { sha256: '0'.repeat(64) }],
    ['the suite', { suite: 'national' }],
    ['the terminal', { terminal: '01890000-0000-7000-8000-0000000000bb' }],
    ['the incarnations', { incarnations: [] }],
  ])('finds a manifest that lies about %s', async (_what, lie) => {
    const { lines } = await exported();
    expect(verifyExport(forged(lines, lie))).toMatchObject({ error: { line: 6, why: 'manifest' } });
  });

  it('finds a file that was cut, wherever', async () => {
    const { file } = await exported();
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 97) {
      const cut = newFile();
      writeFileSync(cut, whole.subarray(0, length));
      expect(verifyExport(cut)).toMatchObject({ ok: false, error: { code: 'export-broken', why: 'cut-short' } });
    }
    const unended = newFile();
    writeFileSync(unended, whole.subarray(0, -1));
    expect(verifyExport(unended)).toMatchObject({ ok: false, error: { why: 'cut-short' } });
  });

  it.each(['x', '\n', '{}\n'])('finds %j behind the manifest', async (more) => {
    const { file } = await exported();
    appendFileSync(file, more);
    expect(verifyExport(file)).toMatchObject({ ok: false, error: { line: 7, why: 'more-lines' } });
  });

  it('says of what is no file that it is no export', () => {
    expect(verifyExport('/nowhere/journal.ndjson')).toMatchObject({ ok: false, error: { code: 'no-export' } });
    expect(verifyExport(tmpdir())).toMatchObject({ ok: false, error: { code: 'no-export' } });
  });

  it('does not read a file of one endless line to its end', () => {
    expect(verifyExport('/dev/zero')).toMatchObject({ ok: false, error: { line: 1, why: 'not-an-entry' } });
  });
});
