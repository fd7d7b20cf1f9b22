/** What becomes of the intake's findings in PostgreSQL. */
import { unreachable } from '#contract/result.ts';
import type { Run } from './postgres-connections.ts';
import { insertMany, transposed } from './postgres-statements.ts';
import type { Applied, Finding, IntakeCode, IntakeWork, JournalEntry } from './store.ts';

type FoundCase = Extract<Finding, { readonly what: 'case' }>;

const statements = {
  insertDayKey: {
    name: 'day-key-insert',
    text: `INSERT INTO day_keys (region, terminal, day_key, district_key_id, enc, data)
      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING day_key`,
  },
  insertCases: insertMany(
    'cases-insert',
    'cases',
    {
      case_id: 'text',
      entry_id: 'text',
      receipt_number: 'text',
      item: 'text',
      accepted_at: 'text',
      state: 'text',
    },
    'ON CONFLICT DO NOTHING RETURNING entry_id AS "entryId"',
  ),
  caseEntry: {
    name: 'case-entry',
    text: 'SELECT entry_id AS "entryId" FROM cases WHERE region = $1 AND terminal = $2 AND case_id = $3',
  },
  setState: {
    name: 'case-state',
    text: `UPDATE cases SET state = $4, state_incarnation = $5, state_seq = $6
      WHERE region = $1 AND terminal = $2 AND case_id = $3 AND (state_incarnation, state_seq) <= ($5::bigint, $6::bigint)`,
  },
  setRating: {
    name: 'case-rating',
    text: `UPDATE cases SET rating = $4, rated_by = $5
      WHERE region = $1 AND terminal = $2 AND case_id = $3 AND coalesce(rated_by, $5) = $5 RETURNING case_id`,
  },
} as const;

/** @returns what became of each, in the order of the entries. */
export async function applyAll(run: Run, work: IntakeWork, findings: readonly Finding[]): Promise<Applied[]> {
  const applied: Applied[] = [];
  while (applied.length < work.entries.length) {
    const cases = casesFrom(work, findings, applied.length);
    if (cases.length > 0) applied.push(...(await applyCases(run, work, cases)));
    else {
      const entry = work.entries[applied.length];
      const finding = findings[applied.length] ?? { what: 'invalid', code: 'body' };
      if (entry && finding.what !== 'case') applied.push(await apply(run, work, entry, finding));
    }
  }
  return applied;
}

interface CaseOfEntry {
  readonly entry: JournalEntry;
  readonly found: FoundCase;
}

/** The cases that follow each other from a place on. */
function casesFrom({ entries }: IntakeWork, findings: readonly Finding[], from: number): CaseOfEntry[] {
  const cases: CaseOfEntry[] = [];
  for (const [i, entry] of entries.slice(from).entries()) {
    const found = findings[from + i];
    if (found?.what !== 'case') break;
    cases.push({ entry, found });
  }
  return cases;
}

/** By one statement, since the terminal's own batches wait meanwhile. */
async function applyCases(
  run: Run,
  { region, terminal }: IntakeWork,
  cases: readonly CaseOfEntry[],
): Promise<Applied[]> {
  const rows = cases.map(({ entry, found: { case: id, receiptNumber, item, acceptedAt } }) => {
    return [id, entry.id, receiptNumber, item, acceptedAt, 'accepted'];
  });
  const values = [region, terminal, ...transposed(rows)];
  const added = new Set((await run<{ entryId: string }>(statements.insertCases, values)).map(({ entryId }) => entryId));
  const applied: Applied[] = [];
  for (const { entry, found } of cases) {
    // The same entry once more is none that was added.
    if (added.delete(entry.id)) applied.push({ is: 'new', brings: found.case });
    else if ((await entryOfCase(run, region, terminal, found.case)) === entry.id) applied.push({ is: 'done' });
    else applied.push(refused('case-conflict'));
  }
  return applied;
}

/** @returns `new` for a key or a case that wasn't there, `done`, or why the finding doesn't fit what is known. */
async function apply(
  run: Run,
  { region, terminal, incarnation }: IntakeWork,
  { id, seq }: JournalEntry,
  finding: Exclude<Finding, FoundCase>,
): Promise<Applied> {
  switch (finding.what) {
    case 'day-key': {
      const { dayKey, districtKeyId, enc, data } = finding.key;
      const added = await run(statements.insertDayKey, [region, terminal, dayKey, districtKeyId, enc, data]);
      return added.length === 1 ? { is: 'new', brings: dayKey } : { is: 'done' };
    }
    case 'verification': {
      await run(statements.setState, [region, terminal, finding.case, finding.state, incarnation, seq]);
      return (await entryOfCase(run, region, terminal, finding.case)) === undefined
        ? refused('no-case', finding.case)
        : { is: 'done' };
    }
    case 'rating': {
      const set = await run(statements.setRating, [region, terminal, finding.case, finding.level, id]);
      if (set.length === 1) return { is: 'done' };
      return (await entryOfCase(run, region, terminal, finding.case)) === undefined
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

function refused(code: IntakeCode, waitsFor: string | null = null): Applied {
  return { is: 'refused', code, waitsFor };
}

async function entryOfCase(run: Run, region: string, terminal: string, id: string): Promise<string | undefined> {
  return (await run<{ entryId: string }>(statements.caseEntry, [region, terminal, id]))[0]?.entryId;
}
