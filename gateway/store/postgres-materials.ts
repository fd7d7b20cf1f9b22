import type { MaterialReader, MaterialStore, StoredProgress } from './materials.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { HOLD_TERMINAL, LOOK_AGAIN } from './postgres-statements.ts';

const NAMED = 'region = $1 AND terminal = $2 AND hash = $3';
const FIND = `SELECT bytes, here, whole AS "isWhole" FROM materials WHERE ${NAMED}`;

const statements = {
  find: { name: 'material', text: FIND },
  // Two requests for one material may reach two gateways.
  hold: { name: 'material-hold', text: `${FIND} FOR UPDATE` },
  part: { name: 'material-part', text: `SELECT content FROM material_parts WHERE ${NAMED} AND start = $4` },
  insert: {
    name: 'material-part-insert',
    text: 'INSERT INTO material_parts (region, terminal, hash, start, content) VALUES ($1, $2, $3, $4, $5)',
  },
  advance: { name: 'material-advance', text: `UPDATE materials SET here = $4, touched_at = $5 WHERE ${NAMED}` },
  whole: {
    name: 'material-whole',
    text: `UPDATE materials SET whole = true WHERE ${NAMED} AND here = bytes AND NOT whole RETURNING hash`,
  },
  empty: { name: 'material-empty', text: `UPDATE materials SET here = 0 WHERE ${NAMED} AND NOT whole RETURNING hash` },
  drop: { name: 'material-parts-drop', text: `DELETE FROM material_parts WHERE ${NAMED}` },
  since: {
    name: 'material-bytes-since',
    text: `SELECT coalesce(sum(here), 0)::bigint AS bytes FROM materials
      WHERE region = $1 AND terminal = $2 AND touched_at >= $3`,
  },
  stopped: {
    name: 'materials-stopped',
    text: `WITH late AS (SELECT region, terminal, hash FROM materials WHERE NOT whole AND here > 0 AND touched_at < $1 FOR UPDATE),
      emptied AS (UPDATE materials m SET here = 0 FROM late
        WHERE m.region = late.region AND m.terminal = late.terminal AND m.hash = late.hash),
      dropped AS (DELETE FROM material_parts p USING late
        WHERE p.region = late.region AND p.terminal = late.terminal AND p.hash = late.hash)
      SELECT count(*) AS materials FROM late`,
  },
  erased: {
    name: 'materials-erased',
    text: `WITH gone AS (DELETE FROM materials m WHERE NOT EXISTS (SELECT FROM wrapped_keys k WHERE k.region = m.region
          AND k.terminal = m.terminal AND k.incarnation = m.incarnation AND k.seq = m.seq) RETURNING region, terminal, hash),
      dropped AS (DELETE FROM material_parts p USING gone
        WHERE p.region = gone.region AND p.terminal = gone.terminal AND p.hash = gone.hash)
      SELECT count(*) AS materials FROM gone`,
  },
} as const;

/** What both sides read of materials in PostgreSQL. */
export function materialReader(run: Run): MaterialReader {
  return {
    material: async ({ region, id }, hash) =>
      (await run<StoredProgress>(statements.find, [region, id, hash]))[0] ?? null,
    async materialPart({ region, id }, hash, from) {
      return (await run<{ content: Buffer }>(statements.part, [region, id, hash, from]))[0]?.content ?? null;
    },
  };
}

/** Scanned materials in PostgreSQL. */
export function materialTables({ run, transaction }: Connections): MaterialStore {
  return {
    ...materialReader(run),
    addMaterialPart: ({ region, id }, hash, { from, content }, at) =>
      transaction(async (within) => {
        const name = [region, id, hash];
        const [before] = await within<StoredProgress>(statements.hold, name);
        if (!before) return null;
        if (before.isWhole || before.here !== from || from + content.length > before.bytes) return before;
        await within(statements.insert, [...name, from, content]);
        await within(statements.advance, [...name, from + content.length, at]);
        return { ...before, here: from + content.length };
      }),
    settleMaterial: ({ region, id }, hash, isRight) =>
      transaction(async (within) => {
        const name = [region, id, hash];
        // The intake worker that finds it missing has written that down before this, or finds it.
        await within(HOLD_TERMINAL, [id]);
        if (!isRight) {
          if ((await within(statements.empty, name)).length === 1) await within(statements.drop, name);
          return;
        }
        if ((await within(statements.whole, name)).length === 1) await within(LOOK_AGAIN, [region, id, [hash]]);
      }),
    async materialBytesSince({ region, id }, since) {
      return (await run<{ bytes: number }>(statements.since, [region, id, since]))[0]?.bytes ?? 0;
    },
    async forgetMaterials(untouchedSince) {
      const [stopped] = await run<{ materials: number }>(statements.stopped, [untouchedSince]);
      const [erased] = await run<{ materials: number }>(statements.erased, []);
      return { stopped: stopped?.materials ?? 0, erased: erased?.materials ?? 0 };
    },
  };
}
