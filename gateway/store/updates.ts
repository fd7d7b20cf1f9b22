/** What the district publishes for its terminals, and what became of it. */
import type { Update, UpdateOutcome } from '#contract/updates.ts';

/** Who asks. */
interface Asking {
  readonly id: string;
  readonly region: string;
}

/** To every terminal of a region, or to one of its terminals. */
export interface Addressee {
  readonly region: string;
  readonly terminal: string | null;
}

export interface StoredUpdate {
  /** Grows with each publication; what is committed later has a higher one. */
  readonly n: number;
  /** JSON of an `Update`. */
  readonly content: string;
}

export interface PublishedUpdate extends StoredUpdate, Addressee {
  readonly done: number;
  readonly expired: number;
  readonly failed: number;
}

/** A part of a catalogue package. */
export interface PackagePart {
  /** Bytes of the whole. */
  readonly total: number;
  /** Empty when it would begin beyond the end. */
  readonly content: Buffer;
}

export interface UpdateStore {
  publish(update: Update, to: Addressee, at: Date): Promise<void>;
  /** What is for this terminal behind `after` and has not expired, in order, at most `limit`. */
  updates(terminal: Asking, after: number, limit: number, at: Date): Promise<StoredUpdate[]>;
  /** The first outcome counts. @returns false when there is no such update for this terminal. */
  acknowledge(terminal: Asking, id: string, outcome: UpdateOutcome, at: Date): Promise<boolean>;
  /** All that was ever published, with how many terminals said what. */
  published(): Promise<PublishedUpdate[]>;
  /** @returns null when the region has no such version. */
  packagePart(region: string, version: string, from: number, bytes: number): Promise<PackagePart | null>;
}
