import type { Database } from 'better-sqlite3';
import type { PackagePart, PublishedUpdate, StoredUpdate, UpdateStore } from './updates.ts';

/** What is published for terminals, in SQLite. */
export function updateTables(db: Database): UpdateStore {
  const insert = db.prepare(`INSERT INTO updates (id, region, terminal, content, expires_at, published_at)
    VALUES (?, ?, ?, ?, ?, ?)`);
  const ours = 'region = @region AND (terminal IS NULL OR terminal = @id)';
  const next = db.prepare<[{ region: string; id: string; after: number; at: number; limit: number }], StoredUpdate>(
    `SELECT n, content FROM updates WHERE ${ours} AND n > @after AND expires_at > @at ORDER BY n LIMIT @limit`,
  );
  const find = db.prepare(`SELECT 1 FROM updates WHERE ${ours} AND id = @update`);
  const tell = db.prepare(`INSERT INTO update_outcomes (id, terminal, outcome, told_at) VALUES (?, ?, ?, ?)
    ON CONFLICT DO NOTHING`);
  const count = (outcome: string) => `sum(outcome IS '${outcome}') AS ${outcome}`;
  const all = db.prepare<[], PublishedUpdate>(`SELECT n, region, updates.terminal, content,
      ${count('done')}, ${count('expired')}, ${count('failed')}
    FROM updates LEFT JOIN update_outcomes told ON told.id = updates.id GROUP BY n ORDER BY n`);
  // `substr` counts from 1.
  const part = db.prepare<[number, number, string, string], PackagePart>(
    `SELECT length(package) AS total, substr(package, ?, ?) AS content FROM catalogues
      WHERE version = ? AND region = ?`,
  );
  return {
    async publish(update, { region, terminal }, at) {
      const content = JSON.stringify(update);
      insert.run(update.id, region, terminal, content, Date.parse(update.expiresAt), at.toISOString());
    },
    updates: async ({ region, id }, after, limit, at) => next.all({ region, id, after, limit, at: at.getTime() }),
    async acknowledge({ region, id }, update, outcome, at) {
      if (!find.get({ region, id, update })) return false;
      tell.run(update, id, outcome, at.toISOString());
      return true;
    },
    published: async () => all.all(),
    packagePart: async (region, version, from, bytes) => part.get(from + 1, bytes, version, region) ?? null,
  };
}
