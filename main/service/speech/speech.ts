import { SOUND_MOST_BYTES } from '#contract/calls.ts';
import type { Language } from '#contract/text.ts';
import type { Log } from '../log/log.ts';
import type { Timers } from '../time/clock.ts';
import { type NoSound, type Samples, speak, wavOf } from './program.ts';
import { partsOf } from './reading.ts';

export interface SpeechOptions {
  /** espeak-ng, or a program that takes the same arguments. */
  readonly program: string;
  readonly timers: Timers;
  readonly log: Log;
}

/** Bytes that are kept of what was said in this visit: whoever lets it be repeated hears it at once. */
const KEPT_BYTES = 4 * SOUND_MOST_BYTES;

/** Makes sound of words, one thing at a time. What it keeps stays in memory, and goes with the visit. */
export class Speech {
  readonly #o: SpeechOptions;
  /** By language and words, those of longest ago first. */
  readonly #kept = new Map<string, Buffer>();
  #keptBytes = 0;
  #saying = new AbortController();
  /** What was wrong last, so that the log hears of it once. */
  #wrong: NoSound | null = null;

  constructor(options: SpeechOptions) {
    this.#o = options;
  }

  /** Gives up what is being made, and makes this: a WAV file in base64, or null where there is no sound for it. */
  async say(language: Language, words: string): Promise<string | null> {
    const { signal } = this.#giveUp();
    const key = `${language} ${words}`;
    const sound = this.#kept.get(key) ?? (await this.#make(language, words, signal));
    if (!sound || signal.aborted) return null;
    this.#keep(key, sound);
    return sound.toString('base64');
  }

  /** The visit is over: nothing of what was said stays. */
  forget(): void {
    this.#giveUp();
    for (const key of this.#kept.keys()) this.#drop(key);
  }

  #giveUp(): AbortController {
    this.#saying.abort();
    this.#saying = new AbortController();
    return this.#saying;
  }

  async #make(language: Language, words: string, signal: AbortSignal): Promise<Buffer | null> {
    const { program, timers } = this.#o;
    const said: Samples[] = [];
    for (const part of await partsOf(language, words)) {
      if (signal.aborted) return null;
      const spoken = await speak(program, part, timers, signal);
      if (!spoken.ok) {
        this.#tell(spoken.error);
        return null;
      }
      said.push(spoken.value);
    }
    const sound = said.length > 0 ? wavOf(said) : null;
    if (sound) this.#wrong = null;
    return sound && sound.length <= SOUND_MOST_BYTES ? sound : null;
  }

  #tell(why: NoSound): void {
    if (why === 'given-up' || why === this.#wrong) return;
    this.#wrong = why;
    this.#o.log.error({ event: 'speech.no-sound', why, program: this.#o.program });
  }

  #keep(key: string, sound: Buffer): void {
    // Anew at the end, as what was said last.
    if (this.#kept.delete(key)) this.#keptBytes -= sound.length;
    this.#kept.set(key, sound);
    this.#keptBytes += sound.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const sound = this.#kept.get(key);
    this.#kept.delete(key);
    this.#keptBytes -= sound?.length ?? 0;
    sound?.fill(0);
  }
}
