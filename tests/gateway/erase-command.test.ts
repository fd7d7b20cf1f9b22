/** `gateway erase`, its record, and a backup that is put back. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backupSqlite } from '#gateway/audit/backup.ts';
import { openStore } from '#gateway/store/open.ts';
import { Journal } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { bytesBelow, finder, type Ran, runCli, startGateway } from './stand.ts';
import { sqliteStore, stores, type TestStore, testFolder } from './stores.ts';

async function stand(makeStore: () => Promise<TestStore>) {
  const made = await makeStore();
  const gateway = await startGateway(async () => made);
  const terminal = await gateway.newTerminal();
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  const day = writer.dayKey();
  const numbered = (receiptNumber: string) => writer.case(day.dayKey, { open: { receiptNumber } });
  const record = join(testFolder(), 'erasures.jsonl');
  const erase = (...more: string[]) =>
    runCli('erase', '--store', made.address.uri, '--record', record, '--order', '2026-17', ...more);
  const keys = async () => (await gateway.rows('SELECT seq FROM wrapped_keys ORDER BY seq')).map(({ seq }) => seq);
  return { gateway, uri: made.address.uri, terminal, writer, day, numbered, record, erase, keys };
}

function lines({ stdout }: Pick<Ran, 'stdout'>): unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('staff erase by receipt number or by entry, with an order, and the record says it first', async () => {
    const { gateway, uri, terminal, day, numbered, record, erase, keys } = await stand(makeStore);
    const [one, two, three] = [numbered('120103-1'), numbered('120103-2'), numbered('120103-3')];
    await terminal.send([day.entry, onWire(one), onWire(two), onWire(three)]);
    await gateway.drain();
    const { region, terminalId } = terminal.identity;
    const erased = { region, terminal: terminalId, by: 'staff', order: '2026-17', at: expect.any(String) };

    expect(lines(await erase('--receipt', '120103-2'))).toEqual([
      { ...erased, entry: two.id, keys: 1, update: expect.any(String) },
    ]);
    expect(lines(await erase('--terminal', terminalId, '--entry', three.id))).toEqual([
      { ...erased, entry: three.id, keys: 1, update: expect.any(String) },
    ]);
    expect(await keys()).toEqual([2]);
    // Again is harmless, and the first order stays the one by which it was done.
    expect(lines(await erase('--receipt', '120103-2', '--order', '2026-18'))).toMatchObject([{ keys: 0 }]);

    // The terminal is to erase them too.
    const told = (await gateway.store.published()).map(({ content }) => JSON.parse(content) as object);
    expect(told.slice(0, 2)).toMatchObject([two, three].map(({ id }) => ({ kind: 'erase-entry', entry: id })));

    const listed = await runCli('erasures', '--store', uri);
    expect(lines(listed)).toEqual([
      { ...erased, entry: two.id },
      { ...erased, entry: three.id },
    ]);
    const recorded = lines({ stdout: readFileSync(record, 'utf8') });
    expect(recorded.slice(0, 2)).toEqual(lines(listed));
    expect(recorded).toHaveLength(3);
    expect(statSync(record).mode & 0o777).toBe(0o600);
    expect(lines(await runCli('verify', '--store', uri)).at(-1)).toMatchObject({ faults: 0 });
  });

  test('what is not one known case is refused in words, and nothing is erased or recorded', async () => {
    const { gateway, terminal, day, numbered, record, erase, keys } = await stand(makeStore);
    const [one, two] = [numbered('120103-1'), numbered('120103-1')];
    await terminal.send([day.entry, onWire(one), onWire(two)]);
    await gateway.drain();
    const { terminalId } = terminal.identity;
    const several = await erase('--receipt', '120103-1');
    expect(several).toMatchObject({ code: 1, stdout: '' });
    expect(several.stderr).toContain(`--terminal ${terminalId} --entry ${two.id}`);
    const stranger = await erase('--terminal', terminalId, '--entry', randomUUID());
    expect(stranger).toMatchObject({ code: 1, stdout: '' });
    expect(stranger.stderr).toContain('has sent no case');
    expect(await keys()).toEqual([2, 3]);
    expect(statSync(record, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('an entry that only quarantine holds is erased by its id', async () => {
    const { gateway, terminal, day, numbered, erase } = await stand(makeStore);
    const unfit = { ...onWire(numbered('120103-1')), more: 1 };
    await terminal.send([day.entry, unfit]);
    const { terminalId } = terminal.identity;
    expect(lines(await erase('--terminal', terminalId, '--entry', unfit.id))).toMatchObject([{ keys: 1 }]);
    expect(await gateway.rows('SELECT keys FROM quarantine')).toEqual([{ keys: null }]);
    expect(lines(await erase('--terminal', terminalId, '--entry', unfit.id))).toMatchObject([{ keys: 0 }]);
  });

  test('a store that is put back is told the record: what is there is erased again, what terminals send again too', async () => {
    const { gateway, uri, terminal, day, numbered, record, erase, keys } = await stand(makeStore);
    const [before, after] = [numbered('120103-1'), numbered('120103-2')];
    await terminal.send([day.entry, onWire(before), onWire(after)]);
    await gateway.drain();
    const backup = await gateway.rows('SELECT * FROM wrapped_keys WHERE seq = 2');
    for (const receipt of ['120103-1', '120103-2']) await erase('--receipt', receipt);
    // As it was when only the first of them had come.
    const [row = {}] = backup;
    const values = Object.values(row).map((value) => (typeof value === 'number' ? value : `'${String(value)}'`));
    await gateway.change(`DELETE FROM erasures; DELETE FROM entries WHERE seq = 3;
      INSERT INTO wrapped_keys (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')});
      UPDATE heads SET contiguous_seq = 2, max_seq = 2, intake_seq = 2, head_hash = '${before.hash}'`);

    appendFileSync(record, '{"region":');
    const epoch = await gateway.store.epoch();
    const torn = await runCli('restored', '--store', uri, '--erasures', record);
    expect(torn).toMatchObject({ code: 1, stdout: '' });
    expect(torn.stderr).toContain('line 3');
    expect([await keys(), await gateway.store.epoch()]).toEqual([[2], epoch]);

    writeFileSync(record, readFileSync(record, 'utf8').slice(0, -'{"region":'.length));
    const told = await runCli('restored', '--store', uri, '--erasures', record);
    expect(lines(told)).toEqual([{ epoch: expect.any(String), erasures: 2, keys: 1 }]);
    expect(await keys()).toEqual([]);
    await terminal.send([onWire(after)]);
    await gateway.drain();
    expect(await keys()).toEqual([]);
  });
});

test.each([
  ['no case has this receipt number', ['--receipt', '120103-2']],
  ['there is no such terminal', ['--terminal', randomUUID(), '--entry', randomUUID()]],
  ['say what: --receipt, or --terminal and --entry', ['--entry', randomUUID()]],
  ['an entry is a UUID', ['--terminal', randomUUID(), '--entry', 'x']],
  ['it names nobody', ['--receipt', '120103-1', '--order', '王秀英']],
  ['ENOENT', ['--receipt', '120103-1', '--record', '/nowhere/record']],
])('erasing nothing, it says why: %s', async (words, args) => {
  const { gateway, terminal, day, numbered, erase, keys } = await stand(sqliteStore);
  await terminal.send([day.entry, onWire(numbered('120103-1'))]);
  await gateway.drain();
  const ran = await erase(...args);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain(words);
  expect(await keys()).toEqual([2]);
});

test('a SQLite backup that is put back loses what was erased since, from its file too', async () => {
  const { gateway, uri, terminal, day, numbered, record, erase } = await stand(sqliteStore);
  const lost = numbered('120103-1');
  await terminal.send([day.entry, onWire(lost)]);
  await gateway.drain();
  const folder = testFolder();
  const backup = join(folder, 'backup.sqlite');
  await backupSqlite(uri.slice('sqlite:'.length), backup);
  const has = (where: string) => finder(bytesBelow(where))(lost.keys[0]?.data ?? '');
  await erase('--receipt', '120103-1');
  expect([has(gateway.files), has(folder)]).toEqual([false, true]);

  const back = join(testFolder(), 'store.sqlite');
  copyFileSync(backup, back);
  expect((await runCli('restored', '--store', `sqlite:${back}`, '--erasures', record)).code).toBe(0);
  expect(has(join(back, '..'))).toBe(false);
});

test('while somebody reads, the log of SQLite can not be emptied: the command says so, and once more is enough', async () => {
  const { gateway, uri, terminal, day, numbered } = await stand(sqliteStore);
  const lost = numbered('120103-1');
  await terminal.send([day.entry, onWire(lost)]);
  await gateway.drain();
  const { region, terminalId } = terminal.identity;
  const reader = new Database(uri.slice('sqlite:'.length));
  reader.exec('BEGIN; SELECT * FROM wrapped_keys');
  const store = await openStore(gateway.address, { newEpoch: randomUUID, missing: 'refuse', busyMs: 10 });
  const at = new Date().toISOString();
  await store.erase([{ region, terminal: terminalId, entry: lost.id, by: 'staff', order: '1', at }]);
  const has = () => finder(bytesBelow(gateway.files))(lost.keys[0]?.data ?? '');
  expect([await store.wipe(), has()]).toEqual([false, true]);
  reader.close();
  expect([await store.wipe(), has()]).toEqual([true, false]);
  await store.close();
});

test('the log is emptied by the intake worker when whoever erased was killed before', async () => {
  const { gateway, terminal, day, numbered } = await stand(sqliteStore);
  const lost = numbered('120103-1');
  await terminal.send([day.entry, onWire(lost)]);
  await gateway.drain();
  const { region, terminalId } = terminal.identity;
  const at = new Date().toISOString();
  await gateway.store.erase([{ region, terminal: terminalId, entry: lost.id, by: 'staff', order: '1', at }]);
  const has = () => finder(bytesBelow(gateway.files))(lost.keys[0]?.data ?? '');
  expect(has()).toBe(true);
  await gateway.drain();
  expect(has()).toBe(false);
});
