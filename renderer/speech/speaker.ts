import type { Bridge, ScreenEvent } from '#contract/calls.ts';
import type { Language } from '#contract/text.ts';
import { breaths } from './lines.ts';
import { LEVELS, playWav } from './sound.ts';

/** What is said now, in words; the level is kept until the page is laid anew, with the visit's end. */
export interface Said {
  readonly caption: string;
  readonly level: number;
}

const FIRST_LEVEL = 4;
/** Milliseconds until words without a sound stand alone. */
const PATIENCE_MS = 4_000;
/** Milliseconds for which words stand that have no sound, and for each character of them. */
const LEAST_MS = 1_200;
const EACH_MS = 120;

/** Says one thing after another, and shows it as a caption meanwhile. */
export class Speaker {
  readonly #bridge: Bridge;
  readonly #listeners = new Set<() => void>();
  #said: Said = { caption: '', level: FIRST_LEVEL };
  #language: Language = 'zh';
  #waiting: string[] = [];
  /** What was begun last, for whoever did not catch it. */
  #last: readonly string[] = [];
  #id = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = (): void => undefined;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly said = (): Said => this.#said;

  /** Breaks off what is said, and says this. */
  say(lines: readonly string[], language: Language): void {
    this.#language = language;
    this.#last = breaths(lines, language);
    this.#begin(this.#last);
  }

  /** Says this when all before it was said. */
  add(lines: readonly string[], language: Language): void {
    if (this.#said.caption === '') return this.say(lines, language);
    const more = breaths(lines, language);
    this.#waiting.push(...more);
    this.#last = [...this.#last, ...more];
  }

  /** Says something beside the matter: what is repeated is what was said before it. */
  remark(line: string, language: Language): void {
    this.#language = language;
    this.#begin(breaths([line], language));
  }

  repeat(): void {
    this.#begin(this.#last);
  }

  quiet(): void {
    this.#begin([]);
  }

  /** @returns the new level, from 1. */
  turn(by: 1 | -1): number {
    const level = Math.min(Math.max(this.#said.level + by, 1), LEVELS);
    this.#show({ level });
    return level;
  }

  readonly hear = (event: ScreenEvent): void => {
    if (event.event === 'wiped') {
      this.quiet();
      this.#last = [];
    }
    if (event.event === 'speech' && event.id === this.#id) void this.#play(event.sound);
  };

  #begin(lines: readonly string[]): void {
    this.#waiting = [...lines];
    this.#next();
  }

  #next(): void {
    clearTimeout(this.#timer);
    this.#stop();
    this.#stop = () => undefined;
    this.#id += 1;
    const words = this.#waiting.shift() ?? '';
    this.#show({ caption: words });
    if (words === '') return;
    const id = this.#id;
    this.#timer = setTimeout(() => this.#next(), PATIENCE_MS + EACH_MS * words.length);
    const alone = () => id === this.#id && void this.#play(null);
    this.#bridge
      .call('speech.say', { id, language: this.#language, words })
      .then((answer) => !answer.ok && alone(), alone);
  }

  async #play(sound: string | null): Promise<void> {
    const id = this.#id;
    const playing = sound === null ? null : await playWav(sound, this.#said.level);
    if (id !== this.#id) return playing?.stop();
    clearTimeout(this.#timer);
    const ms = playing === null ? LEAST_MS + EACH_MS * this.#said.caption.length : playing.seconds * 1000;
    if (playing) this.#stop = playing.stop;
    this.#timer = setTimeout(() => this.#next(), ms);
  }

  #show(change: Partial<Said>): void {
    this.#said = { ...this.#said, ...change };
    for (const listener of this.#listeners) listener();
  }
}
