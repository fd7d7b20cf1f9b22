import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { silentLog } from '#main/service/log/log.ts';
import { migrate } from '#main/service/store/migrate.ts';
import { type Migration, migrations, RELEASE } from '#main/service/store/migrations.ts';
import { openTerminalData } from '#main/service/store/open.ts';
import { Store, StoreWriteError } from '#main/service/store/store.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { FakeTime } from '../time/fakes.ts';
import { newFolders, openData, openStore } from './fixture.ts';

const at = new Date('2026-03-02T00:00:00Z');
const next: Migration = {
  version: migrations.length + 1,
  leastRelease: RELEASE,
  sql: 'ALTER TABLE accepted_case ADD COLUMN later TEXT',
};

function refusal(file: string, options: Parameters<typeof openStore>[1] = {}) {
  const opened = openStore(file, options);
  if (opened.ok) throw new Error('it was opened');
  return opened.error.code;
}

describe('opening the store', () => {
  it('makes every commit durable and leaves the write-ahead log alone', () => {
    const { store } = openData();
    const pragma = (name: string) => store.db.pragma(name, { simple: true });
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('wal_autocheckpoint')]).toEqual(['wal', 2, 0]);
    expect([pragma('foreign_keys'), pragma('user_version')]).toEqual([1, migrations.length]);
  });

  it('keeps nothing of what was erased, in the write-ahead log neither, once it is idle and nobody reads', () => {
    const { file, store, time } = openData();
    const secret = Buffer.alloc(6_000, 'sealed-record ');
    const isOnDisk = () => [file, `${file}-wal`].some((each) => readFileSync(each).includes('sealed-record'));
    time.advance(60_000);
    store.transaction(() => store.db.exec('CREATE TABLE secret (content BLOB) STRICT'));
    store.transaction(() => store.sql('INSERT INTO secret (content) VALUES (?)').run(secret));
    time.advance(60_000);
    const reader = new Database(file, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM secret').get();
    store.erasure(() => store.db.exec('UPDATE secret SET content = NULL'));
    time.advance(60_000);
    expect(isOnDisk()).toBe(true);
    reader.close();
    time.advance(60_000);
    expect(isOnDisk()).toBe(false);
    expect(store.db.pragma('busy_timeout', { simple: true })).toBe(5_000);
  });

  it('has strict tables only', () => {
    const { store } = openData();
    const tables = store.db.prepare<[], { name: string; strict: number }>('PRAGMA table_list').all();
    expect(tables.filter(({ name }) => !name.startsWith('sqlite_')).every(({ strict }) => strict === 1)).toBe(true);
  });

  it('refuses another store key than the one it was written with', () => {
    const { folders, store, time } = openData();
    store.close();
    rmSync(join(folders.etc, 'store.key'));
    const open = () =>
      openTerminalData({ folders, clock: time, timers: time, random: systemRandom(time), log: silentLog() });
    expect(open()).toMatchObject({ ok: false, error: { code: 'key-missing' } });
    writeFileSync(join(folders.etc, 'store.key'), Buffer.alloc(32, 7));
    expect(open()).toMatchObject({ ok: false, error: { code: 'key-missing' } });
  });

  it('refuses a damaged store and moves nothing aside', () => {
    const { folders, file, store } = openData();
    store.transaction(() => {
      for (let i = 0; i < 500; i += 1) store.setMeta(`key-${i}`, 'x'.repeat(200));
    });
    store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xee, 4096 * 3, 4096 * 6);
    writeFileSync(file, bytes);
    const before = readdirSync(folders.data);
    expect(refusal(file)).toBe('store-damaged');
    expect(readFileSync(file)).toEqual(bytes);
    expect(readdirSync(folders.data)).toEqual(before);
  });

  it.each([
    ['text', 'this is no database, but long enough to look like one to a careless reader'],
    ['zeros', '\0'.repeat(8192)],
  ])('refuses a file of %s and leaves it as it is', (_what, content) => {
    const file = join(newFolders().data, 'terminal.sqlite');
    writeFileSync(file, content);
    expect(refusal(file)).toBe('store-damaged');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it("refuses another program's database", () => {
    const file = join(newFolders().data, 'terminal.sqlite');
    const other = new Database(file);
    other.exec('CREATE TABLE entry (n)');
    other.close();
    expect(refusal(file)).toBe('store-damaged');
  });

  it('judges nothing on a full disk: what SQLite says there is no word about the store', () => {
    const { file, store } = openData();
    store.close();
    expect(refusal(file, { freeBytes: () => 900_000 })).toBe('disk-full');
    expect(openStore(file, { freeBytes: () => 1_100_000 }).ok).toBe(true);
  });

  it('says that the disk is full when the first write of all finds no room', () => {
    const folders = newFolders();
    const time = new FakeTime();
    const random = systemRandom(time);
    const open = () => openTerminalData({ folders, clock: time, timers: time, random, log: silentLog() });
    const full = vi.spyOn(Store.prototype, 'setMeta').mockImplementation(() => {
      throw new StoreWriteError('disk-full', 'no room');
    });
    expect(open()).toMatchObject({ ok: false, error: { code: 'disk-full', remedy: expect.stringContaining('room') } });
    full.mockRestore();
    const opened = open();
    expect(opened.ok).toBe(true);
    if (opened.ok) opened.value.store.close();
  });

  it('says so when a folder cannot be made', () => {
    const { etc, data } = newFolders();
    writeFileSync(join(data, 'file'), '');
    const blocked = join(data, 'file', 'folder');
    expect(refusal(join(blocked, 'terminal.sqlite'))).toBe('store-failed');
    const time = new FakeTime();
    for (const folders of [
      { etc: blocked, data },
      { etc, data: blocked },
    ]) {
      expect(
        openTerminalData({ folders, clock: time, timers: time, random: systemRandom(time), log: silentLog() }),
      ).toMatchObject({ ok: false, error: { code: 'store-failed' } });
    }
  });
});

