import type { Configuration } from '#contract/configuration.ts';
import type { Clock } from '../time/clock.ts';
import { verifyPin } from './pin.ts';

export interface Worker {
  readonly id: string;
  readonly name: string;
}

export type SignIn =
  | { readonly outcome: 'signed-in'; readonly worker: Worker }
  | { readonly outcome: 'pin-wrong' }
  | { readonly outcome: 'locked'; readonly forMs: number };

const MOST_WRONG = 5;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;

/**
 * Signing in at the terminal: five wrong PINs lock it for a minute, whoever stands before it and whatever visit goes on. Each further
 * five double the lock, up to an hour; a right PIN begins anew.
 */
export class StaffDoor {
  readonly #staff: Configuration['staff'];
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #wrong = 0;
  #lockMs = FIRST_LOCK_MS;
  #lockedUntilMs = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(staff: Configuration['staff'], clock: Pick<Clock, 'monotonicMs'>) {
    this.#staff = staff;
    this.#clock = clock;
  }

  /** Milliseconds until the next attempt is taken; 0 when it may come now. */
  lockedForMs(): number {
    return Math.max(this.#lockedUntilMs - this.#clock.monotonicMs(), 0);
  }

  /** One attempt after the other: attempts side by side are no way around the lock. */
  signIn(pin: string): Promise<SignIn> {
    const attempt = this.#last.then(() => this.#attempt(pin));
    this.#last = attempt.catch(() => undefined);
    return attempt;
  }

  async #attempt(pin: string): Promise<SignIn> {
    const forMs = this.lockedForMs();
    if (forMs > 0) return { outcome: 'locked', forMs };
    for (const { id, name, pinHash } of this.#staff) {
      if (await verifyPin(pin, pinHash)) {
        this.#wrong = 0;
        this.#lockMs = FIRST_LOCK_MS;
        return { outcome: 'signed-in', worker: { id, name } };
      }
    }
    this.#wrong += 1;
    if (this.#wrong < MOST_WRONG) return { outcome: 'pin-wrong' };
    this.#wrong = 0;
    const lockMs = this.#lockMs;
    this.#lockMs = Math.min(2 * lockMs, LONGEST_LOCK_MS);
    this.#lockedUntilMs = this.#clock.monotonicMs() + lockMs;
    return { outcome: 'locked', forMs: lockMs };
  }
}
