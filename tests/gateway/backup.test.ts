import { randomUUID } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { WireEntry } from '#contract/wire.ts';
import { backupSqlite } from '#gateway/audit/backup.ts';
import { Client, Journal, results } from './client.ts';
import { Writer } from './sealing.ts';
import { enrolled, runCli, spawnGateway } from './stand.ts';
import { sqliteStore, testFolder } from './stores.ts';

test('a backup under load is one moment of the store; restored with a new epoch it gets back what came after it', async () => {
  const { address, files, keys } = await sqliteStore();
  if (address.kind !== 'sqlite') throw new Error('no file');
  const gateway = await spawnGateway(address.uri);
  const { codes } = JSON.parse((await runCli('enrol-code', '--store', address.uri)).stdout) as { codes: string[] };
  const terminal = await enrolled(gateway.url, codes[0] ?? '');
  const { epoch } = await terminal.cursor();
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  const sent: WireEntry[] = [];
  const send = async () => {
    const portion = Array.from({ length: 20 }, () => writer.plain('help', { ticket: randomUUID(), why: 'called' }));
    sent.push(...portion);
    expect(new Set(results(await terminal.send(portion)))).toEqual(new Set(['stored']));
  };
  await send();
  const to = `${files}/backup.sqlite`;
  const state = { done: false };
  const backup = runCli('backup', '--store', address.uri, '--to', to).finally(() => {
    state.done = true;
  });
  while (!state.done) await send();
  const { code, stdout } = await backup;
  expect(code).toBe(0);
  const made = JSON.parse(stdout) as { file: string; epoch: string; entries: number; bytes: number };
  expect(made).toEqual({ file: to, epoch, entries: expect.any(Number), bytes: statSync(to).size });
  expect(statSync(to).mode & 0o777).toBe(0o600);
  await send();
  expect(made.entries).toBeGreaterThanOrEqual(20);
  expect(made.entries).toBeLessThan(sent.length);
  expect(await gateway.end('SIGTERM')).toBe(0);

  // The machine is lost; the keys were kept apart.
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${address.path}${suffix}`, { force: true });
  copyFileSync(to, address.path);
  expect((await runCli('restored', '--store', address.uri)).code).toBe(0);
  const again = await spawnGateway(address.uri, '--keys', keys);
  const back = new Client(again.url, terminal.identity, terminal.key);
  const cursor = await back.cursor();
  expect(cursor.contiguousSeq).toBe(made.entries);
  expect(cursor.epoch).not.toBe(epoch);
  expect(cursor.headHash).toBe(sent[made.entries - 1]?.hash);
  for (let from = cursor.contiguousSeq; from < sent.length; from += 100) {
    await back.send(sent.slice(from, from + 100));
  }
  expect(await back.cursor()).toMatchObject({ contiguousSeq: sent.length, headHash: sent.at(-1)?.hash, holes: [] });
  expect(await again.end('SIGTERM')).toBe(0);
  const verified = await runCli('verify', '--store', address.uri);
  const counts = JSON.parse(verified.stdout) as { days: number };
  expect(counts).toMatchObject({ entries: sent.length, faults: 0 });
  // Taken by the first start, in both suites.
  expect(counts.days).toBeGreaterThanOrEqual(2);
});

async function filled(): Promise<{ folder: string; path: string }> {
  const folder = testFolder();
  const path = `${folder}/g.sqlite`;
  expect((await runCli('enrol-code', '--store', `sqlite:${path}`, '--count', '9')).code).toBe(0);
  return { folder, path };
}

test('a backup takes nothing that is there, leaves nothing half done, and says why it can not', async () => {
  const { folder, path } = await filled();
  const to = `${folder}/backup.sqlite`;
  await expect(backupSqlite(`${folder}/none.sqlite`, to)).rejects.toThrow('there is no store');
  writeFileSync(to, 'an older one');
  await expect(backupSqlite(path, to)).rejects.toThrow('there already');
  await expect(backupSqlite(path, `${folder}/no/such/folder`)).rejects.toThrow('ENOENT');

  const foreign = new Database(`${folder}/foreign.sqlite`);
  foreign.exec('CREATE TABLE t (x)');
  foreign.close();
  await expect(backupSqlite(`${folder}/foreign.sqlite`, `${folder}/b`)).rejects.toThrow('not sound');
  expect(readdirSync(folder).filter((name) => name === 'b' || name.endsWith('.part'))).toEqual([]);

  const ran = await runCli('backup', '--store', 'postgres://gateway@localhost/yichuang', '--to', to);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain('pg_dump');
});

test('a damaged store makes no backup that looks like one', async () => {
  const { folder, path } = await filled();
  const db = new Database(path);
  db.pragma('journal_mode = DELETE');
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'enrol_codes'").pluck().get());
  const size = Number(db.pragma('page_size', { simple: true }));
  db.close();
  writeFileSync(path, readFileSync(path).fill(0xff, (root - 1) * size, root * size));
  await expect(backupSqlite(path, `${folder}/backup.sqlite`)).rejects.toThrow();
  expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual([]);
});
