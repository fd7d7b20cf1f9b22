import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import type { EntryKind, WrappedKey } from '#contract/wire.ts';
import type { Connections, Run, Transaction } from './postgres-connections.ts';
import { HOLD_TERMINAL, insertMany, transposed } from './postgres-statements.ts';
import type { Finding, IntakeCode, IntakeStore, IntakeWork, SealedDayKey } from './store.ts';

type Applied = IntakeCode | 'new' | 'done';

interface Waiting {
  readonly region: string;
  readonly suite: Suite;
  readonly incarnation: number;
  readonly after: number;
  readonly contiguousSeq: number;
}

interface EntryRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  readonly hash: string;
  readonly body: Buffer;
  readonly keys: WrappedKey[];
}

const CHAIN = 'region = $1 AND terminal = $2 AND incarnation = $3';

const statements = {
  // Whole terminals: what one of its incarnations brings may be what another waits for.
  claim: {
    name: 'intake-claim',
    text: `SELECT turn.terminal FROM heads JOIN intake_turns turn USING (terminal)
      WHERE intake_seq < contiguous_seq LIMIT 1 FOR UPDATE OF turn SKIP LOCKED`,
  },
  waiting: {
    name: 'intake-waiting',
    text: `SELECT heads.region, suite, incarnation, intake_seq AS after, contiguous_seq AS "contiguousSeq"
      FROM heads JOIN terminals ON terminals.id = heads.terminal
      WHERE terminal = $1 AND intake_seq < contiguous_seq ORDER BY incarnation LIMIT 1`,
  },
  entries: {
    name: 'intake-entries',
    text: `SELECT seq, id, kind, hash, body, (
        SELECT coalesce(json_agg(json_build_object('caseKey', case_key, 'dayKey', day_key, 'nonce', nonce, 'data', data)), '[]')
        FROM wrapped_keys k WHERE k.region = e.region AND k.terminal = e.terminal AND k.incarnation = e.incarnation
          AND k.seq = e.seq) AS keys
      FROM entries e WHERE ${CHAIN} AND seq > $4 AND seq <= $5 AND state = 'stored' ORDER BY seq LIMIT $6`,
  },
  countEntries: {
    name: 'intake-count',
    text: `SELECT count(*) AS entries FROM entries WHERE ${CHAIN} AND seq > $4 AND seq <= $5 AND state = 'stored'`,
  },
  dayKey: {
    name: 'day-key',
    text: `SELECT day_key AS "dayKey", district_key_id AS "districtKeyId", enc, data FROM day_keys
      WHERE region = $1 AND terminal = $2 AND day_key = $3`,
  },
  insertDayKey: {
    name: 'day-key-insert',
    text: `INSERT INTO day_keys (region, terminal, day_key, district_key_id, enc, data)
      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING day_key`,
  },
  insertCase: {
    name: 'case-insert',
    text: `INSERT INTO cases (region, terminal, case_id, entry_id, receipt_number, item, accepted_at, state)
      VALUES ($1, $2, $3, $4, $5, $6, $7, 'accepted') ON CONFLICT DO NOTHING RETURNING case_id`,
  },
  caseEntry: {
    name: 'case-entry',
    text: 'SELECT entry_id AS "entryId" FROM cases WHERE region = $1 AND terminal = $2 AND case_id = $3',
  },
  setState: {
    name: 'case-state',
    text: `UPDATE cases SET state = $4 WHERE region = $1 AND terminal = $2 AND case_id = $3 RETURNING case_id`,
  },
  setRating: {
    name: 'case-rating',
    text: `UPDATE cases SET rating = $4, rated_by = $5
      WHERE region = $1 AND terminal = $2 AND case_id = $3 AND coalesce(rated_by, $5) = $5 RETURNING case_id`,
  },
  insertQuarantine: insertMany(
    'intake-quarantine',
    'quarantine',
    {
      incarnation: 'bigint',
      seq: 'bigint',
      fingerprint: 'text',
      found_by: 'text',
      code: 'text',
      takes_place: 'boolean',
      hash: 'text',
      found_at: 'timestamptz',
    },
    `ON CONFLICT (region, terminal, incarnation, seq, fingerprint)
      DO UPDATE SET code = excluded.code, resolved_at = NULL`,
  ),
  resolve: {
    name: 'quarantine-resolve',
    text: `UPDATE quarantine SET resolved_at = $5
      WHERE ${CHAIN} AND seq = ANY ($4::bigint[]) AND found_by = 'intake' AND resolved_at IS NULL`,
  },
  reopen: {
    name: 'intake-reopen',
    text: `UPDATE heads SET intake_seq = least(intake_seq, waiting.seq - 1)
      FROM (SELECT incarnation, min(seq) AS seq FROM quarantine
        WHERE region = $1 AND terminal = $2 AND incarnation <> $3
          AND found_by = 'intake' AND code IN ('no-day-key', 'no-case') AND resolved_at IS NULL
        GROUP BY incarnation) AS waiting
      WHERE region = $1 AND terminal = $2 AND heads.incarnation = waiting.incarnation`,
  },
  advance: {
    name: 'intake-advance',
    text: `UPDATE heads SET intake_seq = $5 WHERE ${CHAIN} AND intake_seq = $4 RETURNING incarnation`,
  },
} as const;

