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

/** The tiers of recovery: first at short intervals on its own, then with a cool-down and a call for staff. Never a restart. */
const TIERS = {
  reconnect: { tries: 4, waitMs: 500 },
  callStaff: { waitMs: 5_000 },
} as const;

export type Tier = keyof typeof TIERS;

/** The tier after so many failures in a row. */
function tierOf(failures: number): Tier {
  return failures < TIERS.reconnect.tries ? 'reconnect' : 'callStaff';
}

/** A device's own part of its life: how it is opened, what it does while it is there, and what it says when it is not. */
export interface Life<Session, Lost extends Trouble> {
  /** Connects and greets. */
  open(signal: AbortSignal): Promise<Result<Session, Lost>>;
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
  let failures = 0;
  while (!signal.aborted) {
    const opened = await life.open(signal);
    let worked = false;
    const works = () => {
      worked = true;
    };
    const trouble = opened.ok ? await life.serve(opened.value, signal, works) : opened.error;
    if (signal.aborted) return;
    failures = worked ? 0 : failures + 1;
    const tier = tierOf(failures);
    life.lost(trouble, tier);
    const wait = new AbortController();
    const end = () => wait.abort();
    const stop = plugged(end);
    signal.addEventListener('abort', end);
    await pause(timers, TIERS[tier].waitMs, wait.signal);
    signal.removeEventListener('abort', end);
    stop();
  }
}
