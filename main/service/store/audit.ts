import { type Clock, isoWithOffset } from '../time/clock.ts';
import type { Store } from './store.ts';

export interface AuditEvent<E extends string> {
  readonly event: E;
  /** Id of what the event is about (visit, case, job, ticket); empty for the terminal itself. */
  readonly subject: string;
  /** Codes, counts and ids only: never personal data. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditRow<E extends string> extends Required<AuditEvent<E>> {
  readonly at: string;
}

/** The audit trail: rows are added, never changed. `E` is the union of the events that a room declares with their meaning. */
export class Audit<E extends string = string> {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  record(event: AuditEvent<E>): void {
    this.#store
      .sql('INSERT INTO audit (at, event, subject, detail) VALUES (?, ?, ?, ?)')
      .run(isoWithOffset(this.#clock.wall()), event.event, event.subject, JSON.stringify(event.detail ?? {}));
  }

  /** Events about one subject, oldest first. */
  of(subject: string): AuditRow<E>[] {
    return this.#store
      .sql<[string], { at: string; event: E; subject: string; detail: string }>(
        'SELECT at, event, subject, detail FROM audit WHERE subject = ? ORDER BY n',
      )
      .all(subject)
      .map((row) => ({
        at: row.at,
        event: row.event,
        subject: row.subject,
        detail: JSON.parse(row.detail) as AuditRow<E>['detail'],
      }));
  }
}
