import type { Bridge, ScreenEvent } from '#contract/calls.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { VisitSnapshot } from '#contract/visit.ts';

export type Sound = Extract<ScreenEvent, { event: 'sound' }>['sound'];

/** Everything that the screens are drawn from. */
export interface Picture {
  readonly terminal: TerminalSnapshot | null;
  readonly visit: VisitSnapshot | null;
  /** When `visit` arrived, on the store's clock in milliseconds; its deadline counts from here. */
  readonly visitAt: number;
  /** Grows at each wipe: screens that hold unsent answers are laid anew. */
  readonly wipes: number;
  /** The last sound, numbered, so that its visible pair shows again when the same one repeats. */
  readonly sound: { readonly sound: Sound; readonly count: number } | null;
}

function isSettled({ terminal, visit }: Picture): boolean {
  if (terminal === null) return false;
  return terminal.health.is === 'out-of-service' ? terminal.health.why !== 'starting' : visit !== null;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The new snapshot with the old one's parts where they are equal, so that a step that stays is not drawn anew. */
function shared(before: VisitSnapshot | null, visit: VisitSnapshot): VisitSnapshot {
  if (before === null) return visit;
  const step = same(before.step, visit.step) ? before.step : visit.step;
  const help = same(before.help, visit.help) ? before.help : visit.help;
  return { ...visit, step, help };
}

/** The two pushed snapshots, as an external store; it asks for both once and polls nothing. */
export class ScreenStore {
  readonly now: () => number;
  #picture: Picture = { terminal: null, visit: null, visitAt: 0, wipes: 0, sound: null };
  readonly #listeners = new Set<() => void>();
  #sounds = 0;

  constructor(bridge: Bridge, now: () => number) {
    this.now = now;
    bridge.subscribe((event) => this.#take(event));
    void bridge.call('screen.ready', {});
  }

  /** Settles with the first picture worth drawing: a service in service, or one that says why it is not; or after `limitMs`. */
  async settled(limitMs: number): Promise<void> {
    await new Promise<void>((done) => {
      const look = (): void => {
        if (isSettled(this.#picture)) end();
      };
      const end = (): void => {
        clearTimeout(limit);
        forget();
        done();
      };
      const limit = setTimeout(end, limitMs);
      const forget = this.subscribe(look);
      look();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly picture = (): Picture => this.#picture;

  #take(event: ScreenEvent): void {
    const next = this.#after(event);
    if (next === this.#picture) return;
    this.#picture = next;
    for (const listener of this.#listeners) listener();
  }

  #after(event: ScreenEvent): Picture {
    const picture = this.#picture;
    switch (event.event) {
      case 'terminal':
        // A service that stopped counts its visits anew, and nothing of the old one may stay on the screen.
        return {
          ...picture,
          terminal: event.terminal,
          visit: event.terminal.health.is === 'out-of-service' ? null : picture.visit,
        };
      case 'visit':
        if (picture.visit && event.visit.revision < picture.visit.revision) return picture;
        return { ...picture, visit: shared(picture.visit, event.visit), visitAt: this.now() };
      case 'sound':
        this.#sounds += 1;
        return { ...picture, sound: { sound: event.sound, count: this.#sounds } };
      case 'speech':
        return picture;
      case 'wiped':
        return { ...picture, wipes: picture.wipes + 1, sound: null };
    }
  }
}
