import type { Log } from '../log/log.ts';
import { type Store, StoreWriteError } from '../store/store.ts';
import { isoWithOffset, type Timers } from '../time/clock.ts';

export interface CompactionOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly log: Log;
  /** How many days the district's backups reach back. */
  readonly horizonDays: number;
  /** The district's time, once it was heard in this run and as long as it is in reach; null otherwise. */
  readonly districtTime: () => Date | null;
  /** Whether nobody is served. */
  readonly isIdle: () => boolean;
}

/** Milliseconds between two looks, when nothing is left to do or nothing may be done. */
const LOOK_MS = 10 * 60_000;
/** Milliseconds between two transactions, so that whoever touches the screen waits for none. */
const PAUSE_MS = 250;
/** Entries in one transaction: some milliseconds. */
const ENTRIES = 50;
const DAY_MS = 86_400_000;
/** A day's key goes after all that it opens: what is whole may have to be sent again, to a district that has lost the key too. */
const WHICH = {
  others: "kind <> 'key'",
  keys: "kind = 'key' AND NOT EXISTS (SELECT 1 FROM entry_key WHERE day_key = entry.id)",
} as const;

/**
 * Lets go of the bodies and the wrapped keys of entries that the district has had for longer than its backups reach back. Their hashes
 * stay, so that the chain still verifies. What waits, is held or is in quarantine stays whole, a case as long as its materials, and the
 * day's key that opens it.
 */
export class Compaction {
  readonly #o: CompactionOptions;
  #cancel: () => void = () => undefined;
  /** Entries since the last line of the log. */
  #done = 0;

  constructor(o: CompactionOptions) {
    this.#o = o;
  }

  start(): void {
    this.#await(LOOK_MS);
  }

  stop(): void {
    this.#cancel();
  }

  #await(ms: number): void {
    this.#cancel = this.#o.timers.after(ms, () => {
      const more = this.#turn() === 'more';
      if (!more && this.#done > 0) {
        this.#o.log.info({ event: 'journal.compacted', entries: this.#done });
        this.#done = 0;
      }
      this.#await(more ? PAUSE_MS : LOOK_MS);
    });
  }

  #turn(): 'more' | 'later' {
    const now = this.#o.districtTime();
    if (now === null || !this.#o.isIdle()) return 'later';
    try {
      const others = this.#compact(now, 'others');
      const keys = others < ENTRIES ? this.#compact(now, 'keys') : 0;
      this.#done += others + keys;
      return Math.max(others, keys) < ENTRIES ? 'later' : 'more';
    } catch (error) {
      // Room or a mended disk may come; nothing was half done.
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'journal.not-compacted', code: error.code });
      return 'later';
    }
  }

  /** @returns how many entries. */
  #compact(now: Date, which: keyof typeof WHICH): number {
    const { store, horizonDays } = this.#o;
    const before = isoWithOffset(new Date(now.getTime() - horizonDays * DAY_MS));
    const ids = store
      .sql<[string, string, number], { id: string }>(
        `SELECT id FROM entry WHERE compacted_at IS NULL AND answer IN ('stored', 'duplicate') AND answered_at < ?
           AND ${WHICH[which]}
           AND NOT EXISTS (SELECT 1 FROM material m WHERE m.case_id = entry.case_id AND entry.kind = 'case'
             AND m.damaged_at IS NULL AND (m.delivered_at IS NULL OR m.delivered_at >= ?))
         ORDER BY answered_at LIMIT ?`,
      )
      .all(before, before, ENTRIES)
      .map(({ id }) => id);
    if (ids.length === 0) return 0;
    // An entry that was carried into a newer incarnation left the same body in the older one.
    const empty = store.sql<[string, string]>(
      `UPDATE entry SET body = x'', compacted_at = ?
       WHERE id = ? AND compacted_at IS NULL AND answer IN ('stored', 'duplicate', 'carried')`,
    );
    const forget = store.sql<[string]>('DELETE FROM entry_key WHERE entry_id = ?');
    store.erasure(() => {
      for (const id of ids) {
        empty.run(isoWithOffset(now), id);
        forget.run(id);
      }
    });
    return ids.length;
  }
}
