import type { LostEntries } from '../journal/lost.ts';
import type { Outbox, OutboxCounts } from '../journal/outbox.ts';
import type { Log } from '../log/log.ts';
import type { MaterialCounts } from '../store/materials.ts';
import type { Timers } from '../time/clock.ts';

/** How the way to the district is. */
export type SyncState =
  | { readonly at: 'starting' }
  | { readonly at: 'online' }
  /** Nothing answers as the gateway; it is tried again. */
  | { readonly at: 'offline'; readonly why: string }
  /** The gateway refuses this terminal's envelopes: a person must act; it is tried again now and then, and nothing is lost. */
  | { readonly at: 'stopped'; readonly code: string; readonly detail: string };

export interface SyncStatus extends OutboxCounts {
  readonly state: SyncState;
  /** For the screen. */
  readonly network: 'online' | 'offline';
  /** What the district has lost and can't get from here any more. */
  readonly lost: readonly LostEntries[];
  /** The district has withdrawn this terminal, and no believed answer has taken that back. */
  readonly withdrawn: boolean;
  readonly materials: MaterialCounts;
}

export interface NewsOptions {
  readonly outbox: Outbox;
  readonly timers: Timers;
  readonly log: Log;
  readonly up?: { counts(): MaterialCounts };
}

const NO_MATERIALS: MaterialCounts = { waiting: 0, damaged: 0 };

/** What a terminal that was withdrawn starts with. */
const WITHDRAWN: SyncState = { at: 'stopped', code: 'revoked', detail: 'as it was before the start' };

function codeOf(state: SyncState): string | null {
  return state.at === 'stopped' ? state.code : null;
}

/** Knows how the way to the district is, and tells whoever listens while the engine runs. */
export class SyncNews {
  readonly #o: NewsOptions;
  readonly #listeners = new Set<(status: SyncStatus) => void>();
  #state: SyncState;
  #isOpen = false;
  /** News that waits for the transaction under way, with the way to take it back. */
  #takeBack: (() => void) | null = null;

  constructor(o: NewsOptions) {
    this.#o = o;
    this.#state = o.outbox.withdrawn ? WITHDRAWN : { at: 'starting' };
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    this.#takeBack?.();
  }

  get state(): SyncState {
    return this.#state;
  }

  get network(): SyncStatus['network'] {
    return this.#state.at === 'online' ? 'online' : 'offline';
  }

  get status(): SyncStatus {
    const { outbox } = this.#o;
    return {
      state: this.#state,
      network: this.network,
      lost: outbox.lost,
      withdrawn: outbox.withdrawn,
      materials: this.#o.up?.counts() ?? NO_MATERIALS,
      ...outbox.counts(),
    };
  }

  onChange(listener: (status: SyncStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws StoreWriteError when a withdrawal, or its end, can't be written down: the state is then still the one before. */
  become(state: SyncState): void {
    const { outbox } = this.#o;
    // Only a believed answer takes a withdrawal back; a line that is away says nothing about it.
    if (state.at === 'offline' && outbox.withdrawn) return;
    const revoked = codeOf(state) === 'revoked';
    if (revoked || state.at === 'online') outbox.withdrawn = revoked;
    const before = this.#state;
    this.#state = state;
    if (before.at === state.at && codeOf(before) === codeOf(state)) return;
    const { at, ...rest } = state;
    this.#o.log[at === 'stopped' ? 'error' : 'info']({ event: `sync.${at}`, ...rest });
    this.announce();
  }

  announceSoon(): void {
    this.#takeBack ??= this.#o.timers.after(0, () => this.announce());
  }

  announce(): void {
    this.#takeBack?.();
    this.#takeBack = null;
    if (!this.#isOpen || this.#listeners.size === 0) return;
    const { status } = this;
    for (const listener of this.#listeners) listener(status);
  }
}
