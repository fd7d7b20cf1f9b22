import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { newFolders, openData } from '../store/fixture.ts';
import { caseEntry, openBook } from './fixture.ts';

const COMPACTOR = fileURLToPath(new URL('compactor.ts', import.meta.url));
const CASES = 1_500;

/** Runs the compactor and kills it with SIGKILL once it has told of `after` steps. @returns how many it told of. */
async function killed(folders: { etc: string; data: string }, after: number): Promise<number> {
  const child = spawn(process.execPath, [COMPACTOR, folders.etc, folders.data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let steps = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', () => {
    steps += 1;
    if (steps === after) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return steps;
}

it('leaves every entry either whole with its key or compacted without, and the chain whole, when it is killed in the middle', async () => {
  const folders = newFolders();
  const book = await openBook(openData(folders));
  book.store.transaction(() => {
    for (let i = 0; i < CASES; i += 1) book.journal.append(caseEntry());
  });
  book.outbox.answer(Array.from({ length: CASES + 1 }, (_, i) => ({ incarnation: 1, seq: i + 1, result: 'stored' })));
  book.journal.close();
  book.store.close();

  const found: number[] = [];
  for (const after of [1, 2, 3, 5, Number.POSITIVE_INFINITY]) {
    expect(await killed(folders, after)).toBeGreaterThan(0);
    const { store, file } = openData(folders);
    const count = (sql: string) => Number(store.db.prepare(sql).pluck().get());
    const compacted = count("SELECT count(*) FROM entry WHERE compacted_at IS NOT NULL AND body = x''");
    expect(count("SELECT count(*) FROM entry WHERE body = x'' OR compacted_at IS NOT NULL")).toBe(compacted);
    expect(
      count(`SELECT count(*) FROM entry AS e WHERE e.kind = 'case'
        AND (e.compacted_at IS NULL) <> EXISTS (SELECT 1 FROM entry_key AS k WHERE k.entry_id = e.id)`),
    ).toBe(0);
    expect(verifyJournal(file)).toMatchObject({ ok: true, value: { entries: CASES + 1, compacted } });
    expect(store.db.pragma('integrity_check', { simple: true })).toBe('ok');
    found.push(compacted);
    store.close();
  }
  // It was in the middle, and it came to its end.
  expect(found[0]).toBeGreaterThan(0);
  expect(found[0]).toBeLessThan(CASES);
  expect(found.toSorted((a, b) => a - b)).toEqual(found);
  expect(found.at(-1)).toBe(CASES + 1);
});