describe('migrations', () => {
  it('only add, and are numbered without a gap', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1));
    for (const { sql } of migrations) expect(sql).not.toMatch(/\b(DROP|RENAME|DELETE FROM|UPDATE (?!OF\b))/i);
  });

  it('copy the store, apply what is missing and keep what is there', () => {
    const { folders, file, store } = openData();
    store.setMeta('terminal', 'kept');
    store.close();
    const db = new Database(file);
    expect(migrate(db, { file, existed: true, at, steps: [...migrations, next] })).toEqual({ ok: true });
    expect(db.prepare("SELECT value FROM meta WHERE key = 'terminal'").pluck().get()).toBe('kept');
    expect(db.pragma('user_version', { simple: true })).toBe(next.version);
    db.close();
    const backups = readdirSync(join(folders.data, 'backup'));
    expect(backups).toEqual([`schema-${migrations.length}-2026-03-02.sqlite`]);
    const copy = new Database(join(folders.data, 'backup', backups[0] ?? ''));
    expect(copy.pragma('user_version', { simple: true })).toBe(migrations.length);
    copy.close();
  });

  it('do not take a copy that was cut short for a backup', () => {
    const { file, folders, store } = openData();
    store.close();
    const name = `schema-${migrations.length}-2026-03-02.sqlite`;
    mkdirSync(join(folders.data, 'backup'));
    writeFileSync(join(folders.data, 'backup', `${name}.new`), 'half');
    const db = new Database(file);
    expect(migrate(db, { file, existed: true, at, steps: [...migrations, next] }).ok).toBe(true);
    db.close();
    expect(readdirSync(join(folders.data, 'backup'))).toEqual([name]);
  });

  it('leave copies for a week of the district’s time, and no longer: they hold what was erased since', () => {
    const { folders, store } = openData();
    const backup = join(folders.data, 'backup');
    store.forgetCopies(at);
    mkdirSync(backup);
    const names = [
      'schema-1-2026-02-22.sqlite',
      'schema-2-2026-02-22.sqlite.new',
      'schema-3-2026-02-23.sqlite',
      'schema-4-2026-03-02.sqlite',
      // Made under a wrong clock.
      'schema-5-2036-01-01.sqlite',
      'of-a-person-2020-01-01.sqlite',
    ];
    for (const name of names) writeFileSync(join(backup, name), name);
    store.forgetCopies(at);
    expect(readdirSync(backup).sort()).toEqual([
      'of-a-person-2020-01-01.sqlite',
      'schema-3-2026-02-23.sqlite',
      'schema-4-2026-03-02.sqlite',
    ]);
  });

  it('have a copy that the disk does not let go of told, and nothing else stopped', () => {
    const logged: string[] = [];
    const { folders, file, store } = openData();
    store.close();
    mkdirSync(join(folders.data, 'backup', 'schema-1-2026-01-01.sqlite'), { recursive: true });
    const log = { ...silentLog(), warn: (line: { event: string }) => void logged.push(line.event) };
    const opened = openStore(file, { log });
    if (!opened.ok) throw new Error(opened.error.detail);
    opened.value.forgetCopies(at);
    expect(logged).toEqual(['store.copies-not-removed']);
    opened.value.setMeta('goes', 'on');
  });

  it('let the release before open the newer schema, so that an update can be rolled back', () => {
    const { file, store } = openData();
    store.close();
    const db = new Database(file);
    migrate(db, { file, existed: true, at, steps: [...migrations, next] });
    db.close();
    const opened = openStore(file);
    expect(opened.ok && opened.value.db.pragma('user_version', { simple: true })).toBe(next.version);
  });

  it('keep a release out that is too old for the schema, and change nothing', () => {
    const { file, store } = openData();
    store.close();
    const db = new Database(file);
    migrate(db, { file, existed: true, at, steps: [...migrations, { ...next, leastRelease: RELEASE + 1 }] });
    db.close();
    const before = statSync(file).mtimeMs;
    expect(refusal(file)).toBe('store-newer');
    expect(statSync(file).mtimeMs).toBe(before);
  });

  it('leave the old schema behind when a step fails', () => {
    const { file, store } = openData();
    store.close();
    const db = new Database(file);
    const broken = { ...next, sql: `${next.sql}; SELECT nonsense` };
    expect(() => migrate(db, { file, existed: true, at, steps: [...migrations, broken] })).toThrow(/nonsense/);
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    db.close();
    expect(openStore(file).ok).toBe(true);
  });
});

