import { z } from 'zod';
import type { Store } from '../store/store.ts';

/**
 * Entries of one incarnation that the district acknowledged, lost beyond the reach of its backups, and can't get from here any more:
 * `from` to `to` with both, of which perhaps not each was compacted.
 */
export interface LostEntries {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
}

const KEY = 'lost-entries';
const Written = z.array(z.object({ incarnation: z.int(), from: z.int(), to: z.int() }));

/** What the district has lost, kept until it has it again: a newer backup may be found. */
export class LostRecord {
  readonly #store: Store;
  /** What stands in the store, so that the status that every change tells costs no reading. */
  #all: readonly LostEntries[];

  constructor(store: Store) {
    this.#store = store;
    this.#all = Written.parse(JSON.parse(store.meta(KEY) ?? '[]'));
  }

  get all(): readonly LostEntries[] {
    return this.#all;
  }

  /** The district has the chain of this incarnation up to `seq`. @throws StoreWriteError */
  reckon(incarnation: number, seq: number): void {
    const { from, to } = this.#store
      .sql<[number, number], { from: number | null; to: number | null }>(
        `SELECT min(seq) AS "from", max(seq) AS "to" FROM entry
         WHERE incarnation = ? AND seq > ? AND compacted_at IS NOT NULL AND answer IN ('stored', 'duplicate')`,
      )
      .get(incarnation, seq) ?? { from: null, to: null };
    const found = from === null || to === null ? [] : [{ incarnation, from, to }];
    const all = [...this.#all.filter((lost) => lost.incarnation !== incarnation), ...found];
    const text = JSON.stringify(all);
    if (text === JSON.stringify(this.#all)) return;
    this.#store.setMeta(KEY, text);
    this.#all = all;
  }
}
