import type { Display } from '#contract/visit.ts';
import type { Mode } from './writing.ts';

/** The ways of writing that have keys. */
export type KeyMode = Exclude<Mode, 'hand'>;

/** A key of the board: a character, or one of `erase`, `clear`, `space`, `apart`, `capitals`, `done`; `span` counts columns. */
interface Key {
  readonly key: string;
  readonly span: number;
}

/** The keys in the order of rows; every row is as many columns wide. */
export interface Board {
  readonly columns: number;
  readonly keys: readonly Key[];
}

const letters = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const;
const symbols = ['1234567890', '，。、？！：；（）', '《》“”-/@'] as const;
const code = ['0123456789', 'ABCDEF'] as const;

const one = (characters: string): readonly Key[] => Array.from(characters, (key) => ({ key, span: 1 }));
const wide = (key: string, span: number): Key => ({ key, span });

/**
 * The keys of a way of writing on a screen: as many columns as the least size of a key leaves room for. Ten carry the rows that
 * everybody knows from the telephone; where only eight fit, the letters stand in the order of the alphabet.
 */
export function boardOf(mode: KeyMode, size: Display['mode'], place: 'wide' | 'high' | 'lower-half'): Board {
  if (place === 'wide') return { columns: 12, keys: low(mode) };
  if (size !== 'large') return { columns: 10, keys: high(mode) };
  return { columns: 8, keys: place === 'high' ? narrow(mode) : few(mode) };
}

/** Three rows on twelve columns. */
function low(mode: KeyMode): readonly Key[] {
  if (mode === 'code') {
    return [...one(code[0]), wide('erase', 2), ...one(code[1]), wide('clear', 3), wide('done', 3)];
  }
  const [first, second, third] = mode === 'symbols' ? symbols : letters;
  return [
    ...one(first),
    wide('erase', 2),
    ...one(second),
    extra(mode),
    wide('clear', 2),
    ...one(third),
    wide('space', 2),
    wide('done', 3),
  ];
}

/** Four rows on ten. */
function high(mode: KeyMode): readonly Key[] {
  if (mode === 'code') {
    return [...one(code[0]), ...one(code[1]), wide('erase', 4), wide('clear', 5), wide('done', 5)];
  }
  const [first, second, third] = mode === 'symbols' ? symbols : letters;
  return [
    ...one(first),
    ...one(second),
    extra(mode),
    ...one(third),
    wide('erase', 3),
    wide('clear', 3),
    wide('space', 4),
    wide('done', 3),
  ];
}

/** Five rows on eight. */
function narrow(mode: KeyMode): readonly Key[] {
  if (mode === 'code') {
    return [...one(code[0]), ...one(code[1]), wide('erase', 4), wide('clear', 4), wide('done', 8)];
  }
  return [...one(inOrder(mode)), extra(mode), wide('erase', 2), wide('clear', 3), wide('space', 4), wide('done', 4)];
}

/** Four rows on eight, for a lower half: a choice is taken by its own key, and what is written erased letter by letter. */
function few(mode: KeyMode): readonly Key[] {
  if (mode === 'code') return [...one(code[0]), ...one(code[1]), wide('erase', 4), wide('done', 4)];
  return [...one(inOrder(mode)), extra(mode), wide('erase', 2), wide('done', 3)];
}

function inOrder(mode: KeyMode): string {
  return mode === 'symbols' ? symbols.join('') : Array.from(letters.join('')).toSorted().join('');
}

function extra(mode: KeyMode): Key {
  switch (mode) {
    case 'pinyin':
      return wide('apart', 1);
    case 'latin':
      return wide('capitals', 1);
    case 'symbols':
    case 'code':
      return wide('.', 1);
  }
}