describe('writing', () => {
  it('is all or nothing', () => {
    const { store } = openData();
    expect(() =>
      store.transaction(() => {
        store.setMeta('a', '1');
        throw new Error('in the middle');
      }),
    ).toThrow('in the middle');
    expect(store.meta('a')).toBeNull();
  });

  it('joins an outer transaction instead of committing on its own', () => {
    const { store } = openData();
    expect(() =>
      store.transaction(() => {
        store.transaction(() => store.setMeta('a', '1'));
        throw new Error('outer');
      }),
    ).toThrow('outer');
    expect(store.meta('a')).toBeNull();
  });

  it('names a full disk', () => {
    const { store } = openData();
    store.db.pragma(`max_page_count = ${Number(store.db.pragma('page_count', { simple: true }))}`);
    const fill = () => store.transaction(() => store.setMeta('big', 'x'.repeat(1_000_000)));
    expect(fill).toThrow(expect.objectContaining({ name: 'StoreWriteError', code: 'disk-full' }) as Error);
    expect(store.meta('big')).toBeNull();
  });

  it('writes the log back only after a quiet time', () => {
    const file = join(newFolders().data, 'terminal.sqlite');
    const time = new FakeTime();
    const opened = openStore(file, { clock: time, timers: time });
    if (!opened.ok) throw new Error(opened.error.code);
    const store = opened.value;
    const inFile = () => readFileSync(file).includes('needle-in-the-store');
    store.transaction(() => store.setMeta('needle', 'needle-in-the-store'));
    time.advance(4_000);
    store.transaction(() => store.setMeta('other', '1'));
    time.advance(4_000);
    expect(inFile()).toBe(false);
    time.advance(1_000);
    expect(inFile()).toBe(true);
    expect(time.delays).toEqual([]);
  });
});
