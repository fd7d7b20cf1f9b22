import { cpSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holds, intakeAtRest, judge, sqliteRows } from './judge.ts';
import { FaultStand } from './stand.ts';
import type { TerminalProcess } from './terminal.ts';

const stand = new FaultStand();
let terminal: TerminalProcess;
let copies = 0;

beforeAll(async () => {
  await stand.gateway.start();
  terminal = await stand.terminal({ visits: 5 });
  await terminal.start();
  await terminal.written();
  await terminal.finish();
  // It rests between portions, and ends with the gateway.
  await intakeAtRest(sqliteRows(stand.file));
  await stand.gateway.stop();
});
afterAll(() => stand.close());

/** Judges copies of both sides of which one was tampered with. */
async function verdictAfter(side: 'terminal' | 'gateway', sql: string) {
  copies += 1;
  const copy = (file: string) => `${file}-${copies}`;
  cpSync(stand.file, copy(stand.file));
  cpSync(terminal.store, copy(terminal.store));
  const db = new Database(copy(side === 'gateway' ? stand.file : terminal.store));
  db.exec(sql);
  db.close();
  const { promised } = terminal;
  const rows = sqliteRows(copy(stand.file));
  return judge({ fault: 'tampered', struck: 1, stores: [copy(terminal.store)], promised, rows });
}

it('finds nothing where nothing is wrong', async () => {
  const verdict = await verdictAfter('gateway', 'SELECT 1');
  expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, chainHere: 0, chainThere: 0, wrong: [] });
  expect(verdict.entries).toBe(16);
  expect(holds(verdict)).toBe(true);
});

it.each([
  ['an entry that is gone', 'gateway', 'DELETE FROM entries WHERE seq = 7', { lost: 1 }],
  ['a promise that nobody kept', 'gateway', 'DELETE FROM cases WHERE rowid = 1', { lost: 1 }],
  ['a body that is another', 'gateway', "UPDATE entries SET body = X'00' WHERE seq = 7", { chainThere: 1 }],
  ['a link that is another', 'gateway', 'UPDATE entries SET prev_hash = hash WHERE seq = 7', { chainThere: 2 }],
  ['a head that is another', 'gateway', "UPDATE heads SET head_hash = 'x'", { chainThere: 1 }],
  [
    'an entry that is there twice',
    'gateway',
    'UPDATE entries SET id = (SELECT id FROM entries WHERE seq = 6) WHERE seq = 7',
    { doubled: 1, lost: 1 },
  ],
  [
    'a number that was given twice',
    'gateway',
    'UPDATE cases SET receipt_number = (SELECT min(receipt_number) FROM cases)',
    { numbersTwice: 4, wrong: ['4 receipt numbers were given twice'] },
  ],
  ['entries in another order', 'terminal', 'UPDATE entry SET n = 1000 WHERE n = 2', { disordered: 1 }],
  ['a journal that was altered', 'terminal', "UPDATE entry SET body = X'00' WHERE n = 4", { chainHere: 1 }],
] as const)('finds %s', async (_what, side, sql, expected) => {
  const verdict = await verdictAfter(side, sql);
  expect(verdict).toMatchObject(expected);
  expect(holds(verdict)).toBe(false);
});
