import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log/log.ts';
import { type Store, StoreWriteError } from '../store/store.ts';
import type { Tickets, TicketWhy } from '../store/tickets.ts';
import type { Clock } from '../time/clock.ts';
import type { Random } from '../time/random.ts';

export interface HelpDeskOptions {
  readonly store: Pick<Store, 'transaction'>;
  readonly tickets: Tickets;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
}

/** Calls for a worker: a ticket each, told to the district, naming nobody. */
export class HelpDesk {
  readonly #o: HelpDeskOptions;

  constructor(options: HelpDeskOptions) {
    this.#o = options;
  }

  /** @param ticket id that the caller chose. */
  open(ticket: string, why: TicketWhy): void {
    this.#write(() => {
      this.#o.tickets.open(ticket, why, this.#o.clock.wall());
      this.#o.journal.append({ kind: 'help', open: { ticket, why } });
    });
  }

  seen(ticket: string, worker: string): void {
    this.#write(() => this.#o.tickets.seen(ticket, worker, this.#o.clock.wall()));
  }

  close(ticket: string): void {
    this.#write(() => this.#o.tickets.close(ticket, this.#o.clock.wall()));
  }

  #write(work: () => void): void {
    try {
      this.#o.store.transaction(work);
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'help.not-written', code: error.code });
    }
  }
}
