import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { Cases } from '#main/service/store/cases.ts';
import { newFolders, openData } from '../store/fixture.ts';
import { districtKey, TERMINAL } from './fixture.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));

/** Runs the writer and kills it with SIGKILL once it has told of `after` cases. @returns all that it told. */
async function killed(folders: { etc: string; data: string }, after: number): Promise<[string, string][]> {
  const child = spawn(process.execPath, [WRITER, folders.etc, folders.data, TERMINAL, districtKey], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: [string, string][] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [id = '', number = ''] = line.split(' ');
    told.push([id, number]);
    if (told.length === after) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return told;
}

it('loses no told case, keeps no half one and gives no number twice when it is killed in the middle', async () => {
  const folders = newFolders();
  const told: [string, string][] = [];
  for (const after of [1, 7, 40, 83]) {
    told.push(...(await killed(folders, after)));
    const { store, vault, file } = openData(folders);
    const cases = new Cases(store, vault);
    for (const [id, number] of told) expect(cases.findByReceipt(number)?.id).toBe(id);
    expect(new Set(told.map(([, number]) => number)).size).toBe(told.length);

    const count = (sql: string) => store.db.prepare(sql).pluck().get();
    const kept = count('SELECT count(*) FROM accepted_case');
    expect(count("SELECT count(*) FROM entry WHERE kind = 'case'")).toBe(kept);
    expect(count('SELECT count(*) FROM print_job')).toBe(kept);
    expect(count('SELECT count(*) FROM entry_key')).toBe(kept);
    expect(count('SELECT last FROM daily_counter')).toBe(kept);
    expect(count('PRAGMA integrity_check')).toBe('ok');
    expect(verifyJournal(file).ok).toBe(true);
    store.close();
  }
  expect(told.length).toBeGreaterThanOrEqual(131);
});
