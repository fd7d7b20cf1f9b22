import type { Database } from 'better-sqlite3';
import type { Catalogue, CatalogueStore, FoundCatalogue, StoredCatalogue } from './catalogues.ts';

/** Catalogue packages in SQLite. */
export function catalogueTables(db: Database): CatalogueStore {
  const insert = db.prepare(`INSERT INTO catalogues (version, region, sequence, date, package, added_at)
    VALUES (@version, @region, @sequence, @date, @content, @at) ON CONFLICT DO NOTHING`);
  const lookAgain = db.prepare<[string], { region: string; terminal: string; incarnation: number }>(`UPDATE quarantine
    SET look_again = 1 WHERE code = 'no-catalogue' AND waits_for = ? RETURNING region, terminal, incarnation`);
  const tellHead = db.prepare('UPDATE heads SET look_again = 1 WHERE region = ? AND terminal = ? AND incarnation = ?');
  const all = db.prepare<[], StoredCatalogue>(
    'SELECT version, region, sequence, date, length(package) AS bytes FROM catalogues ORDER BY region, sequence, version',
  );
  const add = db.transaction((catalogue: Catalogue, content: Uint8Array, at: string): boolean => {
    if (insert.run({ ...catalogue, content, at }).changes === 0) return false;
    for (const { region, terminal, incarnation } of lookAgain.all(catalogue.version)) {
      tellHead.run(region, terminal, incarnation);
    }
    return true;
  });
  return {
    addCatalogue: async (catalogue, content, at) => add.immediate(catalogue, content, at.toISOString()),
    catalogues: async () => all.all(),
  };
}

/** What the intake looks up. */
export function catalogueFinder(db: Database): (version: string) => FoundCatalogue {
  const byVersion = db.prepare<[string], Buffer>('SELECT package FROM catalogues WHERE version = ?').pluck();
  const any = db.prepare<[], number>('SELECT 1 FROM catalogues LIMIT 1').pluck();
  return (version) => {
    const content = byVersion.get(version);
    if (content) return { found: 'package', content };
    return { found: any.get() === undefined ? 'no-version-at-all' : 'nothing' };
  };
}
