import type { Database } from 'better-sqlite3';
import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { type EntryKind, WrappedKey } from '#contract/wire.ts';
import type { Finding, IntakeCode, IntakeStore, IntakeWork, SealedDayKey } from './store.ts';

type Applied = IntakeCode | 'new' | 'done';
type Chain = [region: string, terminal: string, incarnation: number];

/** What the intake worker reads and writes in SQLite. */
export function intakeTables(db: Database): Omit<IntakeStore, 'close' | 'pin'> {
  const WHERE = 'region = ? AND terminal = ? AND incarnation = ?';
  const waiting = db.prepare<
    [],
    { region: string; terminal: string; suite: Suite; incarnation: number; after: number; contiguousSeq: number }
  >(`SELECT heads.region, terminal, suite, incarnation, intake_seq AS after, contiguous_seq AS contiguousSeq
    FROM heads JOIN terminals ON terminals.id = heads.terminal
    WHERE intake_seq < contiguous_seq LIMIT 1`);
  const entries = db.prepare<
    [...Chain, number, number, number],
    { seq: number; id: string; kind: EntryKind; hash: string; body: Buffer }
  >(`SELECT seq, id, kind, hash, body FROM entries
    WHERE ${WHERE} AND seq > ? AND seq <= ? AND state = 'stored' ORDER BY seq LIMIT ?`);
  const countEntries = db
    .prepare<[...Chain, number, number], number>(
      `SELECT count(*) FROM entries WHERE ${WHERE} AND seq > ? AND seq <= ? AND state = 'stored'`,
    )
    .pluck();
  const keys = db.prepare<[...Chain, number], WrappedKey>(
    `SELECT case_key AS caseKey, day_key AS dayKey, nonce, data FROM wrapped_keys WHERE ${WHERE} AND seq = ?`,
  );
  const dayKey = db.prepare<[string, string, string], SealedDayKey>(
    `SELECT day_key AS dayKey, district_key_id AS districtKeyId, enc, data FROM day_keys
    WHERE region = ? AND terminal = ? AND day_key = ?`,
  );
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
  const setState = db.prepare('UPDATE cases SET state = ? WHERE region = ? AND terminal = ? AND case_id = ?');
  const setRating = db.prepare(`UPDATE cases SET rating = ?, rated_by = ?
    WHERE region = ? AND terminal = ? AND case_id = ? AND coalesce(rated_by, ?) = ?`);
  const insertQuarantine = db.prepare(`INSERT INTO quarantine
      (region, terminal, incarnation, seq, fingerprint, found_by, code, takes_place, hash, found_at)
    VALUES (?, ?, ?, ?, ?, 'intake', ?, 0, ?, ?)
    ON CONFLICT DO UPDATE SET code = excluded.code, resolved_at = NULL`);
  const resolve = db.prepare(
    `UPDATE quarantine SET resolved_at = ? WHERE ${WHERE} AND seq = ? AND found_by = 'intake' AND resolved_at IS NULL`,
  );
  const reopen = db.prepare(`UPDATE heads SET intake_seq = min(intake_seq, waiting.seq - 1)
    FROM (SELECT incarnation, min(seq) AS seq FROM quarantine
      WHERE region = @region AND terminal = @terminal AND incarnation <> @incarnation
        AND found_by = 'intake' AND code IN ('no-day-key', 'no-case') AND resolved_at IS NULL
      GROUP BY incarnation) AS waiting
    WHERE heads.region = @region AND heads.terminal = @terminal AND heads.incarnation = waiting.incarnation`);
  const advance = db.prepare(`UPDATE heads SET intake_seq = ? WHERE ${WHERE} AND intake_seq = ?`);

  /** @returns `new` for a key or a case that wasn't there, `done`, or why the finding doesn't fit what is known. */
  function apply(region: string, terminal: string, id: string, finding: Finding): Applied {
    switch (finding.what) {
      case 'day-key': {
        const { dayKey, districtKeyId, enc, data } = finding.key;
        return insertDayKey.run(region, terminal, dayKey, districtKeyId, enc, data).changes === 1 ? 'new' : 'done';
      }
      case 'case': {
        const { receiptNumber, item, acceptedAt } = finding;
        const added = insertCase.run(region, terminal, finding.case, id, receiptNumber, item, acceptedAt);
        if (added.changes === 1) return 'new';
        return caseEntry.get(region, terminal, finding.case) === id ? 'done' : 'case-conflict';
      }
      case 'verification':
        return setState.run(finding.state, region, terminal, finding.case).changes === 1 ? 'done' : 'no-case';
      case 'rating': {
        const set = setRating.run(finding.level, id, region, terminal, finding.case, id, id);
        if (set.changes === 1) return 'done';
        return caseEntry.get(region, terminal, finding.case) === undefined ? 'no-case' : 'second-rating';
      }
      case 'nothing':
        return 'done';
      case 'invalid':
        return finding.code;
      default:
        return unreachable(finding);
    }
  }

  const next = db.transaction((limit: number): IntakeWork | null => {
    const chain = waiting.get();
    if (!chain) return null;
    const { region, terminal, suite, incarnation, after, contiguousSeq } = chain;
    const rows = entries.all(region, terminal, incarnation, after, contiguousSeq, limit);
    const upTo = rows.length === limit ? (rows.at(-1)?.seq ?? contiguousSeq) : contiguousSeq;
    const found = rows.map((row) => Object.assign(row, { keys: keys.all(region, terminal, incarnation, row.seq) }));
    return { region, terminal, suite, incarnation, after, upTo, entries: found };
  });

  const finish = db.transaction((work: IntakeWork, findings: readonly Finding[], at: string): boolean => {
    const { region, terminal, incarnation } = work;
    const chain: Chain = [region, terminal, incarnation];
    // An entry that healed meanwhile is among those that this work would pass over.
    if (countEntries.get(...chain, work.after, work.upTo) !== work.entries.length) return false;
    if (advance.run(work.upTo, ...chain, work.after).changes === 0) return false;
    const applied = work.entries.map((entry, i) => {
      const result = apply(region, terminal, entry.id, findings[i] ?? { what: 'invalid', code: 'body' });
      if (result === 'done' || result === 'new') resolve.run(at, ...chain, entry.seq);
      else insertQuarantine.run(...chain, entry.seq, entry.hash, result, entry.hash, at);
      return result;
    });
    // What came in another incarnation, before the key or the case that it speaks of, gets another look.
    if (applied.includes('new')) reopen.run({ region, terminal, incarnation });
    return true;
  });

  return {
    next: async (limit) => next(limit),
    dayKey: async (region, terminal, id) => dayKey.get(region, terminal, id) ?? null,
    finish: async (work, findings, at) => finish.immediate(work, findings, at.toISOString()),
  };
}
