/** A word that may be written, and what it costs: the negative logarithm of its frequency. */
export interface Word {
  readonly text: string;
  readonly cost: number;
}

/** The readings from `low` up to `high` that begin with the same `depth` syllables. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly depth: number;
}

const PER_NAT = 10;
/** More words than any reading has. */
const ALL = 10_000;
const LONGEST_WORD = 8;

/**
 * Words by their readings. The readings are sorted, so that those which begin alike are neighbours: a lexicon is searched syllable by
 * syllable like a tree, without one being built.
 */
export class Lexicon {
  readonly all: Range;
  /** The syllables of every reading one after the other, by their place in `syllables`, and where each reading begins. */
  readonly #path: Uint16Array;
  readonly #start: Uint32Array;
  readonly #lines: readonly string[];
  #placesMade: ReadonlyMap<string, { readonly line: number; readonly cost: number }> | undefined;
  /** Every syllable that stands in a reading, in order. */
  readonly syllables: readonly string[];

  private constructor(lines: readonly string[]) {
    const readings = lines.map((line) => line.slice(0, line.indexOf('\t')).split(' '));
    this.syllables = [...new Set(readings.flat())].sort();
    const places = new Map(this.syllables.map((syllable, place) => [syllable, place]));
    this.#start = new Uint32Array(lines.length + 1);
    for (const [line, reading] of readings.entries()) this.#start[line + 1] = (this.#start[line] ?? 0) + reading.length;
    this.#path = Uint16Array.from(readings.flat(), (syllable) => places.get(syllable) ?? 0);
    this.#lines = lines;
    this.all = { low: 0, high: lines.length, depth: 0 };
  }

  /** A lexicon from the text that image/dictionary.ts describes. */
  static parse(text: string): Lexicon {
    return new Lexicon(text.split('\n').filter((line) => line !== ''));
  }

  /** A lexicon of a few words, each with its syllables. */
  static of(words: readonly (Word & { readonly reading: readonly string[] })[]): Lexicon {
    const lines = new Map<string, string>();
    for (const { text, cost, reading } of words) {
      const key = reading.join(' ');
      lines.set(key, `${lines.get(key) ?? key}\t${text}\t${Math.round(cost * PER_NAT)}`);
    }
    return new Lexicon([...lines.values()].sort());
  }

  /** The words whose whole reading the range is, the likeliest first, at most `most`. */
  wordsOf({ low, high, depth }: Range, most: number): readonly Word[] {
    return low < high && depth > 0 && this.#lengthOf(low) === depth ? this.#wordsAt(low, most) : [];
  }

  /** The words that begin with the range's reading and go on. */
  *longerThan({ low, high, depth }: Range): Iterable<Word> {
    for (let line = low; line < high; line += 1) if (this.#lengthOf(line) > depth) yield* this.#wordsAt(line);
  }

  /** The ranges a syllable further, for each that begins with `from` and stands in `syllables` before `before`. */
  *steps({ low, high, depth }: Range, from: number, before: number): Iterable<Range> {
    let next = this.#first(low, high, depth, from);
    while (next < high) {
      const syllable = this.#at(next, depth);
      if (syllable >= before) return;
      const end = this.#first(next, high, depth, syllable + 1);
      yield { low: next, high: end, depth: depth + 1 };
      next = end;
    }
  }

  /**
   * How a text is read aloud, a syllable for each character, by the longest words that are known from its beginning on. What is
   * no Chinese stands for itself.
   */
  read(text: string): readonly string[] {
    const characters = Array.from(text);
    const read: string[] = [];
    while (read.length < characters.length) {
      const at = read.length;
      let end = Math.min(characters.length, at + LONGEST_WORD);
      while (end > at + 1 && !this.#places.has(characters.slice(at, end).join(''))) end -= 1;
      const place = this.#places.get(characters.slice(at, end).join(''));
      if (place === undefined) read.push(characters[at]?.toLowerCase() ?? '');
      else read.push(...this.#readingAt(place.line));
    }
    return read;
  }

  /** The line of each word, of a character's readings the likeliest; made when it is first asked for. */
  get #places(): ReadonlyMap<string, { readonly line: number; readonly cost: number }> {
    if (this.#placesMade) return this.#placesMade;
    const places = new Map<string, { readonly line: number; readonly cost: number }>();
    for (let line = 0; line < this.all.high; line += 1) {
      for (const { text, cost } of this.#wordsAt(line)) {
        if (cost < (places.get(text)?.cost ?? Number.POSITIVE_INFINITY)) places.set(text, { line, cost });
      }
    }
    this.#placesMade = places;
    return places;
  }

  #readingAt(line: number): readonly string[] {
    const path = this.#path.subarray(this.#start[line], this.#start[line + 1]);
    return Array.from(path, (place) => this.syllables[place] ?? '');
  }

  #wordsAt(line: number, most = ALL): readonly Word[] {
    const parts = (this.#lines[line] ?? '').split('\t', 2 * most + 1);
    const words: Word[] = [];
    for (let part = 1; part < parts.length; part += 2) {
      words.push({ text: parts[part] ?? '', cost: Number(parts[part + 1]) / PER_NAT });
    }
    return words;
  }

  #lengthOf(line: number): number {
    return (this.#start[line + 1] ?? 0) - (this.#start[line] ?? 0);
  }

  /** The syllable at `depth` of a reading; -1 behind its end, before all others. */
  #at(line: number, depth: number): number {
    return depth < this.#lengthOf(line) ? (this.#path[(this.#start[line] ?? 0) + depth] ?? -1) : -1;
  }

  /** The first reading in the range whose syllable at `depth` is at least `syllable`. */
  #first(low: number, high: number, depth: number, syllable: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#at(middle, depth) < syllable) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
