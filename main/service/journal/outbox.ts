import { setImmediate } from 'node:timers/promises';
import type { EntryKind } from '#contract/wire.ts';
import type { Store } from '../store/store.ts';
import { type Clock, isoWithOffset } from '../time/clock.ts';
import { type Acknowledged, type FinalAnswer, sameInARow } from './answers.ts';
import type { ChainOwner } from './chain.ts';
import { type LostEntries, LostRecord } from './lost.ts';
import { EntryRows, type Head, type LooseRow, NEXT_INCARNATION } from './rows.ts';
import { KEYS_OF_ENTRIES, type KeyRow, wireEntry } from './wire-entry.ts';

/** How much of the journal waits for the district. */
export interface OutboxCounts {
  readonly unsynced: number;
  /** When the oldest unsynced entry was written, ISO 8601; null when none waits. */
  readonly oldest: string | null;
  /** Entries that the district received and could not use; they stay visible. */
  readonly quarantined: number;
}

/** Entries of one incarnation as they travel. */
export interface Batch {
  readonly incarnation: number;
  readonly seqs: ReadonlySet<number>;
  /** Their places in the journal, which grow over all incarnations. */
  readonly first: number;
  readonly last: number;
  /** One entry a line (contract/wire.ts, WireEntry). */
  readonly ndjson: string;
}

interface Row extends LooseRow {
  n: number;
  incarnation: number;
  seq: number;
  prev_hash: string;
  hash: string;
}

const COLUMNS = `n, incarnation, seq, id, kind, catalogue, case_id, body, body_hash, prev_hash, hash,
  wall, monotonic_ms, boot, server_offset_ms`;

/** Entries that one transaction makes wait again. */
const REWIND_ENTRIES = 2_000;
/** Entries that one transaction carries into a new incarnation: each is written anew. */
const CARRY_ENTRIES = 500;

/** The journal as the sync engine sees it: what is to be sent, what was answered, what must be sent again. */
export class Outbox {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #terminal: string;
  readonly #rows: EntryRows;
  readonly #lost: LostRecord;

  /** @param o `clock` is the district's, because retention counts from its answers. */
  constructor(o: ChainOwner & { store: Store; clock: Clock }) {
    this.#store = o.store;
    this.#clock = o.clock;
    this.#terminal = o.terminal;
    this.#rows = new EntryRows(o.store, o);
    this.#lost = new LostRecord(o.store);
  }

