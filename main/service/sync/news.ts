import type { LostEntries } from '../journal/lost.ts';
import type { Outbox, OutboxCounts } from '../journal/outbox.ts';
import type { Log } from '../log/log.ts';
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
}

/** Knows how the way to the district is, and tells whoever listens while the engine runs. */
export class SyncNews {
  readonly #o: { readonly outbox: Outbox; readonly timers: Timers; readonly log: Log };
  readonly #listeners = new Set<(status: SyncStatus) => void>();
  #state: SyncState = { at: 'starting' };
  #isOpen = false;
  /** News that waits for the transaction under way, with the way to take it back. */
  #takeBack: (() => void) | null = null;

  constructor(o: { readonly outbox: Outbox; readonly timers: Timers; readonly log: Log }) {
    this.#o = o;
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
    return { state: this.#state, network: this.network, lost: outbox.lost, ...outbox.counts() };
  }

  onChange(listener: (status: SyncStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(state: SyncState): void {
    const before = this.#state;
    this.#state = state;
    if (before.at === state.at) return;
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
