import { Agent, buildConnector } from 'undici';
import type { Timers } from '../time/clock.ts';
import type { Chance } from './chance.ts';

/** Half of all connections break within so many milliseconds, most while something is on the way. */
const HOLDS_MS = 200;
/** Milliseconds for connecting. */
const CONNECTS_MS = 20_000;
/** Milliseconds for the first byte and between two bytes of an answer. */
const ANSWER_MS = 20_000;
/** Milliseconds that the line is away at most after it broke. */
const AWAY_MS = 1_500;

/**
 * A bad line to the gateway: each connection holds for a while and is cut, whatever is on it, and for a while after that there is
 * none. A few hold for long, so that something passes however slowly the gateway answers.
 */
export class FlappingLine {
  readonly #o: { readonly chance: Chance; readonly timers: Timers; readonly now: () => number };
  readonly #network = buildConnector({ timeout: CONNECTS_MS });
  #awayUntilMs = Number.NEGATIVE_INFINITY;
  #breaks = 0;

  /** @param o `now` in milliseconds */
  constructor(o: { chance: Chance; timers: Timers; now: () => number }) {
    this.#o = o;
  }

  /** How often it broke. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Connections over this line, as a terminal makes them over its own. */
  agent(): Agent {
    return new Agent({ connect: this.connect, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, pipelining: 1 });
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const { chance, now, timers } = this.#o;
    if (now() < this.#awayUntilMs) {
      const away = Object.assign(new Error('the line is away'), { code: 'ENETUNREACH' });
      timers.after(0, () => callback(away, null));
      return;
    }
    this.#network(options, (...connected) => {
      const [error, socket] = connected;
      if (error === null) {
        const drawn = chance();
        const cancel = timers.after((HOLDS_MS * drawn) / (1 - drawn), () => {
          this.#breaks += 1;
          this.#awayUntilMs = now() + chance() * AWAY_MS;
          socket.destroy();
        });
        socket.once('close', cancel);
      }
      callback(...connected);
    });
  };
}
