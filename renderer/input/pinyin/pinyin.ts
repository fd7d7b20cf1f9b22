import declared from './declared.json' with { type: 'json' };
import { type Candidate, Engine } from './engine.ts';
import { Lexicon } from './lexicon.ts';

/** What a field asks for: its own words come before all others. */
export type FieldKind = keyof typeof declared;

/** What a word costs that the field itself declares, and one of another field, in nats: among the hundred and the thousand most frequent. */
const OWN = 5.5;
const OTHER = 8;

/** The engine of each kind of field over one dictionary. */
export class Pinyin {
  readonly #common: Lexicon;
  #titles: readonly string[] = [];
  readonly #engines = new Map<FieldKind, Engine>();

  /** @param dictionary the text that image/dictionary.ts writes */
  constructor(dictionary: string) {
    this.#common = Lexicon.parse(dictionary);
  }

  /** Takes in the titles that stand on the screen: they belong to every field. @returns how each is read aloud */
  learn(titles: readonly string[]): readonly (readonly string[])[] {
    this.#titles = titles;
    this.#engines.clear();
    return titles.map((title) => this.#common.read(title));
  }

  candidates(typed: string, field: FieldKind): readonly Candidate[] {
    return this.#engine(field).candidates(typed);
  }

  #engine(field: FieldKind): Engine {
    const known = this.#engines.get(field);
    if (known) return known;
    const costs = new Map<string, number>();
    for (const word of Object.values(declared).flat()) costs.set(word, OTHER);
    for (const word of [...declared[field], ...this.#titles]) costs.set(word, OWN);
    const words = [...costs].map(([text, cost]) => ({ text, cost, reading: this.#common.read(text) }));
    const made = new Engine(this.#common, Lexicon.of(words.filter(({ text }) => /^\p{Script=Han}+$/u.test(text))));
    this.#engines.set(field, made);
    return made;
  }
}
