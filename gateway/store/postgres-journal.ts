import type { EntryAnswer, WrappedKey } from '#contract/wire.ts';
import { type CheckedEntry, claimedId, type FitEntry, keptText, sha256 } from '../journal/entry.ts';
import { following, HOLES_WINDOW, holesBetween } from '../journal/holes.ts';
import {
  carriedOver,
  type Decision,
  EMPTY_HEAD,
  type Head,
  judge,
  type Place,
  placesNeeded,
  repeated,
  tornHash,
} from '../journal/judge.ts';
import type { Connections, Run } from './postgres-connections.ts';
import { insertKeys, insertUnfit } from './postgres-erasures.ts';
import { HOLD_TERMINAL, insertMany, transposed } from './postgres-statements.ts';
import type { ChainCursor, GatewayStore } from './store.ts';

/** One incarnation's part of a batch, what was known before it and what was decided. */
interface Judged {
  readonly incarnation: number;
  readonly known: ReadonlyMap<number, Place>;
  readonly decision: Decision;
}

interface PlaceRow {
  seq: number;
  state: 'stored' | 'broken' | 'unfit';
  hash: string;
  prevHash: string;
  computedHash: string | null;
}

/** A held entry whose link turned out to be broken. */
interface TornRow {
  incarnation: number;
  seq: number;
  id: string;
}

type CursorRow = { epoch: string } & (
  | { incarnation: number; contiguousSeq: number; headHash: string; isTorn: boolean; taken: string[] }
  | { incarnation: null }
);

const CHAIN = 'region = $1 AND terminal = $2 AND incarnation = $3';
/** Places beyond the head that are read at once. */
const PORTION = 2000;

// LIMIT keeps the look-up of each place by itself: without statistics PostgreSQL would read the whole chain and compare.
const placesAt = `
  SELECT place.* FROM unnest($4::bigint[]) AS asked (seq), LATERAL (
    SELECT seq, state, hash, prev_hash AS "prevHash", NULL AS "computedHash" FROM entries e
    WHERE ${CHAIN} AND e.seq = asked.seq LIMIT 1) AS place
  UNION ALL
  SELECT place.* FROM unnest($4::bigint[]) AS asked (seq), LATERAL (
    SELECT seq, 'unfit', hash, '', computed_hash FROM quarantine q
    WHERE ${CHAIN} AND q.seq = asked.seq AND takes_place LIMIT 1) AS place`;
// A limit for each table: around both PostgreSQL would read and sort all that is held.
const placesFrom = `
  (SELECT seq, state, hash, prev_hash AS "prevHash", NULL AS "computedHash" FROM entries
    WHERE ${CHAIN} AND seq >= $4 ORDER BY seq LIMIT ${PORTION})
  UNION ALL
  (SELECT seq, 'unfit', hash, '', computed_hash FROM quarantine
    WHERE ${CHAIN} AND seq >= $4 AND takes_place ORDER BY seq LIMIT ${PORTION})
  ORDER BY seq LIMIT ${PORTION}`;

// One statement sees one moment: epoch, head and the places beyond it belong together.
const cursorOf = (name: string, incarnation: string) => ({
  name,
  text: `SELECT facts.value AS epoch, chain.* FROM facts LEFT JOIN LATERAL (
    SELECT incarnation, contiguous_seq AS "contiguousSeq", head_hash AS "headHash", EXISTS (
      SELECT FROM entries b WHERE b.region = $1 AND b.terminal = $2
        AND b.incarnation = h.incarnation AND b.state = 'broken') AS "isTorn", ARRAY (
      (SELECT seq FROM entries e WHERE e.region = $1 AND e.terminal = $2
        AND e.incarnation = h.incarnation AND seq > h.contiguous_seq ORDER BY seq LIMIT ${HOLES_WINDOW})
      UNION ALL
      (SELECT seq FROM quarantine q WHERE q.region = $1 AND q.terminal = $2
        AND q.incarnation = h.incarnation AND seq > h.contiguous_seq AND takes_place ORDER BY seq LIMIT ${HOLES_WINDOW})
      ORDER BY seq LIMIT ${HOLES_WINDOW}) AS taken
    FROM heads h WHERE region = $1 AND terminal = $2 ${incarnation}
    ORDER BY incarnation DESC LIMIT 1) AS chain ON true WHERE facts.name = 'epoch'`,
});
// Apart, so that the server can keep their plans.
const cursorOfOne = cursorOf('cursor', 'AND incarnation = $3');
const cursorOfNewest = cursorOf('cursor-newest', '');