/** What the intake worker reads and writes in PostgreSQL. Its work is a transaction that stays open until it is finished. */
export function intakeTables({ run, begin }: Connections): Omit<IntakeStore, 'pin'> {
  let taken: { readonly work: IntakeWork; readonly transaction: Transaction } | null = null;

  async function letGo(): Promise<void> {
    await taken?.transaction.rollback();
    taken = null;
  }

  async function next(limit: number): Promise<IntakeWork | null> {
    await letGo();
    const transaction = await begin();
    try {
      const work = await claim(transaction.run, limit);
      if (work) taken = { work, transaction };
      else await transaction.rollback();
      return work;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async function finish(work: IntakeWork, findings: readonly Finding[], at: Date): Promise<boolean> {
    if (taken?.work !== work) return false;
    const { transaction } = taken;
    taken = null;
    try {
      if (await writeFindings(transaction.run, work, findings, at)) {
        await transaction.commit();
        return true;
      }
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
    await transaction.rollback();
    return false;
  }

  return {
    next,
    dayKey: async (region, terminal, id) =>
      (await run<SealedDayKey>(statements.dayKey, [region, terminal, id]))[0] ?? null,
    finish,
    close: letGo,
  };
}

async function claim(run: Run, limit: number): Promise<IntakeWork | null> {
  for (;;) {
    const [turn] = await run<{ terminal: string }>(statements.claim, []);
    if (!turn) return null;
    const { terminal } = turn;
    // Read only now: just before this turn, another worker may have finished all that there was.
    const [waiting] = await run<Waiting>(statements.waiting, [terminal]);
    if (!waiting) continue;
    const { region, suite, incarnation, after, contiguousSeq } = waiting;
    const range = [region, terminal, incarnation, after, contiguousSeq];
    const entries = await run<EntryRow>(statements.entries, [...range, limit]);
    const upTo = entries.length === limit ? (entries.at(-1)?.seq ?? contiguousSeq) : contiguousSeq;
    return { region, terminal, suite, incarnation, after, upTo, entries };
  }
}

/** @returns false when the entries are not those of the work any more, or were seen. */
async function writeFindings(run: Run, work: IntakeWork, findings: readonly Finding[], at: Date): Promise<boolean> {
  const { region, terminal, after, upTo } = work;
  const chain = [region, terminal, work.incarnation];
  await run(HOLD_TERMINAL, [terminal]);
  const [found] = await run<{ entries: number }>(statements.countEntries, [...chain, after, upTo]);
  if (found?.entries !== work.entries.length) return false;
  if ((await run(statements.advance, [...chain, after, upTo])).length === 0) return false;
  const good: number[] = [];
  const bad: unknown[][] = [];
  let isNew = false;
  for (const [i, { seq, id, hash }] of work.entries.entries()) {
    const applied = await apply(run, region, terminal, id, findings[i] ?? { what: 'invalid', code: 'body' });
    isNew ||= applied === 'new';
    if (applied === 'done' || applied === 'new') good.push(seq);
    else bad.push([work.incarnation, seq, hash, 'intake', applied, false, hash, at]);
  }
  await run(statements.resolve, [...chain, good, at]);
  if (bad.length > 0) await run(statements.insertQuarantine, [region, terminal, ...transposed(bad)]);
  // What came in another incarnation, before the key or the case that it speaks of, gets another look.
  if (isNew) await run(statements.reopen, chain);
  return true;
}

/** @returns `new` for a key or a case that wasn't there, `done`, or why the finding doesn't fit what is known. */
async function apply(run: Run, region: string, terminal: string, id: string, finding: Finding): Promise<Applied> {
  switch (finding.what) {
    case 'day-key': {
      const { dayKey, districtKeyId, enc, data } = finding.key;
      const added = await run(statements.insertDayKey, [region, terminal, dayKey, districtKeyId, enc, data]);
      return added.length === 1 ? 'new' : 'done';
    }
    case 'case': {
      const { receiptNumber, item, acceptedAt } = finding;
      const values = [region, terminal, finding.case, id, receiptNumber, item, acceptedAt];
      if ((await run(statements.insertCase, values)).length === 1) return 'new';
      return (await entryOfCase(run, region, terminal, finding.case)) === id ? 'done' : 'case-conflict';
    }
    case 'verification': {
      const set = await run(statements.setState, [region, terminal, finding.case, finding.state]);
      return set.length === 1 ? 'done' : 'no-case';
    }
    case 'rating': {
      const set = await run(statements.setRating, [region, terminal, finding.case, finding.level, id]);
      if (set.length === 1) return 'done';
      return (await entryOfCase(run, region, terminal, finding.case)) === undefined ? 'no-case' : 'second-rating';
    }
    case 'nothing':
      return 'done';
    case 'invalid':
      return finding.code;
    default:
      return unreachable(finding);
  }
}

async function entryOfCase(run: Run, region: string, terminal: string, id: string): Promise<string | undefined> {
  return (await run<{ entryId: string }>(statements.caseEntry, [region, terminal, id]))[0]?.entryId;
}
