/**
 * The floor's gateway: takes batches of plain rows, writes each in one durable transaction, and says so. No signature, no chain, nothing
 * sealed, nothing judged. `sqlite:FILE`, or `postgres:` and JSON.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { Pool } from 'pg';
import type { PlainRow } from './plain-terminal.ts';

type Write = (rows: readonly PlainRow[]) => Promise<void>;

function intoSqlite(file: string): Write {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL) STRICT');
  const insert = db.prepare('INSERT INTO entry (seq, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const all = db.transaction((rows: readonly PlainRow[]) => {
    for (const { seq, id, body } of rows) insert.run(seq, id, body);
  });
  return async (rows) => all.immediate(rows);
}

async function intoPostgres(uri: string): Promise<Write> {
  const { host, port, user, database } = JSON.parse(uri.slice('postgres:'.length)) as {
    host: string;
    port: number;
    user: string;
    database: string;
  };
  const pool = new Pool({ host, port, user, database });
  await pool.query('CREATE TABLE entry (seq bigint PRIMARY KEY, id text NOT NULL, body text NOT NULL)');
  return async (rows) => {
    await pool.query({
      name: 'insert',
      text: `INSERT INTO entry (seq, id, body) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
        ON CONFLICT DO NOTHING`,
      values: [rows.map(({ seq }) => seq), rows.map(({ id }) => id), rows.map(({ body }) => body)],
    });
  };
}

const [store = ''] = process.argv.slice(2);
const write = store.startsWith('sqlite:') ? intoSqlite(store.slice('sqlite:'.length)) : await intoPostgres(store);
async function take(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const lines = zstdDecompressSync(Buffer.concat(chunks)).toString('utf8').split('\n').filter(Boolean);
  const rows = lines.map((line) => JSON.parse(line) as PlainRow);
  await write(rows);
  return JSON.stringify({ stored: rows.map(({ seq }) => seq) });
}

const server = createServer((request, response) => {
  take(request).then(
    (answer) => response.end(answer),
    () => response.destroy(),
  );
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
