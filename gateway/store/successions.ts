import type { Successor } from '#contract/keys.ts';
import type { Suite } from '#contract/suite.ts';

/** Announcements of the gateway's next signing keys (contract/keys.ts). */
export interface SuccessionStore {
  /** Keeps the first that is given for a place. @param n 2 for the first key's successor */
  announce(suite: Suite, n: number, successor: Successor): Promise<void>;
  /** All of them, the oldest first. */
  successors(suite: Suite): Promise<Successor[]>;
}
