/** A part of what was typed that stands for one syllable, and the syllables of a lexicon that it may stand for. */
export interface Piece {
  /** Where it ends in what was typed. */
  readonly end: number;
  readonly readings: readonly Reading[];
}

/** Syllables from `from` up to `before` of the sorted list, and what it costs to take the piece for one of them. */
export interface Reading {
  readonly from: number;
  readonly before: number;
  readonly cost: number;
}

const LONGEST = 6;
const INITIALS = new Set('b p m f d t n l g k h j q x r z c s y w zh ch sh'.split(' '));
/** What it costs, in nats, to take an initial for a syllable, a beginning for the whole, and a sound for one that many do not tell from it. */
const INITIAL = 2;
const BEGINNING = 3;
const CONFUSED = 5;

/** Sounds that many do not tell apart: flat and curled tongue, and ü written as u; then front and back nasals. */
const confusions: readonly (readonly [RegExp, string])[] = [
  [/^([zcs])(?!h)/, '$1h'],
  [/^([zcs])h/, '$1'],
  [/^([nl])u$/, '$1v'],
  [/([aei])n$/, '$1ng'],
  [/([aei])ng$/, '$1n'],
];
const ENDS = 3;

/** Splits typed letters into pieces over the syllables of one lexicon. */
export class Pieces {
  readonly #syllables: readonly string[];
  readonly #known = new Map<string, Omit<Piece, 'end'>>();

  constructor(syllables: readonly string[]) {
    this.#syllables = syllables;
  }

  /** Every piece that may begin at `at`; a separator ends a piece, and what follows must be able to begin a syllable. */
  from(typed: string, at: number): readonly Piece[] {
    const found: Piece[] = [];
    for (let end = at + 1; end <= Math.min(typed.length, at + LONGEST) && typed[end - 1] !== "'"; end += 1) {
      if (/[iuv]/.test(typed[end] ?? '')) continue;
      const readings = this.#readings(typed.slice(at, end), typed[end]);
      if (readings.length > 0) found.push({ end, readings });
    }
    return found;
  }

  /** @param next the letter that follows, if any: an initial stands alone only where no vowel makes a syllable of it. */
  #readings(piece: string, next: string | undefined): readonly Reading[] {
    const open = next === undefined || next === "'";
    const lone = INITIALS.has(piece) && !/[aeo]/.test(next ?? '');
    const key = `${piece} ${open} ${lone}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known.readings;
    const spelt = spelling(piece);
    const readings = [...this.#whole(spelt, 0), ...confused(spelt).flatMap((other) => this.#whole(other, CONFUSED))];
    if (lone || open) {
      const [from, before] = [this.#place(spelt), this.#place(`${spelt}~`)];
      // A short beginning is nearly as good as an initial; the more letters, the rather the syllable is whole.
      if (from < before) readings.push({ from, before, cost: INITIALS.has(piece) ? INITIAL : BEGINNING });
    }
    this.#known.set(key, { readings });
    return readings;
  }

  #whole(syllable: string, cost: number): readonly Reading[] {
    const from = this.#place(syllable);
    return this.#syllables[from] === syllable ? [{ from, before: from + 1, cost }] : [];
  }

  /** The place of the first syllable that does not stand before the letters. */
  #place(letters: string): number {
    let [low, high] = [0, this.#syllables.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#syllables[middle] ?? '') < letters) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The spelling of the lexicons: `v` for ü where u is another sound, and only there. */
function spelling(piece: string): string {
  return piece.replace(/^([jqxy])v/, '$1u').replace(/^([nl])ue/, '$1ve');
}

function confused(syllable: string): readonly string[] {
  const heads = [syllable, ...replaced(syllable, confusions.slice(0, ENDS))];
  return heads
    .flatMap((head) => [head, ...replaced(head, confusions.slice(ENDS))])
    .filter((other) => other !== syllable);
}

function replaced(syllable: string, rules: typeof confusions): readonly string[] {
  return rules.filter(([from]) => from.test(syllable)).map(([from, to]) => syllable.replace(from, to));
}
