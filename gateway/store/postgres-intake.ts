import type { Suite } from '#contract/suite.ts';
import type { EntryKind, WrappedKey } from '#contract/wire.ts';
import { bodyOf } from './postgres-archive.ts';
import { findCatalogue, hasComeMeanwhile } from './postgres-catalogues.ts';
import type { Connections, Run, Transaction } from './postgres-connections.ts';
import { erasedAmong, eraseOf } from './postgres-erasures.ts';
import { applyAll } from './postgres-findings.ts';
import { materialReader } from './postgres-materials.ts';
import { HOLD_TERMINAL, insertMany, LOOK_AGAIN, transposed } from './postgres-statements.ts';
import {
  type Finding,
  type IntakeStore,
  type IntakeWork,
  missingMaterials,
  orderedErasures,
  type Pins,
  type SealedDayKey,
  unknownCatalogues,
  unusableCases,
} from './store.ts';

interface Waiting {
  readonly region: string;
  readonly suite: Suite;
  readonly incarnation: number;
  readonly lookAgain: boolean;
  readonly intakeSeq: number;
  readonly contiguousSeq: number;
}

interface EntryRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  readonly catalogue: string;
  readonly hash: string;
  readonly body: Buffer;
  readonly keys: WrappedKey[];
  readonly isErased: boolean;
}

const CHAIN = 'region = $1 AND terminal = $2 AND incarnation = $3';
const IN_RANGE = `${CHAIN} AND seq > $4 AND seq <= $5`;

/** Of what is in quarantine: it waits for keys $1 of the district. */
const LATE = `code = 'district-key' AND waits_for = ANY ($1::text[]) AND NOT look_again`;

/** What is looked at: from the index of what is to be looked at again, however long the chain is. */
const SOURCES = {
  first: `(SELECT * FROM entries WHERE ${IN_RANGE} AND state = 'stored') AS e`,
  again: `(SELECT region, terminal, incarnation, seq, hash FROM quarantine WHERE ${IN_RANGE} AND look_again) AS q
    JOIN (SELECT region, terminal, incarnation, seq, id, kind, catalogue, hash, body, archived_in FROM entries WHERE state = 'stored') AS e
    USING (region, terminal, incarnation, seq, hash)`,
};

const entriesOf = (look: keyof typeof SOURCES) => ({
  name: `intake-entries-${look}`,
  text: `SELECT seq, id, kind, catalogue, hash, ${bodyOf('e')} AS body, (
      SELECT coalesce(json_agg(json_build_object('caseKey', case_key, 'dayKey', day_key, 'nonce', nonce, 'data', data)), '[]')
      FROM wrapped_keys k WHERE k.region = e.region AND k.terminal = e.terminal AND k.incarnation = e.incarnation
        AND k.seq = e.seq) AS keys,
      kind = 'case' AND EXISTS (SELECT FROM erasures x WHERE x.region = e.region AND x.terminal = e.terminal
        AND x.entry_id = e.id COLLATE "C") AS "isErased"
    FROM ${SOURCES[look]} ORDER BY seq LIMIT $6`,
});
const countOf = (look: keyof typeof SOURCES) => ({
  name: `intake-count-${look}`,
  text: `SELECT count(*) AS entries FROM ${SOURCES[look]}`,
});

