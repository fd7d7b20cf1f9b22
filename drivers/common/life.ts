import type { Result } from '#contract/result.ts';
import type { Plugged } from './plug.ts';
import type { Timers } from './port.ts';
import { pause } from './wait.ts';

/** Why a device does not serve, in words that staff can act on. */
export interface Trouble {
  readonly why: string;
  readonly remedy: string;
  /** What the system or the device said. */
  readonly detail?: string;
}

/**
 * The tiers of recovery: first at short intervals on its own, then with a reset, then a call for staff and longer intervals, with a
 * reset again whenever the last one is long enough ago. Never a restart.
 */
const TIERS = {
  reconnect: { failures: 2, waitMs: 500 },
  reset: { failures: 3, waitMs: 500 },
  callStaff: { failures: Number.POSITIVE_INFINITY, waitMs: 5_000 },
} as const;

/** A device that was reset is left alone for so long before it is reset again. */
export const COOL_DOWN_MS = 60_000;

export type Tier = keyof typeof TIERS;

/** The tier after so many failures in a row. */
function tierOf(failures: number): Tier {
  if (failures <= TIERS.reconnect.failures) return 'reconnect';
  return failures <= TIERS.reset.failures ? 'reset' : 'callStaff';
}

/** Lets something be done, and again only after a time. */
export class CoolDown {
  readonly #timers: Timers;
  #cancel: (() => void) | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Whether it may be done now; who asks does it. */
  take(): boolean {
    if (this.#cancel) return false;
    this.#cancel = this.#timers.after(COOL_DOWN_MS, () => {
      this.#cancel = undefined;
    });
    return true;
  }

  /** Lets go of the timer. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** A device's own part of its life: how it is opened, what it does while it is there, and what it says when it is not. */
export interface Life<Session, Lost extends Trouble> {
  /**
   * Connects and greets.
   * @param reset whether the device is to be put into its first state before: it did not come back by itself.
   */
  open(signal: AbortSignal, reset: boolean): Promise<Result<Session, Lost>>;
  /**
   * Serves until the device is lost or the signal is aborted; lets go of the session.
   * @param works to be called when the device has done what it is there for. A greeting proves little: a session that ends
   *   without that call is one more failure, so that staff are called to a device that greets and does nothing.
   */
  serve(session: Session, signal: AbortSignal, works: () => void): Promise<Lost>;
  lost(trouble: Lost, tier: Tier): void;
}

/**
 * Keeps a device: opens it, serves it, and opens it again when it is lost, until the signal is aborted.
 * @param plugged ends a wait early.
 */
export async function keep<Session, Lost extends Trouble>(
  life: Life<Session, Lost>,
  timers: Timers,
  signal: AbortSignal,
  plugged: Plugged,
): Promise<void> {
  const coolDown = new CoolDown(timers);
  let failures = 0;
  let reset = false;
  while (!signal.aborted) {
    const opened = await life.open(signal, reset);
    let worked = false;
    const works = () => {
      worked = true;
    };
    const trouble = opened.ok ? await life.serve(opened.value, signal, works) : opened.error;
    if (signal.aborted) break;
    failures = worked ? 0 : failures + 1;
    const tier = tierOf(failures);
    life.lost(trouble, tier);
    reset = tier !== 'reconnect' && coolDown.take();
    const wait = new AbortController();
    const end = () => wait.abort();
    const stop = plugged(end);
    signal.addEventListener('abort', end);
    await pause(timers, TIERS[tier].waitMs, wait.signal);
    signal.removeEventListener('abort', end);
    stop();
  }
  coolDown.end();
}
