/** How much is in hand at once: batches leave room for what is small, and the contents in memory are bounded. */
import { materialPath } from '#contract/materials.ts';
import { limits, paths } from '#contract/wire.ts';

/** The longest content a batch may have: one that did not compress, with a frame's overhead. */
export const BATCH_CONTENT_BYTES = limits.batchBytes + 1024;

export interface AdmissionLimits {
  /** Batches that arrive, wait for their turn or are taken in; one of each terminal. */
  readonly batches: number;
  /** Of all their contents together. */
  readonly batchBytes: number;
  /** Batches and parts of materials that are checked and committed at the same time; the others wait in the order in which they came. */
  readonly working: number;
  /** Parts of materials that arrive, wait for their turn or are taken in; one of each terminal. */
  readonly materials: number;
  /** Cursors and heartbeats. */
  readonly questions: number;
  readonly enrolments: number;
}

/** Fewer batches work at a time than a PostgreSQL store has connections, so that questions never wait for all of them. */
export const ADMISSION: AdmissionLimits = {
  batches: 128,
  batchBytes: 32 * 1024 * 1024,
  working: 6,
  materials: 32,
  questions: 512,
  enrolments: 32,
};

export type Lane = 'batches' | 'materials' | 'questions' | 'enrolments';

const MATERIAL = materialPath(':hash');

export function laneOf(route: string | undefined): Lane {
  switch (route) {
    case paths.batches:
      return 'batches';
    case MATERIAL:
      return 'materials';
    case paths.enrol:
      return 'enrolments';
    default:
      return 'questions';
  }
}

/** A request's place among those in hand. */
export interface Place {
  /** Keeps others of this name out for as long. @returns false when one is in already */
  readonly holdFor: (name: string) => boolean;
  /** From here on the place is given back by {@link leave} alone: work goes on although its connection may be gone. */
  readonly begin: () => void;
  /** Gives it back unless its work began. */
  readonly abandon: () => void;
  /** Gives it back, once. */
  readonly leave: () => void;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #inHand: Record<Lane, number> = { batches: 0, materials: 0, questions: 0, enrolments: 0 };
  readonly #held = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  readonly #idle = Promise.withResolvers<void>();
  #bytes = 0;
  #working = 0;
  #closing = false;

  constructor(given: AdmissionLimits) {
    this.#limits = given;
  }

  get inHand(): Readonly<Record<Lane, number>> {
    return this.#inHand;
  }

  /** Of batches' contents that are in memory or on their way there. */
  get batchBytes(): number {
    return this.#bytes;
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  /** From now on nobody shall come in. Resolves when nothing is in hand. */
  close(): Promise<void> {
    this.#closing = true;
    this.#tellIdle();
    return this.#idle.promise;
  }

  #tellIdle(): void {
    if (this.#closing && Object.values(this.#inHand).every((count) => count === 0)) this.#idle.resolve();
  }

  /** @param bytes of the content, as far as they are known: none stands for the most. @returns null when there is no room */
  enter(lane: Lane, bytes: number | undefined): Place | null {
    const reserved = lane === 'batches' ? Math.min(bytes ?? BATCH_CONTENT_BYTES, BATCH_CONTENT_BYTES) : 0;
    if (this.#inHand[lane] >= this.#limits[lane] || this.#bytes + reserved > this.#limits.batchBytes) return null;
    this.#inHand[lane] += 1;
    this.#bytes += reserved;
    let state: 'arriving' | 'working' | 'left' = 'arriving';
    let held: string | undefined;
    const leave = () => {
      if (state === 'left') return;
      state = 'left';
      this.#inHand[lane] -= 1;
      this.#bytes -= reserved;
      if (held !== undefined) this.#held.delete(held);
      this.#tellIdle();
    };
    return {
      leave,
      holdFor: (name) => {
        if (this.#held.has(name)) return false;
        this.#held.add(name);
        held = name;
        return true;
      },
      begin() {
        if (state === 'arriving') state = 'working';
      },
      abandon() {
        if (state === 'arriving') leave();
      },
    };
  }

  /** Does the work of a batch or a part when its turn comes. */
  async work<T>(task: () => Promise<T>): Promise<T> {
    if (this.#working < this.#limits.working) this.#working += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working -= 1;
    }
  }
}
