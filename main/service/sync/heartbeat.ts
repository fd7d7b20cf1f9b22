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
  #beats: Promise<void> = Promise.resolve();
  #alone: Promise<void> = Promise.resolve();

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

  /** Resolves when the beats under way, if any, have been answered or lost. */
  settled(): Promise<void> {
    return this.#beats;
  }

  /** Does what changes the terminal's key while no beat is on its way: one that the old key signed would be refused. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#beats.then(work);
    this.#alone = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  #await(ms: number): void {
    this.#cancel = this.#o.timers.after(ms, () => {
      this.#await(PERIOD_MS);
      const before = this.#beats;
      this.#beats = this.#alone.then(() => this.#beat()).then(() => before);
    });
  }

  async #beat(): Promise<void> {
    if (!this.#running) return;
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