  get incarnation(): number {
    return Number(this.#store.meta('incarnation'));
  }

  get epoch(): string | null {
    return this.#store.meta('epoch');
  }

  set epoch(epoch: string) {
    this.#store.setMeta('epoch', epoch);
  }

  /** Whether the district has withdrawn this terminal, as it was last heard to say; a restart does not forget it. */
  get withdrawn(): boolean {
    return this.#store.meta('withdrawn') === 'yes';
  }

  /** @throws StoreWriteError when the disk takes nothing. */
  set withdrawn(withdrawn: boolean) {
    if (withdrawn !== this.withdrawn) this.#store.setMeta('withdrawn', withdrawn ? 'yes' : 'no');
  }

  /** Every incarnation that has entries, oldest first. */
  incarnations(): number[] {
    return this.#store
      .sql<[], { incarnation: number }>('SELECT DISTINCT incarnation FROM entry ORDER BY incarnation')
      .all()
      .map((row) => row.incarnation);
  }

  counts(): OutboxCounts {
    const row = this.#store
      .sql<[], { unsynced: number; oldest: string | null; quarantined: number }>(
        `SELECT (SELECT count(*) FROM entry WHERE answer IS NULL) AS unsynced,
           (SELECT wall FROM entry WHERE answer IS NULL ORDER BY n LIMIT 1) AS oldest,
           (SELECT count(*) FROM entry WHERE answer = 'quarantined') AS quarantined`,
      )
      .get();
    return row ?? { unsynced: 0, oldest: null, quarantined: 0 };
  }

  /**
   * The oldest unanswered entries of one incarnation, in order, within both limits but never fewer than one; null when none waits.
   * @param after looks only behind this place
   */
  next(maxEntries: number, maxBytes: number, after = 0): Batch | null {
    const rows = this.#store
      .sql<[number, number], Row>(`SELECT ${COLUMNS} FROM entry WHERE answer IS NULL AND n > ? ORDER BY n LIMIT ?`)
      .all(after, maxEntries);
    const [first] = rows;
    if (!first) return null;
    const keys = this.#keysOf(rows);
    const lines: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.incarnation !== first.incarnation) break;
      const line = `${JSON.stringify(wireEntry(this.#terminal, row, keys.get(row.id) ?? []))}\n`;
      bytes += Buffer.byteLength(line);
      if (lines.length > 0 && bytes > maxBytes) break;
      lines.push(line);
    }
    const taken = rows.slice(0, lines.length);
    return {
      incarnation: first.incarnation,
      seqs: new Set(taken.map((row) => row.seq)),
      first: first.n,
      last: taken.at(-1)?.n ?? first.n,
      ndjson: lines.join(''),
    };
  }

  #keysOf(rows: readonly Row[]): Map<string, KeyRow[]> {
    const keys = this.#store.sql<[string], KeyRow & { entry_id: string }>(KEYS_OF_ENTRIES);
    return Map.groupBy(keys.all(JSON.stringify(rows.map(({ id }) => id))), ({ entry_id }) => entry_id);
  }

  /** Whether the oldest entry that waits is the first of this batch. */
  isNext({ first }: Pick<Batch, 'first'>): boolean {
    const row = this.#store.sql<[], { n: number | null }>('SELECT min(n) AS n FROM entry WHERE answer IS NULL').get();
    return row?.n === first;
  }

  head(incarnation: number): Head {
    return this.#rows.head(incarnation);
  }

  /** Hash of the entry at a place of the chain, or null when there is none. */
  hashAt(incarnation: number, seq: number): string | null {
    const row = this.#store
      .sql<[number, number], { hash: string }>('SELECT hash FROM entry WHERE incarnation = ? AND seq = ?')
      .get(incarnation, seq);
    return row?.hash ?? null;
  }

  /** Writes the district's answers down. @returns those that were waiting for one. */
  answer(answers: readonly FinalAnswer[]): Acknowledged[] {
    const at = isoWithOffset(this.#clock.wall());
    const write = this.#store.sql<unknown[], { seq: number; id: string; kind: EntryKind; case_id: string | null }>(
      `UPDATE entry SET answer = ?, answer_code = ?, answered_at = ?
       WHERE incarnation = ? AND seq BETWEEN ? AND ? AND answer IS NULL RETURNING seq, id, kind, case_id`,
    );
    return this.#store.transaction(() =>
      sameInARow(answers).flatMap(([first, last]) => {
        const { incarnation, result, code } = first;
        const rows = write.all(result, code ?? null, at, incarnation, first.seq, last.seq);
        return rows.map(({ seq, id, kind, case_id: caseId }) => ({ id, kind, caseId, incarnation, seq, result }));
      }),
    );
  }

  /**
   * The district has lost what it had after `seq`: those entries wait again. Residents are served in between, since there may
   * be years of them; what an end of the service leaves undone, the next cursor asks for again. Those whose bodies were let go of
   * can't: see {@link reckonLost}.
   * @returns how many.
   */
  async rewind(incarnation: number, seq: number): Promise<number> {
    const last = this.head(incarnation).seq;
    if (this.#allWait(incarnation, seq, last)) return 0;
    let entries = 0;
    for (let from = seq; from < last; from += REWIND_ENTRIES) {
      entries += this.#rewindBetween(incarnation, from, from + REWIND_ENTRIES);
      if (from + REWIND_ENTRIES < last) await setImmediate();
    }
    return entries;
  }

  /**
   * Whether everything after `seq` waits anyhow, as it does after every batch of a long backlog: told by an index alone, while a look at each
   * entry would make the way of a backlog as long as its square. Nothing is written behind the newest incarnation but its own entries.
   */
  #allWait(incarnation: number, seq: number, last: number): boolean {
    if (incarnation !== this.incarnation) return false;
    const row = this.#store
      .sql<[number, number], { waiting: number }>(
        `SELECT count(*) AS waiting FROM entry
         WHERE answer IS NULL AND n >= (SELECT n FROM entry WHERE incarnation = ? AND seq = ?)`,
      )
      .get(incarnation, seq + 1);
    return row?.waiting === last - seq;
  }

  #rewindBetween(incarnation: number, after: number, upTo: number): number {
    return this.#store.transaction(
      () =>
        this.#store
          .sql<[number, number, number]>(
            `UPDATE entry SET answer = NULL, answer_code = NULL, answered_at = NULL
             WHERE incarnation = ? AND seq > ? AND seq <= ? AND answer IN ('stored', 'duplicate', 'quarantined')
               AND compacted_at IS NULL`,
          )
          .run(incarnation, after, upTo).changes,
    );
  }

  /** Entries that the district asks for and nobody here has any more, by incarnation. */
  get lost(): readonly LostEntries[] {
    return this.#lost.all;
  }

  /** The district has this chain up to `seq`: writes down what it has lost of the entries that were compacted, or that it has them. */
  reckonLost(incarnation: number, seq: number): void {
    this.#lost.reckon(incarnation, seq);
  }

  /** Whether something waits, or would wait, behind entries that nobody can send again: the district joins nothing to that. */
  get isBlocked(): boolean {
    const { incarnation } = this;
    const waits = this.#store.sql<[number, number]>(
      'SELECT 1 FROM entry WHERE answer IS NULL AND incarnation = ? AND seq > ? LIMIT 1',
    );
    return this.lost.some((lost) => lost.incarnation === incarnation || waits.get(lost.incarnation, lost.from));
  }

  /** The incarnation whose beginning was cut short, by the end of the service or a disk that took no more; null when none was. */
  get beginning(): number | null {
    const next = this.#store.meta(NEXT_INCARNATION);
    return next === null ? null : Number(next);
  }

  /**
   * The district holds another chain under our name (a restored or cloned disk), or one with a gap that nobody can fill: a
   * new incarnation begins, and what the district has not taken is chained anew in it, with the same ids, the same frozen bytes and the
   * hash that they were frozen with: what a failing disk has altered since must not pass for what was written. They come in the order in
   * which they were first written, also when one was carried over before and another that came after it was not. Residents are served in
   * between; what they write meanwhile still joins the old chain and is carried over as the last. Each portion is whole on the disk, and
   * the same call again goes on where an earlier one was cut short: until it has ended nothing may be sent.
   * @returns how many entries were carried over.
   * @throws StoreWriteError
   */
  async beginIncarnation(incarnation: number): Promise<number> {
    this.#store.setMeta(NEXT_INCARNATION, String(incarnation));
    let entries = 0;
    let left = this.#left(incarnation);
    while (left.length > CARRY_ENTRIES) {
      const portion = left.splice(0, CARRY_ENTRIES);
      this.#store.transaction(() => this.#carry(incarnation, portion));
      entries += portion.length;
      await setImmediate();
      if (left.length <= CARRY_ENTRIES) left = this.#left(incarnation);
    }
    this.#store.transaction(() => {
      this.#carry(incarnation, left);
      this.#store.setMeta('incarnation', String(incarnation));
      this.#store.sql<[string]>('DELETE FROM meta WHERE key = ?').run(NEXT_INCARNATION);
    });
    return entries + left.length;
  }

  /** Places of what is still to be carried into an incarnation, in the order in which it was first written. */
  #left(incarnation: number): number[] {
    return this.#store
      .sql<[number], { n: number }>(
        `SELECT n FROM entry
         WHERE (answer IS NULL OR (answer = 'quarantined' AND answer_code IN ('conflict', 'chain'))) AND incarnation <> ?
         ORDER BY (SELECT min(first.n) FROM entry AS first WHERE first.id = entry.id)`,
      )
      .all(incarnation)
      .map(({ n }) => n);
  }

  #carry(incarnation: number, places: readonly number[]): void {
    const row = this.#store.sql<[number], Row>(`SELECT ${COLUMNS} FROM entry WHERE n = ?`);
    const mark = this.#store.sql<[string, number]>(`UPDATE entry SET answer = 'carried', answered_at = ? WHERE n = ?`);
    const at = isoWithOffset(this.#clock.wall());
    for (const n of places) {
      const left = row.get(n);
      if (!left) throw new Error('an entry is gone');
      this.#rows.chain(incarnation, left);
      mark.run(at, n);
    }
  }
}
