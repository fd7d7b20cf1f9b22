import type { Database } from 'better-sqlite3';
import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { WrappedKey } from '#contract/wire.ts';
import { catalogueFinder } from './sqlite-catalogues.ts';
import { emptyLogNow, erasedFinder, eraser } from './sqlite-erasures.ts';
import { materialReader } from './sqlite-materials.ts';
import {
  type Applied,
  type Finding,
  type IntakeCode,
  type IntakeStore,
  type IntakeWork,
  type JournalEntry,
  missingMaterials,
  orderedErasures,
  type Pins,
  type SealedDayKey,
  unknownCatalogues,
  unusableCases,
} from './store.ts';

type Chain = [region: string, terminal: string, incarnation: number];
type Range = [...Chain, after: number, upTo: number];

interface Waiting {
  region: string;
  terminal: string;
  suite: Suite;
  incarnation: number;
  lookAgain: 0 | 1;
  intakeSeq: number;
  contiguousSeq: number;
}

/** What the intake worker reads and writes in SQLite. */
export function intakeTables(db: Database): Omit<IntakeStore, 'close' | keyof Pins> {
  const WHERE = 'region = ? AND terminal = ? AND incarnation = ?';
  const waiting = db.prepare<[string], Waiting>(`SELECT heads.region, terminal, suite, incarnation,
      look_again AS lookAgain, intake_seq AS intakeSeq, contiguous_seq AS contiguousSeq
    FROM heads JOIN terminals ON terminals.id = heads.terminal
    WHERE terminal > ? AND (look_again = 1 OR intake_seq < contiguous_seq) ORDER BY terminal, incarnation LIMIT 1`);
  const inRange = `${WHERE} AND seq > ? AND seq <= ?`;
  // From the index of what is to be looked at again, however long the chain is: CROSS keeps the order of the two.
  const SOURCES = {
    first: `entries WHERE ${inRange} AND state = 'stored'`,
    again: `(SELECT * FROM quarantine WHERE look_again = 1 AND ${inRange})
      CROSS JOIN (SELECT region, terminal, incarnation, seq, id, kind, catalogue, hash, body FROM entries WHERE state = 'stored')
      USING (region, terminal, incarnation, seq, hash)`,
  };
  const each = <T>(prepare: (source: string) => T) => ({
    first: prepare(SOURCES.first),
    again: prepare(SOURCES.again),
  });
  const entries = each((source) =>
    db.prepare<[...Range, number], Omit<JournalEntry, 'keys' | 'isErased'>>(
      `SELECT seq, id, kind, catalogue, hash, body FROM ${source} ORDER BY seq LIMIT ?`,
    ),
  );
  const countEntries = each((source) => db.prepare<Range, number>(`SELECT count(*) FROM ${source}`).pluck());
  const keys = db.prepare<[...Chain, number], WrappedKey>(
    `SELECT case_key AS caseKey, day_key AS dayKey, nonce, data FROM wrapped_keys WHERE ${WHERE} AND seq = ?`,
  );
  const dayKey = db.prepare<[string, string, string], SealedDayKey>(
    `SELECT day_key AS dayKey, district_key_id AS districtKeyId, enc, data FROM day_keys
    WHERE region = ? AND terminal = ? AND day_key = ?`,
  );
  const catalogue = catalogueFinder(db);
  const erasedAmong = erasedFinder(db);
  const erase = eraser(db);
  const insertDayKey = db.prepare(`INSERT INTO day_keys (region, terminal, day_key, district_key_id, enc, data)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const insertCase = db.prepare(`INSERT INTO cases
      (region, terminal, case_id, entry_id, receipt_number, item, accepted_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'accepted') ON CONFLICT DO NOTHING`);
  const caseEntry = db
    .prepare<[string, string, string], string>(
      'SELECT entry_id FROM cases WHERE region = ? AND terminal = ? AND case_id = ?',
    )
    .pluck();
  const setState = db.prepare(`UPDATE cases SET state = ?, state_incarnation = ?, state_seq = ?
    WHERE region = ? AND terminal = ? AND case_id = ? AND (state_incarnation, state_seq) <= (?, ?)`);
  const setRating = db.prepare(`UPDATE cases SET rating = ?, rated_by = ?
    WHERE region = ? AND terminal = ? AND case_id = ? AND coalesce(rated_by, ?) = ?`);
  const insertQuarantine = db.prepare(`INSERT INTO quarantine
      (region, terminal, incarnation, seq, fingerprint, found_by, code, waits_for, takes_place, hash, found_at)
    VALUES (?, ?, ?, ?, ?, 'intake', ?, ?, 0, ?, ?)
    ON CONFLICT DO UPDATE SET code = excluded.code, waits_for = excluded.waits_for, look_again = 0, resolved_at = NULL`);
  const resolve = db.prepare(`UPDATE quarantine SET resolved_at = ?, waits_for = NULL, look_again = 0
    WHERE ${WHERE} AND seq = ? AND found_by = 'intake' AND resolved_at IS NULL`);
  const lookAgain = db
    .prepare<[string, string, string], number>(
      `UPDATE quarantine SET look_again = 1 WHERE region = ? AND terminal = ? AND waits_for = ? RETURNING incarnation`,
    )
    .pluck();
  const setLookAgain = db.prepare<[0 | 1, ...Chain]>(`UPDATE heads SET look_again = ? WHERE ${WHERE}`);
  const lateFor = db.prepare<[string], { region: string; terminal: string; incarnation: number }>(
    `UPDATE quarantine SET look_again = 1 WHERE code = 'district-key' AND waits_for IN (SELECT value FROM json_each(?))
      AND look_again = 0 RETURNING region, terminal, incarnation`,
  );
  const advance = db.prepare(`UPDATE heads SET intake_seq = ? WHERE ${WHERE} AND intake_seq = ?`);

  const { find: material, ...materials } = materialReader(db);
  const nameMaterial = db.prepare(`INSERT INTO materials (region, terminal, incarnation, seq, hash, bytes)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);

  const refused = (code: IntakeCode, waitsFor: string | null = null): Applied => ({ is: 'refused', code, waitsFor });

  /** @returns `new` for a key or a case that wasn't there, `done`, or why the finding doesn't fit what is known. */
  function apply([region, terminal, incarnation]: Chain, { id, seq }: JournalEntry, finding: Finding): Applied {
    switch (finding.what) {
      case 'day-key': {
        const { dayKey, districtKeyId, enc, data } = finding.key;
        return insertDayKey.run(region, terminal, dayKey, districtKeyId, enc, data).changes === 1
          ? { is: 'new', brings: dayKey }
          : { is: 'done' };
      }
      case 'case': {
        const { receiptNumber, item, acceptedAt } = finding;
        const added = insertCase.run(region, terminal, finding.case, id, receiptNumber, item, acceptedAt);
        if (added.changes === 1) return { is: 'new', brings: finding.case };
        return caseEntry.get(region, terminal, finding.case) === id ? { is: 'done' } : refused('case-conflict');
      }
      case 'verification':
        setState.run(finding.state, incarnation, seq, region, terminal, finding.case, incarnation, seq);
        return caseEntry.get(region, terminal, finding.case) === undefined
          ? refused('no-case', finding.case)
          : { is: 'done' };
      case 'rating': {
        const set = setRating.run(finding.level, id, region, terminal, finding.case, id, id);
        if (set.changes === 1) return { is: 'done' };
        return caseEntry.get(region, terminal, finding.case) === undefined
          ? refused('no-case', finding.case)
          : refused('second-rating');
      }
      case 'erasure':
      case 'nothing':
        return { is: 'done' };
      case 'invalid':
        return refused(finding.code, 'waitsFor' in finding ? finding.waitsFor : null);
      default:
        return unreachable(finding);
    }
  }

  // Whose turn was last; after a start the turns begin anew.
  let turn = '';

  const next = db.transaction((limit: number): IntakeWork | null => {
    const chain = waiting.get(turn) ?? waiting.get('');
    if (!chain) return null;
    const { region, terminal, suite, incarnation, intakeSeq, contiguousSeq } = chain;
    turn = terminal;
    const look = chain.lookAgain === 1 ? 'again' : 'first';
    const after = look === 'again' ? 0 : intakeSeq;
    const rows = entries[look].all(region, terminal, incarnation, after, contiguousSeq, limit);
    const upTo = rows.length === limit ? (rows.at(-1)?.seq ?? contiguousSeq) : contiguousSeq;
    const cases = rows.filter(({ kind }) => kind === 'case').map(({ id }) => id);
    const erased = erasedAmong(region, terminal, cases);
    const found = rows.map((row) =>
      Object.assign(row, { keys: keys.all(region, terminal, incarnation, row.seq), isErased: erased.has(row.id) }),
    );
    return { look, region, terminal, suite, incarnation, after, upTo, entries: found };
  });

  const finish = db.transaction((work: IntakeWork, findings: readonly Finding[], now: Date): boolean => {
    const at = now.toISOString();
    const { look, region, terminal, incarnation, after, upTo } = work;
    const chain: Chain = [region, terminal, incarnation];
    // An entry that healed meanwhile is among those that this work would pass over.
    if (countEntries[look].get(...chain, after, upTo) !== work.entries.length) return false;
    // A version that came meanwhile found nothing of this that waits for it.
    if (unknownCatalogues(findings).some((version) => catalogue(version).found === 'package')) return false;
    // Nor one of a material.
    if (missingMaterials(findings).some((hash) => material(region, terminal, hash)?.isWhole)) return false;
    if (erasedAmong(region, terminal, unusableCases(work, findings)).size > 0) return false;
    if (look === 'first' && advance.run(upTo, ...chain, after).changes === 0) return false;
    const brought: string[] = [];
    for (const [i, entry] of work.entries.entries()) {
      const { seq, hash } = entry;
      const finding = findings[i] ?? { what: 'invalid', code: 'body' };
      for (const { hash: name, bytes } of finding.materials ?? []) nameMaterial.run(...chain, seq, name, bytes);
      const applied = apply(chain, entry, finding);
      if (applied.is === 'refused') {
        insertQuarantine.run(...chain, seq, hash, applied.code, applied.waitsFor, hash, at);
      } else resolve.run(at, ...chain, seq);
      if (applied.is === 'new') brought.push(applied.brings);
    }
    const erasures = orderedErasures(work, findings, now);
    erase(erasures);
    if (look === 'again' && countEntries.again.get(...chain, 0, Number.MAX_SAFE_INTEGER) === 0) {
      setLookAgain.run(0, ...chain);
    }
    // What came before the key or the case that it speaks of, in another incarnation for one, gets another look.
    const late = new Set(brought.flatMap((it) => lookAgain.all(region, terminal, it)));
    for (const each of late) setLookAgain.run(1, region, terminal, each);
    return true;
  });

  const lastErasure = db.prepare<[], number | null>('SELECT max(rowid) FROM erasures').pluck();
  // Whoever erased: a command may have been killed before it emptied the log, and so may the worker before this one.
  let emptiedUpTo = -1;
  function emptyLogOfErased(): void {
    const last = lastErasure.get() ?? 0;
    if (last !== emptiedUpTo && emptyLogNow(db)) emptiedUpTo = last;
  }

  const lookAgainFor = db.transaction((ids: readonly string[]) => {
    for (const late of lateFor.all(JSON.stringify(ids)))
      setLookAgain.run(1, late.region, late.terminal, late.incarnation);
  });

  return {
    ...materials,
    async next(limit) {
      const work = next(limit);
      // With nothing else to do; whoever is in the way now may not be when it is asked again.
      if (!work) emptyLogOfErased();
      return work;
    },
    dayKey: async (region, terminal, id) => dayKey.get(region, terminal, id) ?? null,
    catalogue: async (version) => catalogue(version),
    lookAgainFor: async (ids) => lookAgainFor.immediate(ids),
    finish: async (work, findings, at) => finish.immediate(work, findings, at),
  };
}