const statements = {
  heads: {
    name: 'heads',
    text: `SELECT incarnation, contiguous_seq AS "contiguousSeq", head_hash AS "headHash",
        computed_hash AS "computedHash", max_seq AS "maxSeq"
      FROM heads WHERE region = $1 AND terminal = $2 AND incarnation = ANY ($3::bigint[])`,
  },
  placesAt: { name: 'places-at', text: placesAt },
  placesFrom: { name: 'places-from', text: placesFrom },
  insertEntries: insertMany('insert-entries', 'entries', {
    incarnation: 'bigint',
    seq: 'bigint',
    state: 'text',
    id: 'text',
    kind: 'text',
    catalogue: 'text',
    body: 'bytea',
    body_hash: 'text',
    prev_hash: 'text',
    hash: 'text',
    wall: 'text',
    monotonic_ms: 'bigint',
    boot: 'text',
    server_offset_ms: 'bigint',
    received_at: 'timestamptz',
  }),
  insertKeys,
  insertUnfit,
  breakEntries: {
    name: 'break-entries',
    text: `UPDATE entries SET state = 'broken' FROM unnest($3::bigint[], $4::bigint[]) AS held (incarnation, seq)
      WHERE region = $1 AND terminal = $2 AND entries.incarnation = held.incarnation AND entries.seq = held.seq
      RETURNING entries.incarnation, entries.seq, id`,
  },
  yieldPlaces: {
    name: 'yield-places',
    text: `UPDATE quarantine SET takes_place = false
      FROM unnest($3::bigint[], $4::bigint[]) AS healed (incarnation, seq)
      WHERE region = $1 AND terminal = $2 AND quarantine.incarnation = healed.incarnation
        AND quarantine.seq = healed.seq AND takes_place`,
  },
  saveHeads: insertMany(
    'save-heads',
    'heads',
    {
      incarnation: 'bigint',
      contiguous_seq: 'bigint',
      head_hash: 'text',
      computed_hash: 'text',
      max_seq: 'bigint',
    },
    `ON CONFLICT (region, terminal, incarnation) DO UPDATE SET contiguous_seq = excluded.contiguous_seq,
      head_hash = excluded.head_hash, computed_hash = excluded.computed_hash, max_seq = excluded.max_seq`,
  ),
  rewindIntake: {
    name: 'rewind-intake',
    text: `UPDATE heads SET intake_seq = least(intake_seq, healed.seq - 1)
      FROM (SELECT incarnation, min(seq) AS seq FROM unnest($3::bigint[], $4::bigint[]) AS u (incarnation, seq)
        GROUP BY incarnation) AS healed
      WHERE region = $1 AND terminal = $2 AND heads.incarnation = healed.incarnation`,
  },
  settle: {
    name: 'settle',
    text: `UPDATE quarantine SET resolved_at = $4
      WHERE region = $1 AND terminal = $2 AND entry_id = ANY ($3::text[]) AND found_by = 'gateway' AND resolved_at IS NULL`,
  },
  // What the intake could not use and the terminal sends once more is looked at once more.
  lookAgain: {
    name: 'look-again',
    text: `WITH again AS (UPDATE quarantine SET look_again = true
        FROM unnest($3::bigint[], $4::bigint[]) AS given (incarnation, seq)
        WHERE region = $1 AND terminal = $2 AND quarantine.incarnation = given.incarnation AND quarantine.seq = given.seq
          AND found_by = 'intake' AND resolved_at IS NULL RETURNING quarantine.incarnation)
      UPDATE heads SET look_again = true
      WHERE region = $1 AND terminal = $2 AND incarnation IN (SELECT incarnation FROM again)`,
  },
  epoch: { name: 'epoch', text: "SELECT value FROM facts WHERE name = 'epoch'" },
} as const;

