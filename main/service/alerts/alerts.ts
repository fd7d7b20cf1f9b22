import { isGrave } from '#contract/alert-rules.ts';
import { Alert, AlertLevel } from '#contract/alerts.ts';
import { Update } from '#contract/updates.ts';
import type { Store } from '../store/store.ts';
import { Updates } from '../store/updates.ts';
import type { Timers } from '../time/clock.ts';

export interface AlertsOptions {
  readonly store: Store;
  /** The time by which an alert ends; it needs no network. */
  readonly now: () => Date;
  readonly timers: Timers;
  /** @param arrived whether one of them was not there before */
  readonly changed: (arrived: boolean) => void;
}

/** Milliseconds between two looks at the time while an alert holds: a clock may be set. */
const LOOK_MS = 30_000;

/** The public warnings that hold now, as the store has them: they outlast a restart, and end by themselves. */
export class Alerts {
  readonly #o: AlertsOptions;
  readonly #updates: Updates;
  #current: readonly Alert[] = [];
  #cancel: () => void = () => undefined;

  constructor(o: AlertsOptions) {
    this.#o = o;
    this.#updates = new Updates(o.store);
    this.#current = this.#read();
    this.#lookLater();
  }

  /** The gravest first, of one level the newest. */
  get current(): readonly Alert[] {
    return this.#current;
  }

  /** Ids of those that take the whole screen. */
  get grave(): readonly string[] {
    return this.#current.filter(isGrave).map(({ id }) => id);
  }

  /** Looks anew at the store and at the time. */
  look(): void {
    const before = this.#current.map(({ id }) => id);
    this.#current = this.#read();
    this.#lookLater();
    const arrived = this.#current.some(({ id }) => !before.includes(id));
    if (arrived || before.length !== this.#current.length) this.#o.changed(arrived);
  }

  stop(): void {
    this.#cancel();
  }

  #read(): Alert[] {
    const nowMs = this.#o.now().getTime();
    const updates = this.#updates.alerts().flatMap((update) => Update.safeParse(update).data ?? []);
    const withdrawn = new Set(updates.flatMap((update) => (update.kind === 'alert-withdrawn' ? [update.alert] : [])));
    const rank = ({ level }: Alert) => AlertLevel.options.indexOf(level);
    return updates
      .flatMap((update) => (update.kind === 'alert' ? [Alert.parse(update)] : []))
      .filter(({ id, expiresAt }) => !withdrawn.has(id) && Date.parse(expiresAt) > nowMs)
      .toSorted((a, b) => rank(b) - rank(a));
  }

  #lookLater(): void {
    this.#cancel();
    const [first] = this.#current.map(({ expiresAt }) => Date.parse(expiresAt)).toSorted((a, b) => a - b);
    if (first === undefined) return;
    const leftMs = Math.max(0, first - this.#o.now().getTime());
    this.#cancel = this.#o.timers.after(Math.min(leftMs, LOOK_MS), () => this.look());
  }
}