const statements = {
  // Whole terminals: what one of its incarnations brings may be what another waits for.
  claim: {
    name: 'intake-claim',
    text: `SELECT turn.terminal FROM heads JOIN intake_turns turn USING (terminal)
      WHERE terminal > $1 AND (look_again OR intake_seq < contiguous_seq)
      ORDER BY terminal LIMIT 1 FOR UPDATE OF turn SKIP LOCKED`,
  },
  waiting: {
    name: 'intake-waiting',
    text: `SELECT heads.region, suite, incarnation, look_again AS "lookAgain", intake_seq AS "intakeSeq",
        contiguous_seq AS "contiguousSeq"
      FROM heads JOIN terminals ON terminals.id = heads.terminal
      WHERE terminal = $1 AND (look_again OR intake_seq < contiguous_seq) ORDER BY incarnation LIMIT 1`,
  },
  entries: { first: entriesOf('first'), again: entriesOf('again') },
  countEntries: { first: countOf('first'), again: countOf('again') },
  dayKey: {
    name: 'day-key',
    text: `SELECT day_key AS "dayKey", district_key_id AS "districtKeyId", enc, data FROM day_keys
      WHERE region = $1 AND terminal = $2 AND day_key = $3`,
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
      waits_for: 'text',
      takes_place: 'boolean',
      hash: 'text',
      found_at: 'timestamptz',
    },
    `ON CONFLICT (region, terminal, incarnation, seq, fingerprint)
      DO UPDATE SET code = excluded.code, waits_for = excluded.waits_for, look_again = false, resolved_at = NULL`,
  ),
  nameMaterials: insertMany(
    'materials-name',
    'materials',
    { incarnation: 'bigint', seq: 'bigint', hash: 'text', bytes: 'bigint' },
    'ON CONFLICT DO NOTHING',
  ),
  wholeMaterials: {
    name: 'materials-whole',
    text: 'SELECT FROM materials WHERE region = $1 AND terminal = $2 AND hash = ANY ($3::text[]) AND whole',
  },
  resolve: {
    name: 'quarantine-resolve',
    text: `UPDATE quarantine SET resolved_at = $5, waits_for = NULL, look_again = false
      WHERE ${CHAIN} AND seq = ANY ($4::bigint[]) AND found_by = 'intake' AND resolved_at IS NULL`,
  },
  // In one order, before their heads are written, as everyone else does.
  holdLate: {
    name: 'intake-hold-late',
    text: `SELECT id FROM terminals WHERE id IN (SELECT terminal FROM quarantine WHERE ${LATE}) ORDER BY id FOR NO KEY UPDATE`,
  },
  lookAgainFor: {
    name: 'intake-look-again-for',
    text: `WITH late AS (UPDATE quarantine SET look_again = true WHERE ${LATE} RETURNING region, terminal, incarnation)
      UPDATE heads SET look_again = true FROM (SELECT DISTINCT * FROM late) AS late
      WHERE heads.region = late.region AND heads.terminal = late.terminal AND heads.incarnation = late.incarnation`,
  },
  lookedAgain: { name: 'intake-looked-again', text: `UPDATE heads SET look_again = false WHERE ${CHAIN}` },
  advance: {
    name: 'intake-advance',
    text: `UPDATE heads SET intake_seq = $5 WHERE ${CHAIN} AND intake_seq = $4 RETURNING incarnation`,
  },
} as const;

