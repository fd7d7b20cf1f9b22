import type { Database } from 'better-sqlite3';
import type { EntryAnswer } from '#contract/wire.ts';
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
import { erasedFinder } from './sqlite-erasures.ts';
import type { ChainCursor, GatewayStore, Terminal } from './store.ts';

/** Region, terminal, incarnation: what every key of the journal begins with. */
type Chain = [region: string, terminal: string, incarnation: number];

interface PlaceRow {
  seq: number;
  state: 'stored' | 'broken' | 'unfit';
  hash: string;
  prevHash: string;
  computedHash: string | null;
}

/** Entries, wrapped keys, quarantine and heads in SQLite. */
export function journalTables(db: Database): Pick<GatewayStore, 'append' | 'cursor' | 'epoch'> {
  const WHERE = 'region = ? AND terminal = ? AND incarnation = ?';
  const places = (range: string) => `
    SELECT seq, state, hash, prev_hash AS prevHash, NULL AS computedHash FROM entries WHERE ${WHERE} AND ${range}
    UNION ALL
    SELECT seq, 'unfit', hash, '', computed_hash FROM quarantine WHERE ${WHERE} AND ${range} AND takes_place = 1`;
  type Twice = [...Chain, number, ...Chain, number];

  const readEpoch = db.prepare("SELECT value FROM facts WHERE name = 'epoch'").pluck();
  const epoch = () => String(readEpoch.get());
  const headOf = db.prepare<Chain, Head>(`SELECT contiguous_seq AS contiguousSeq, head_hash AS headHash,
    computed_hash AS computedHash, max_seq AS maxSeq FROM heads WHERE ${WHERE}`);
  const newest = db
    .prepare<[string, string], number | null>('SELECT max(incarnation) FROM heads WHERE region = ? AND terminal = ?')
    .pluck();
  const isTorn = db.prepare<Chain, number>(`SELECT 1 FROM entries WHERE ${WHERE} AND state = 'broken' LIMIT 1`).pluck();
  const placeAt = db.prepare<Twice, PlaceRow>(places('seq = ?'));
  // Two indexes merged: around a subquery SQLite would sort all that is held each time.
  const placesFrom = db.prepare<Twice, PlaceRow>(`${places('seq >= ?')} ORDER BY seq`);
  const takenAfter = db.prepare<[...Twice, number], number>(`${places('seq > ?')} ORDER BY seq LIMIT ?`).pluck();
  const insertEntry =
    db.prepare(`INSERT INTO entries (region, terminal, incarnation, seq, state, id, kind, catalogue, body,
      body_hash, prev_hash, hash, wall, monotonic_ms, boot, server_offset_ms, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertKey = db.prepare(`INSERT INTO wrapped_keys
      (region, terminal, incarnation, seq, case_key, day_key, nonce, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const insertQuarantine =
    db.prepare(`INSERT INTO quarantine (region, terminal, incarnation, seq, fingerprint, found_by,
      code, takes_place, hash, computed_hash, line, keys, found_at, entry_id, claimed_id)
    VALUES (?, ?, ?, ?, ?, 'gateway', ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const erasedAmong = erasedFinder(db);
  const idAt = db.prepare<[...Chain, number], string>(`SELECT id FROM entries WHERE ${WHERE} AND seq = ?`).pluck();
  const settle = db.prepare<[string, string, string, string]>(`UPDATE quarantine SET resolved_at = ?
    WHERE region = ? AND terminal = ? AND entry_id = ? AND found_by = 'gateway' AND resolved_at IS NULL`);
  const breakEntry = db.prepare(`UPDATE entries SET state = 'broken' WHERE ${WHERE} AND seq = ?`);
  const yieldPlace = db.prepare(`UPDATE quarantine SET takes_place = 0 WHERE ${WHERE} AND seq = ? AND takes_place = 1`);
  const rewindIntake = db.prepare(`UPDATE heads SET intake_seq = min(intake_seq, ?) WHERE ${WHERE}`);
  const lookAgain = db.prepare<[...Chain, number]>(`UPDATE quarantine SET look_again = 1
    WHERE ${WHERE} AND seq = ? AND found_by = 'intake' AND resolved_at IS NULL`);
  const headLooksAgain = db.prepare<Chain>(`UPDATE heads SET look_again = 1 WHERE ${WHERE}`);
  const saveHead = db.prepare(`INSERT INTO heads
      (region, terminal, incarnation, contiguous_seq, head_hash, computed_hash, max_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (region, terminal, incarnation) DO UPDATE SET contiguous_seq = excluded.contiguous_seq,
      head_hash = excluded.head_hash, computed_hash = excluded.computed_hash, max_seq = excluded.max_seq`);

  function known(chain: Chain, head: Head, items: readonly CheckedEntry[]): Map<number, Place> {
    const { seqs, from } = placesNeeded(head, items);
    const places = new Map<number, Place>();
    for (const seq of seqs) {
      const row = placeAt.get(...chain, seq, ...chain, seq);
      if (row) places.set(seq, toPlace(row));
    }
    if (from === null) return places;
    const given = new Set(items.map(({ seq }) => seq));
    const beyond = placesFrom.iterate(...chain, from, ...chain, from);
    for (const row of following(from, beyond, given)) places.set(row.seq, toPlace(row));
    return places;
  }

  function write(chain: Chain, decision: Decision, at: string): void {
    const [region, terminal] = chain;
    const ids = [...decision.insert, ...decision.quarantine].flatMap(({ item }) => claimedId(item) ?? []);
    const erased = erasedAmong(region, terminal, ids);
    for (const { item, state } of decision.insert) {
      insertEntry.run(...chain, item.seq, state, ...columns(item), at);
      const { id, kind, keys } = item.entry;
      // Only a case has a personal part; of what is erased no key is kept, however often it comes.
      for (const key of kind === 'case' && !erased.has(id) ? keys : []) {
        insertKey.run(...chain, item.seq, key.caseKey, key.dayKey, key.nonce, key.data);
      }
      if (state === 'broken') {
        insertQuarantine.run(...chain, item.seq, item.hash, 'chain', 0, item.hash, null, null, null, at, id, null);
      }
    }
    for (const seq of decision.breakHeld) {
      const hash = placeAt.get(...chain, seq, ...chain, seq)?.hash ?? '';
      breakEntry.run(...chain, seq);
      const id = idAt.get(...chain, seq);
      insertQuarantine.run(...chain, seq, hash, 'chain', 0, hash, null, null, null, at, id, null);
    }
    for (const { item, code, takesPlace } of decision.quarantine) {
      const { line, keys } = keptText(item);
      const computed = item.fault === null ? null : item.computedHash;
      const place = takesPlace ? 1 : 0;
      const claimed = claimedId(item);
      const id = item.fault === null ? claimed : null;
      const kept = claimed !== null && erased.has(claimed) ? null : keys;
      const text = [item.hash, computed, line, kept, at, id, claimed];
      insertQuarantine.run(...chain, item.seq, sha256(line), code, place, ...text);
    }
    for (const seq of decision.healed) yieldPlace.run(...chain, seq);
    const { contiguousSeq, headHash, computedHash, maxSeq } = decision.head;
    saveHead.run(...chain, contiguousSeq, headHash, computedHash, maxSeq);
    if (decision.healed.length > 0) rewindIntake.run(Math.min(...decision.healed) - 1, ...chain);
  }

  const append = db.transaction((terminal: Terminal, items: readonly CheckedEntry[], at: string): EntryAnswer[] => {
    const answers = new Map<CheckedEntry, EntryAnswer>();
    const arrived: string[] = [];
    for (const [incarnation, group] of Map.groupBy(items, (item) => item.incarnation)) {
      const chain: Chain = [terminal.region, terminal.id, incarnation];
      const head = headOf.get(...chain) ?? EMPTY_HEAD;
      const decision = judge(head, known(chain, head, group), group);
      write(chain, decision, at);
      arrived.push(...carriedOver(incarnation, decision));
      // What the intake could not use and the terminal sends once more is looked at once more.
      const again = repeated(decision).map((seq) => lookAgain.run(...chain, seq).changes);
      if (again.some((changes) => changes > 0)) headLooksAgain.run(...chain);
      for (const [i, item] of group.entries()) {
        const answer = decision.answers[i];
        if (answer) answers.set(item, answer);
      }
    }
    for (const id of arrived) settle.run(at, terminal.region, terminal.id, id);
    return items.flatMap((item) => answers.get(item) ?? []);
  });

  const cursor = db.transaction((terminal: Terminal, asked: number | null): ChainCursor => {
    const incarnation = asked ?? newest.get(terminal.region, terminal.id) ?? 1;
    const chain: Chain = [terminal.region, terminal.id, incarnation];
    const { contiguousSeq, headHash, maxSeq } = headOf.get(...chain) ?? EMPTY_HEAD;
    const taken =
      maxSeq > contiguousSeq
        ? takenAfter.iterate(...chain, contiguousSeq, ...chain, contiguousSeq, HOLES_WINDOW)
        : [].values();
    const told = isTorn.get(...chain) === undefined ? headHash : tornHash(headHash);
    return { epoch: epoch(), incarnation, contiguousSeq, headHash: told, holes: holesBetween(contiguousSeq, taken) };
  });

  return {
    append: async (terminal, items, at) => append.immediate(terminal, items, at.toISOString()),
    cursor: async (terminal, incarnation) => cursor(terminal, incarnation),
    epoch: async () => epoch(),
  };
}

function toPlace({ state, hash, prevHash, computedHash }: PlaceRow): Place {
  return state === 'unfit' ? { state, hash, computedHash } : { state, hash, prevHash };
}

function columns({ entry, body }: FitEntry): readonly unknown[] {
  const { at } = entry;
  const hashed = [entry.id, entry.kind, entry.catalogue, body, entry.bodyHash, entry.prevHash, entry.hash];
  return [...hashed, at.wall, at.monotonicMs, at.boot, at.serverOffsetMs];
}