/** Entries, wrapped keys, quarantine and heads in PostgreSQL; a statement writes all that a batch brings to one table. */
export function journalTables({ run, transaction }: Connections): Pick<GatewayStore, 'append' | 'cursor' | 'epoch'> {
  return {
    append: (terminal, items, at) =>
      transaction(async (run) => {
        const owner = [terminal.region, terminal.id] as const;
        // By itself, and before anything is read: a statement sees what was there when it began, so one that waited
        // for the other gateway and read the heads as well would read them as they were before.
        const [held] = await run(HOLD_TERMINAL, [terminal.id]);
        if (!held) throw new Error('this terminal is not registered in this store');
        const groups = [...Map.groupBy(items, (item) => item.incarnation)];
        const heads = await run<Head & { incarnation: number }>(statements.heads, [
          ...owner,
          groups.map(([incarnation]) => incarnation),
        ]);
        const judged: Judged[] = [];
        const answers = new Map<CheckedEntry, EntryAnswer>();
        for (const [incarnation, group] of groups) {
          const head = heads.find((row) => row.incarnation === incarnation) ?? EMPTY_HEAD;
          const known = await knownPlaces(run, [...owner, incarnation], head, group);
          const decision = judge(head, known, group);
          judged.push({ incarnation, known, decision });
          for (const [i, item] of group.entries()) {
            const answer = decision.answers[i];
            if (answer) answers.set(item, answer);
          }
        }
        await write(run, owner, judged, at);
        return items.flatMap((item) => answers.get(item) ?? []);
      }),
    async cursor(terminal, asked): Promise<ChainCursor> {
      const owner = [terminal.region, terminal.id];
      const asking =
        asked === null ? run<CursorRow>(cursorOfNewest, owner) : run<CursorRow>(cursorOfOne, [...owner, asked]);
      const [row] = await asking;
      if (!row) throw new Error('the store has no epoch');
      if (row.incarnation === null) {
        const { contiguousSeq, headHash } = EMPTY_HEAD;
        return { epoch: row.epoch, incarnation: asked ?? 1, contiguousSeq, headHash, holes: [] };
      }
      const { epoch, incarnation, contiguousSeq, isTorn, taken } = row;
      const headHash = isTorn ? tornHash(row.headHash) : row.headHash;
      return { epoch, incarnation, contiguousSeq, headHash, holes: holesBetween(contiguousSeq, taken.map(Number)) };
    },
    async epoch() {
      const [row] = await run<{ value: string }>(statements.epoch, []);
      if (!row) throw new Error('the store has no epoch');
      return row.value;
    },
  };
}

async function knownPlaces(
  run: Run,
  chain: readonly [region: string, terminal: string, incarnation: number],
  head: Head,
  items: readonly CheckedEntry[],
): Promise<Map<number, Place>> {
  const { seqs, from } = placesNeeded(head, items);
  // Neither is so with a batch that goes on where the last one ended.
  const rows = seqs.size === 0 ? [] : await run<PlaceRow>(statements.placesAt, [...chain, [...seqs]]);
  const places = new Map(rows.map((row) => [row.seq, toPlace(row)]));
  const given = new Set(items.map(({ seq }) => seq));
  for (let next = from; next !== null; ) {
    const portion = await run<PlaceRow>(statements.placesFrom, [...chain, next]);
    const joined = [...following(next, portion, given)];
    for (const row of joined) places.set(row.seq, toPlace(row));
    const last = joined.at(-1);
    next = joined.length === PORTION && last ? last.seq + 1 : null;
  }
  return places;
}

function toPlace({ state, hash, prevHash, computedHash }: PlaceRow): Place {
  return state === 'unfit' ? { state, hash, computedHash } : { state, hash, prevHash };
}

