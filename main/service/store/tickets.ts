import { isoWithOffset } from '../time/clock.ts';
import type { Store } from './store.ts';

export type TicketWhy = 'called' | 'verification' | 'card-left-behind';

export interface Ticket {
  readonly id: string;
  readonly why: TicketWhy;
  readonly openedAt: string;
  /** Who came; null while nobody has. */
  readonly worker: string | null;
  readonly seenAt: string | null;
  readonly closedAt: string | null;
}

interface Row {
  id: string;
  why: TicketWhy;
  opened_at: string;
  worker: string | null;
  seen_at: string | null;
  closed_at: string | null;
}

/** Calls for a worker; they name no resident. */
export class Tickets {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  open(id: string, why: TicketWhy, at: Date): void {
    this.#store.sql('INSERT INTO help_ticket (id, why, opened_at) VALUES (?, ?, ?)').run(id, why, isoWithOffset(at));
  }

  /** The first worker who comes stands in the ticket. */
  seen(id: string, worker: string, at: Date): void {
    this.#store
      .sql('UPDATE help_ticket SET worker = ?, seen_at = ? WHERE id = ? AND seen_at IS NULL')
      .run(worker, isoWithOffset(at), id);
  }

  close(id: string, at: Date): void {
    this.#store
      .sql('UPDATE help_ticket SET closed_at = ? WHERE id = ? AND closed_at IS NULL')
      .run(isoWithOffset(at), id);
  }

  /** Tickets that nobody has closed, oldest first. */
  unfinished(): Ticket[] {
    return this.#store
      .sql<[], Row>(
        'SELECT id, why, opened_at, worker, seen_at, closed_at FROM help_ticket WHERE closed_at IS NULL ORDER BY n',
      )
      .all()
      .map((row) => ({
        id: row.id,
        why: row.why,
        openedAt: row.opened_at,
        worker: row.worker,
        seenAt: row.seen_at,
        closedAt: row.closed_at,
      }));
  }
}
