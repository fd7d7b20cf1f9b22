import type { Lexicon, Range, Word } from './lexicon.ts';
import { type Piece, Pieces } from './pieces.ts';

/** What may be written for the first letters of what was typed. */
export interface Candidate {
  readonly text: string;
  /** How many of the typed characters it stands for, separators included; the rest stays to compose. */
  readonly typed: number;
  /** Those letters as they were taken, a part for each syllable. */
  readonly pieces: readonly string[];
}

interface Edge extends Candidate {
  /** In nats: the less, the likelier. */
  readonly cost: number;
  /** A declared word of which only the beginning is typed. */
  readonly foretold: boolean;
}

/** A beginning of a word, as far as the letters have been followed. */
interface Way {
  readonly at: number;
  readonly range: Range;
  readonly cost: number;
  readonly pieces: readonly string[];
}

/** The pieces that may begin at each place, for each source. */
type Lattice = readonly (readonly (readonly Piece[])[])[];

/** What a letter costs that is part of no syllable, and each syllable of a declared word that is not typed yet. */
const STRAY = 40;
const UNTYPED = 1.5;
/** So much of what was typed is looked at; no sentence is as long. */
const LONGEST = 64;
/** So many candidates of one length are offered. */
const MOST = 100;

/**
 * Makes Chinese of letters that were typed without blanks. Nothing is kept from one call to the next: what a person writes is remembered
 * nowhere. `common` holds the words of the language, `declared` those of the field, which come first.
 */
export class Engine {
  readonly #sources: readonly { readonly lexicon: Lexicon; readonly pieces: Pieces; readonly foretells: boolean }[];

  constructor(common: Lexicon, declared: Lexicon) {
    this.#sources = [
      { lexicon: declared, pieces: new Pieces(declared.syllables), foretells: true },
      { lexicon: common, pieces: new Pieces(common.syllables), foretells: false },
    ];
  }

  /**
   * What the letters may mean: the likeliest sentence first, then words and characters of its beginning, the longer before the
   * shorter. Every candidate stands for at least one letter; without a letter there is none.
   * @param typed small letters, and `'` between syllables
   */
  candidates(typed: string): readonly Candidate[] {
    const looked = typed.slice(0, LONGEST);
    if (!/[a-z]/.test(looked)) return [];
    const lattice = this.#sources.map(({ pieces }) => Array.from(looked, (_, at) => pieces.from(looked, at)));
    const words = this.#edges(looked, lattice, 0, MOST * 10);
    const sorted = words.toSorted((one, other) => other.typed - one.typed || one.cost - other.cost);
    const unique = new Map<string, Candidate>();
    const counts = new Map<number, number>();
    for (const { text, typed: length, pieces } of [this.#sentence(looked, lattice, words), ...sorted]) {
      const count = counts.get(length) ?? 0;
      if (unique.has(text) || count >= MOST) continue;
      counts.set(length, count + 1);
      unique.set(text, { text, typed: length, pieces });
    }
    return [...unique.values()];
  }

  /** The cheapest way from the beginning to the end, found from the end. */
  #sentence(typed: string, lattice: Lattice, first: readonly Edge[]): Candidate {
    const best: { cost: number; edge: Edge | null }[] = [];
    best[typed.length] = { cost: 0, edge: null };
    for (let at = typed.length - 1; at >= 0; at -= 1) {
      let found: { cost: number; edge: Edge } | undefined;
      for (const edge of at === 0 ? first : this.#edges(typed, lattice, at, 1)) {
        if (edge.foretold) continue;
        const cost = edge.cost + (best[at + edge.typed]?.cost ?? Number.POSITIVE_INFINITY);
        if (found === undefined || cost < found.cost) found = { cost, edge };
      }
      if (found !== undefined) best[at] = found;
    }
    const edges: Edge[] = [];
    for (let at = 0, edge = best[0]?.edge; edge; at += edge.typed, edge = best[at]?.edge) edges.push(edge);
    return {
      text: edges.map(({ text }) => text).join(''),
      typed: typed.length,
      pieces: edges.flatMap((edge) => edge.pieces),
    };
  }

  /** Words that may begin at `at`, at most `most` for each reading, and the bare letter where there is none. */
  #edges(typed: string, lattice: Lattice, at: number, most: number): readonly Edge[] {
    const begin = behindSeparators(typed, at);
    const found: Edge[] = [];
    const cheapest = new Map<string, number>();
    const add = ({ text, cost }: Word, way: Way, untyped: number) => {
      const key = `${text} ${way.at}`;
      const sum = way.cost + cost + untyped * UNTYPED;
      if (sum >= (cheapest.get(key) ?? Number.POSITIVE_INFINITY)) return;
      cheapest.set(key, sum);
      found.push({ text, typed: way.at - at, pieces: way.pieces, cost: sum, foretold: untyped > 0 });
    };
    for (const [source, { lexicon, foretells }] of this.#sources.entries()) {
      const split = lattice[source] ?? [];
      const follow = (way: Way) => {
        for (const word of lexicon.wordsOf(way.range, most)) add(word, way, 0);
        if (foretells && way.at === typed.length && way.range.depth > 1) {
          for (const word of lexicon.longerThan(way.range)) {
            add(word, way, Array.from(word.text).length - way.range.depth);
          }
        }
        for (const { end, readings } of split[way.at] ?? []) {
          const next = { at: behindSeparators(typed, end), pieces: [...way.pieces, typed.slice(way.at, end)] };
          for (const { from, before, cost } of readings) {
            for (const range of lexicon.steps(way.range, from, before))
              follow({ ...next, range, cost: way.cost + cost });
          }
        }
      };
      follow({ at: begin, range: lexicon.all, cost: 0, pieces: [] });
    }
    const letter = typed.slice(begin, begin + 1);
    const end = behindSeparators(typed, begin + 1);
    found.push({
      text: letter,
      typed: Math.min(end, typed.length) - at,
      pieces: letter === '' ? [] : [letter],
      cost: STRAY,
      foretold: false,
    });
    return found;
  }
}

function behindSeparators(typed: string, at: number): number {
  let behind = at;
  while (typed[behind] === "'") behind += 1;
  return behind;
}