async function write(
  run: Run,
  owner: readonly [region: string, terminal: string],
  judged: readonly Judged[],
  at: Date,
): Promise<void> {
  const inserted = judged.flatMap(({ incarnation, decision }) =>
    decision.insert.map(({ item, state }) => [incarnation, item.seq, state, ...columns(item), at]),
  );
  const keys = judged.flatMap(({ incarnation, decision }) =>
    decision.insert.flatMap(({ item }) =>
      keptKeys(item).map((key) => [incarnation, item.seq, item.entry.id, key.caseKey, key.dayKey, key.nonce, key.data]),
    ),
  );
  const broken = judged.flatMap(({ incarnation, decision }) => decision.breakHeld.map((seq) => [incarnation, seq]));
  const healed = judged.flatMap(({ incarnation, decision }) => decision.healed.map((seq) => [incarnation, seq]));
  const again = judged.flatMap(({ incarnation, decision }) => repeated(decision).map((seq) => [incarnation, seq]));
  const heads = judged.map(({ incarnation, decision: { head } }) => [
    incarnation,
    head.contiguousSeq,
    head.headHash,
    head.computedHash,
    head.maxSeq,
  ]);

  const writeAll = async <Row extends object>(
    statement: (typeof statements)[keyof typeof statements],
    rows: readonly unknown[][],
  ) => (rows.length === 0 ? [] : run<Row>(statement, [...owner, ...transposed(rows)]));
  // Under the terminal's lock no place that was free can be taken; if one is, this fails, and nothing of this batch is acknowledged.
  await writeAll(statements.insertEntries, inserted);
  await writeAll(statements.insertKeys, keys);
  const torn = await writeAll<TornRow>(statements.breakEntries, broken);
  const quarantined = judged.flatMap((part) => quarantineRows(part, torn, at));
  await writeAll(statements.insertUnfit, quarantined);
  await writeAll(statements.yieldPlaces, healed);
  await writeAll(statements.saveHeads, heads);
  await writeAll(statements.rewindIntake, healed);
  await writeAll(statements.lookAgain, again);
  const arrived = judged.flatMap(({ incarnation, decision }) => carriedOver(incarnation, decision));
  if (arrived.length > 0) await run(statements.settle, [...owner, arrived, at]);
}

/** Only a case has a personal part. */
function keptKeys({ entry: { kind, keys } }: FitEntry): FitEntry['entry']['keys'] {
  return kind === 'case' ? keys.filter((key, i) => keys.findIndex((one) => isSameKey(one, key)) === i) : [];
}

function isSameKey(a: WrappedKey, b: WrappedKey): boolean {
  return a.caseKey === b.caseKey && a.dayKey === b.dayKey;
}

function quarantineRows({ incarnation, known, decision }: Judged, torn: readonly TornRow[], at: Date): unknown[][] {
  const broken = (seq: number, hash: string, id: string | null) => {
    return [incarnation, seq, hash, 'gateway', 'chain', false, hash, null, null, null, at, id, null];
  };
  const idOf = (seq: number) => torn.find((row) => row.incarnation === incarnation && row.seq === seq)?.id ?? null;
  return [
    ...decision.insert
      .filter(({ state }) => state === 'broken')
      .map(({ item }) => broken(item.seq, item.hash, item.entry.id)),
    ...decision.breakHeld.map((seq) => broken(seq, known.get(seq)?.hash ?? '', idOf(seq))),
    ...decision.quarantine.map(({ item, code, takesPlace }) => {
      const { line, keys } = keptText(item);
      const computed = item.fault === null ? null : item.computedHash;
      const fingerprint = sha256(line);
      const claimed = claimedId(item);
      const id = item.fault === null ? claimed : null;
      const place = [incarnation, item.seq, fingerprint, 'gateway', code, takesPlace];
      return [...place, item.hash, computed, line, keys, at, id, claimed];
    }),
  ];
}

function columns({ entry, body }: FitEntry): readonly unknown[] {
  const { at } = entry;
  const hashed = [entry.id, entry.kind, entry.catalogue, body, entry.bodyHash, entry.prevHash, entry.hash];
  return [...hashed, at.wall, at.monotonicMs, at.boot, at.serverOffsetMs];
}
