import type { Heartbeat, SyncWord } from '#contract/wire.ts';
import type { Outbox } from '../journal/outbox.ts';
import type { Clock, Timers } from '../time/clock.ts';
import type { GatewayClient } from './client.ts';

/** What a heartbeat tells that the engine can't know (R36). */
export type HealthReport = Pick<Heartbeat, 'catalogue' | 'devices' | 'diskFreeBytes'>;

const PERIOD_MS = 60_000;

export interface HeartbeatOptions {
  readonly client: GatewayClient;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly software: string;
  readonly health: () => HealthReport;
  /** How the way for entries is: beats may pass where batches do not. */
  readonly sync: () => SyncWord;
  /** The gateway took a beat. */
  readonly onTaken: () => void;
}

/** Tells the district every minute how this terminal is (R36); a lost beat is not repeated. */
export class HeartbeatLoop {
  readonly #o: HeartbeatOptions;
  #cancel: () => void = () => undefined;
  #running = false;
  #last: Promise<void> = Promise.resolve();

  constructor(o: HeartbeatOptions) {
    this.#o = o;
  }

  start(afterMs: number): void {
    this.#running = true;
    this.#await(afterMs);
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Resolves when the beat under way, if any, has been answered or lost. */
  settled(): Promise<void> {
    return this.#last;
  }

  #await(ms: number): void {
    this.#cancel = this.#o.timers.after(ms, () => {
      this.#await(PERIOD_MS);
      this.#last = this.#beat();
    });
  }

  async #beat(): Promise<void> {
    const { client, outbox, clock, software, health, sync } = this.#o;
    const { unsynced, oldest, quarantined } = outbox.counts();
    const ageMs = oldest === null ? null : Math.max(0, clock.wall().getTime() - Date.parse(oldest));
    const answer = await client.heartbeat({
      software,
      ...health(),
      sync: sync(),
      unsynced,
      quarantined,
      oldestUnsyncedSeconds: ageMs === null ? null : Math.round(ageMs / 1000),
    });
    if (answer.ok && this.#running) this.#o.onTaken();
  }
}