/** What the intake worker reads and writes in PostgreSQL. Its work is a transaction that stays open until it is finished. */
export function intakeTables({ run, begin, transaction }: Connections): Omit<IntakeStore, keyof Pins> {
  let taken: { readonly work: IntakeWork; readonly transaction: Transaction } | null = null;
  // Whose turn was last; after a start the turns begin anew.
  let turn = '';

  async function letGo(): Promise<void> {
    await taken?.transaction.rollback();
    taken = null;
  }

  async function next(limit: number): Promise<IntakeWork | null> {
    await letGo();
    const transaction = await begin();
    try {
      const work = await claim(transaction.run, turn, limit);
      if (work) taken = { work, transaction };
      else await transaction.rollback();
      turn = work?.terminal ?? turn;
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
    ...materialReader(run),
    next,
    dayKey: async (region, terminal, id) =>
      (await run<SealedDayKey>(statements.dayKey, [region, terminal, id]))[0] ?? null,
    catalogue: (version) => findCatalogue(run, version),
    lookAgainFor: (ids) =>
      transaction(async (within) => {
        await within(statements.holdLate, [ids]);
        await within(statements.lookAgainFor, [ids]);
      }),
    finish,
    close: letGo,
  };
}

/** @param start the terminal whose turn was last */
async function claim(run: Run, start: string, limit: number): Promise<IntakeWork | null> {
  for (let from = start; ; ) {
    const [turn] = await run<{ terminal: string }>(statements.claim, [from]);
    if (!turn && from === '') return null;
    from = turn?.terminal ?? '';
    if (!turn) continue;
    const { terminal } = turn;
    // Read only now: just before this turn, another worker may have finished all that there was.
    const [waiting] = await run<Waiting>(statements.waiting, [terminal]);
    if (!waiting) continue;
    const { region, suite, incarnation, intakeSeq, contiguousSeq } = waiting;
    const look = waiting.lookAgain ? 'again' : 'first';
    const after = look === 'again' ? 0 : intakeSeq;
    const range = [region, terminal, incarnation, after, contiguousSeq];
    const entries = await run<EntryRow>(statements.entries[look], [...range, limit]);
    const upTo = entries.length === limit ? (entries.at(-1)?.seq ?? contiguousSeq) : contiguousSeq;
    return { look, region, terminal, suite, incarnation, after, upTo, entries };
  }
}

/** @returns false when the entries are not those of the work any more, or were seen. */
async function writeFindings(run: Run, work: IntakeWork, findings: readonly Finding[], at: Date): Promise<boolean> {
  const { look, region, terminal, after, upTo } = work;
  const chain = [region, terminal, work.incarnation];
  // A version that came meanwhile found nothing of this that waits for it.
  const unknown = unknownCatalogues(findings);
  if (unknown.length > 0 && (await hasComeMeanwhile(run, unknown))) return false;
  await run(HOLD_TERMINAL, [terminal]);
  // Nor one of a material.
  const missing = missingMaterials(findings);
  if (missing.length > 0 && (await run(statements.wholeMaterials, [region, terminal, missing])).length > 0)
    return false;
  const count = async (...range: [after: number, upTo: number]) =>
    (await run<{ entries: number }>(statements.countEntries[look], [...chain, ...range]))[0]?.entries;
  if ((await count(after, upTo)) !== work.entries.length) return false;
  const unusable = unusableCases(work, findings);
  if (unusable.length > 0 && (await erasedAmong(run, region, terminal, unusable)).size > 0) return false;
  if (look === 'first' && (await run(statements.advance, [...chain, after, upTo])).length === 0) return false;
  const good: number[] = [];
  const bad: unknown[][] = [];
  const brought: string[] = [];
  const named = work.entries.flatMap(({ seq }, i) =>
    (findings[i]?.materials ?? []).map(({ hash, bytes }) => [work.incarnation, seq, hash, bytes]),
  );
  if (named.length > 0) await run(statements.nameMaterials, [region, terminal, ...transposed(named)]);
  const applied = await applyAll(run, work, findings);
  for (const [i, { seq, hash }] of work.entries.entries()) {
    const one = applied[i];
    if (one?.is === 'refused') {
      bad.push([work.incarnation, seq, hash, 'intake', one.code, one.waitsFor, false, hash, at]);
    } else good.push(seq);
    if (one?.is === 'new') brought.push(one.brings);
  }
  await run(statements.resolve, [...chain, good, at]);
  if (bad.length > 0) await run(statements.insertQuarantine, [region, terminal, ...transposed(bad)]);
  const erasures = orderedErasures(work, findings, at);
  if (erasures.length > 0) await eraseOf(run, [region, terminal], erasures);
  if (look === 'again' && (await count(0, Number.MAX_SAFE_INTEGER)) === 0) await run(statements.lookedAgain, chain);
  // What came before the key or the case that it speaks of, in another incarnation for one, gets another look.
  if (brought.length > 0) await run(LOOK_AGAIN, [region, terminal, brought]);
  return true;
}
