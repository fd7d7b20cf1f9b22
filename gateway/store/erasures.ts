/** What was ordered to be erased (R40): the wrapped keys of entries, without which nobody opens their personal parts. */
import { z } from 'zod';

/** One entry that is erased, and why; it names nobody. */
export const Erasure = z.strictObject({
  region: z.string(),
  terminal: z.uuid(),
  /** The entry's id. */
  entry: z.uuid(),
  by: z.enum(['terminal', 'staff']),
  /** The `erasure` entry that asked for it, or the number of the order that staff carried out. */
  order: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z./_-]{0,63}$/),
  /** In UTC. */
  at: z.iso.datetime(),
});
export type Erasure = z.infer<typeof Erasure>;

/** An entry, by itself. */
export type EntryName = Pick<Erasure, 'region' | 'terminal' | 'entry'>;

export interface ErasureStore {
  /**
   * Destroys the wrapped keys of these entries, wherever they stand, and those of every copy that comes later. What was ordered before stays
   * as it was.
   * @returns how many keys and lines with keys there were.
   */
  erase(erasures: readonly Erasure[]): Promise<number>;
  /** All that was ordered, the oldest first: what a backup that is put back has to be told. */
  erasures(): Promise<Erasure[]>;
  /** The entries of the cases with this receipt number, which is a label: there may be several. */
  entriesOfReceipt(receiptNumber: string): Promise<EntryName[]>;
  /** Whether anything is known of this entry of a terminal. */
  knowsEntry(name: EntryName): Promise<boolean>;
  /**
   * Lets nothing of what was erased stand in files of the store that are only written on.
   * @returns false while somebody who reads is in the way.
   */
  wipe(): Promise<boolean>;
}
