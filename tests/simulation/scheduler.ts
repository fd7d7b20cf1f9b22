import { setImmediate } from 'node:timers/promises';
import type { Timers } from '#main/service/time/clock.ts';
import type { Chance } from './chance.ts';

interface Errand {
  readonly due: number;
  /** Decides between errands of one moment: their order is nobody's promise. */
  readonly lot: number;
  readonly run: () => void | Promise<void>;
}

/** Turns of the event loop in which nothing new may come, before a step counts as ended. */
const QUIET_TURNS = 6;

/**
 * Virtual time. One errand runs after the other, and each runs to its end, with all that it sets going, before the next one
 * begins: so the order of everything is the seed's, and not the machine's.
 */
export class Scheduler implements Timers {
  readonly #chance: Chance;
  readonly #waiting = new Set<Errand>();
  #nowMs = 0;
  #sleptMs = 0;
  #underWay = 0;
  #afterStep: (() => void)[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Milliseconds since the world began, without those in which everybody slept. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Milliseconds since the world began, as every clock has them. */
  get clockMs(): number {
    return this.#nowMs + this.#sleptMs;
  }

  /** Time goes by in which nothing is due: every machine sleeps, and what it waited for it waits for as long afterwards. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
  }

  after(ms: number, run: () => void | Promise<void>): () => void {
    const errand = { due: this.#nowMs + Math.max(0, ms), lot: this.#chance.fraction(), run };
    this.#waiting.add(errand);
    return () => this.#waiting.delete(errand);
  }

  /**
   * Says that work outside of this thread (key agreement) was begun.
   * @returns a function that says that it has ended.
   */
  begun(): () => void {
    this.#underWay += 1;
    let open = true;
    return () => {
      if (open) this.#underWay -= 1;
      open = false;
    };
  }

  /** Runs something once the step under way has ended with all that it set going. */
  afterStep(run: () => void): void {
    this.#afterStep.push(run);
  }

  /** Runs the next errand. @returns false when none waits. */
  async step(): Promise<boolean> {
    let next: Errand | null = null;
    for (const errand of this.#waiting) {
      if (!next || errand.due < next.due || (errand.due === next.due && errand.lot < next.lot)) next = errand;
    }
    if (!next) return false;
    this.#waiting.delete(next);
    this.#nowMs = next.due;
    await next.run();
    await this.quiet();
    return true;
  }

  /** Resolves when nothing moves any more until time passes. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
      await setImmediate();
      if (this.#underWay > 0) turns = 0;
    }
    for (const run of this.#afterStep.splice(0)) run();
  }
}
