import type { Database } from 'better-sqlite3';
import type { MaterialOwner, MaterialReader, MaterialStore, StoredProgress } from './materials.ts';

type Name = [region: string, terminal: string, hash: string];
type Row = Omit<StoredProgress, 'isWhole'> & { readonly whole: 0 | 1 };

const NAMED = 'region = ? AND terminal = ? AND hash = ?';

/** What both sides read of materials in SQLite. */
export function materialReader(
  db: Database,
): MaterialReader & { readonly find: (...name: Name) => StoredProgress | null } {
  const find = db.prepare<Name, Row>(`SELECT bytes, here, whole FROM materials WHERE ${NAMED}`);
  const part = db
    .prepare<[...Name, number], Buffer>(`SELECT content FROM material_parts WHERE ${NAMED} AND start = ?`)
    .pluck();
  const found = (...name: Name): StoredProgress | null => {
    const row = find.get(...name);
    return row ? { bytes: row.bytes, here: row.here, isWhole: row.whole === 1 } : null;
  };
  return {
    find: found,
    material: async ({ region, id }, hash) => found(region, id, hash),
    materialPart: async ({ region, id }, hash, from) => part.get(region, id, hash, from) ?? null,
  };
}

/** Scanned materials in SQLite. */
export function materialTables(db: Database): MaterialStore {
  const { find, ...reader } = materialReader(db);
  const insert = db.prepare(
    'INSERT INTO material_parts (region, terminal, hash, start, content) VALUES (?, ?, ?, ?, ?)',
  );
  const advance = db.prepare(`UPDATE materials SET here = ?, touched_at = ? WHERE ${NAMED}`);
  const whole = db.prepare(`UPDATE materials SET whole = 1 WHERE ${NAMED} AND here = bytes AND whole = 0`);
  const empty = db.prepare(`UPDATE materials SET here = 0 WHERE ${NAMED} AND whole = 0`);
  const drop = db.prepare(`DELETE FROM material_parts WHERE ${NAMED}`);
  const lookAgain = db
    .prepare<Name, number>(
      'UPDATE quarantine SET look_again = 1 WHERE region = ? AND terminal = ? AND waits_for = ? RETURNING incarnation',
    )
    .pluck();
  const tellHead = db.prepare('UPDATE heads SET look_again = 1 WHERE region = ? AND terminal = ? AND incarnation = ?');
  const since = db
    .prepare<[string, string, number], number>(
      'SELECT coalesce(sum(here), 0) FROM materials WHERE region = ? AND terminal = ? AND touched_at >= ?',
    )
    .pluck();
  type Place = { readonly region: string; readonly terminal: string; readonly hash: string };
  const stopped = db.prepare<[number], Place>(
    'SELECT region, terminal, hash FROM materials WHERE whole = 0 AND here > 0 AND touched_at < ?',
  );
  const erased = db.prepare<[], Place>(`SELECT region, terminal, hash FROM materials m WHERE NOT EXISTS (SELECT 1
    FROM wrapped_keys k WHERE k.region = m.region AND k.terminal = m.terminal AND k.incarnation = m.incarnation AND k.seq = m.seq)`);
  const forget = db.prepare(`DELETE FROM materials WHERE ${NAMED}`);

  const add = db.transaction((name: Name, from: number, content: Uint8Array, at: number): StoredProgress | null => {
    const before = find(...name);
    if (!before || before.isWhole || before.here !== from || from + content.length > before.bytes) return before;
    insert.run(...name, from, content);
    advance.run(from + content.length, at, ...name);
    return { ...before, here: from + content.length };
  });

  const settle = db.transaction(({ region, id }: MaterialOwner, hash: string, isRight: boolean): void => {
    const name: Name = [region, id, hash];
    if (!isRight) {
      if (empty.run(...name).changes === 1) drop.run(...name);
      return;
    }
    if (whole.run(...name).changes === 0) return;
    for (const incarnation of new Set(lookAgain.all(...name))) tellHead.run(region, id, incarnation);
  });

  const clean = db.transaction((before: number) => {
    const late = stopped.all(before);
    for (const { region, terminal, hash } of late) {
      empty.run(region, terminal, hash);
      drop.run(region, terminal, hash);
    }
    const gone = erased.all();
    for (const { region, terminal, hash } of gone) {
      forget.run(region, terminal, hash);
      drop.run(region, terminal, hash);
    }
    return { stopped: late.length, erased: gone.length };
  });

  return {
    ...reader,
    addMaterialPart: async ({ region, id }, hash, { from, content }, at) =>
      add.immediate([region, id, hash], from, content, at.getTime()),
    settleMaterial: async (owner, hash, isRight) => settle.immediate(owner, hash, isRight),
    materialBytesSince: async ({ region, id }, at) => since.get(region, id, at.getTime()) ?? 0,
    forgetMaterials: async (untouchedSince) => clean.immediate(untouchedSince.getTime()),
  };
}
