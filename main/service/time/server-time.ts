import type { Clock } from './clock.ts';

type Moment = Pick<Clock, 'wall' | 'monotonicMs'>;

/** What is known of the district's clock: the terminal's may be a year wrong (sync.md, Clock). */
export class ServerTime {
  #offsetMs: number | null;
  /** When this machine started, by the district's clock; null until the district was heard. */
  #bootedMs: number | null = null;
  readonly #keep: (offsetMs: number) => void;

  /** @param keep is told each changed offset, to survive a restart. */
  constructor(offsetMs: number | null, keep: (offsetMs: number) => void) {
    this.#offsetMs = offsetMs;
    this.#keep = keep;
  }

  /** Milliseconds to add to the wall clock for the district's time; null when never known. */
  get offsetMs(): number | null {
    return this.#offsetMs;
  }

  /** Whether the district itself has told its time in this run of the service. */
  get heard(): boolean {
    return this.#bootedMs !== null;
  }

  /** The district said `server` when our clock said what it says now. */
  learn(server: Date, clock: Moment): void {
    this.#bootedMs = settled(this.#bootedMs, server.getTime() - clock.monotonicMs());
    const offsetMs = settled(this.#offsetMs, Math.round(server.getTime() - clock.wall().getTime()));
    if (offsetMs === this.#offsetMs) return;
    this.#offsetMs = offsetMs;
    this.#keep(offsetMs);
  }

  /** The district's time as far as it is known; once it was heard, setting the wall clock changes nothing. */
  now(clock: Moment): Date {
    if (this.#bootedMs !== null) return new Date(this.#bootedMs + clock.monotonicMs());
    return new Date(clock.wall().getTime() + (this.#offsetMs ?? 0));
  }
}

/** Differences below a second are the network's. */
function settled(known: number | null, heard: number): number {
  return known !== null && Math.abs(heard - known) < 1_000 ? known : heard;
}

/** Up to here the machine's own time stands, so that papers and the clock on the screen agree. */
const UNNOTICED_MS = 120_000;

/** A clock that shows the district's time where the machine's is noticeably wrong: for all that people read. */
export function districtClock(clock: Clock, serverTime: ServerTime): Clock {
  return {
    boot: clock.boot,
    monotonicMs: () => clock.monotonicMs(),
    wall() {
      const wall = clock.wall();
      const district = serverTime.now(clock);
      return Math.abs(district.getTime() - wall.getTime()) < UNNOTICED_MS ? wall : district;
    },
  };
}
