/** The floor's terminal: rows of plain text, sent in batches of the same size and compressed in the same way, and marked when they have arrived. */
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import Database from 'better-sqlite3';
import { Agent, request } from 'undici';
import { limits } from '#contract/wire.ts';
import { caseOf, type Flushed } from './entries.ts';

export interface PlainRow {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
}

const compress = promisify(zstdCompress);
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export async function flushPlain(file: string, url: string, entries: readonly string[]): Promise<Flushed> {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`CREATE TABLE entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL, sent INTEGER) STRICT;
    CREATE INDEX entry_unsent ON entry (seq) WHERE sent IS NULL;`);
  const insert = db.prepare('INSERT INTO entry (id, body) VALUES (?, ?)');
  db.transaction(() => {
    for (const text of entries) insert.run(caseOf(text).open.case, text);
  })();
  const next = db.prepare<[number], PlainRow>(
    'SELECT seq, id, body FROM entry WHERE sent IS NULL ORDER BY seq LIMIT ?',
  );
  const mark = db.prepare('UPDATE entry SET sent = 1 WHERE seq = ?');
  const markAll = db.transaction((seqs: readonly number[]) => {
    for (const seq of seqs) mark.run(seq);
  });
  const dispatcher = new Agent({ pipelining: 1 });
  let bytes = 0;
  const began = performance.now();
  for (let rows = next.all(limits.batchEntries); rows.length > 0; rows = next.all(limits.batchEntries)) {
    const content = await compress(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')), ZSTD);
    bytes += content.length;
    const answer = await request(url, { method: 'POST', body: content, dispatcher });
    const { stored } = (await answer.body.json()) as { stored: number[] };
    markAll(stored);
  }
  const ms = performance.now() - began;
  await dispatcher.close();
  db.close();
  return { ms, bytes };
}
