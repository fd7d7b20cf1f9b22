/** The ways of writing, a tab each. */
export type Mode = 'pinyin' | 'hand' | 'latin' | 'symbols' | 'code';

/** What stands in a field while it is written. */
export interface Writing {
  readonly text: string;
  /** Letters of a sound, or digits of a code point, that no character was chosen for yet. */
  readonly typed: string;
  readonly mode: Mode;
  /** The next Latin letters are large. */
  readonly capitals: boolean;
}

/** What may be chosen for the first letters of what was typed. */
export interface Choice {
  readonly text: string;
  readonly typed: number;
}

export type Act =
  | { readonly do: 'key'; readonly key: string }
  | { readonly do: 'take'; readonly choice: Choice }
  | { readonly do: 'keep-letters' | 'erase' | 'drop' | 'clear' | 'capitals' }
  | { readonly do: 'mode'; readonly mode: Mode }
  | { readonly do: 'text'; readonly text: string };

/** Characters that a field takes. */
const MOST = 40;
const MOST_TYPED = 60;

/** What stands in the field after a key. */
export function write(writing: Writing, act: Act): Writing {
  const { text, typed, mode, capitals } = writing;
  switch (act.do) {
    case 'key':
      if (composes(mode, act.key, typed)) {
        return { ...writing, typed: `${typed}${act.key}`.slice(0, mode === 'code' ? 6 : MOST_TYPED) };
      }
      if (act.key === "'" && mode === 'pinyin') return writing;
      return add(writing, capitals ? act.key.toUpperCase() : act.key);
    case 'take': {
      const rest = typed.slice(act.choice.typed).replace(/^'+/, '');
      return { ...add(writing, act.choice.text), typed: rest };
    }
    case 'keep-letters':
      return { ...add(writing, typed), typed: '' };
    case 'erase':
      if (typed !== '') return { ...writing, typed: typed.slice(0, -1) };
      return { ...writing, text: Array.from(text).slice(0, -1).join('') };
    case 'drop':
      return typed === '' ? { ...writing, text: '' } : { ...writing, typed: '' };
    case 'clear':
      return { ...writing, text: '', typed: '' };
    case 'capitals':
      return { ...writing, capitals: !capitals };
    case 'mode':
      return { ...writing, typed: '', mode: act.mode, capitals: false };
    case 'text':
      return add({ ...writing, text: '' }, act.text);
  }
}

/** Whether a key waits for a choice instead of being written at once. */
export function composes(mode: Mode, key: string, typed: string): boolean {
  if (mode === 'code') return /^[0-9a-f]$/i.test(key);
  return mode === 'pinyin' && (/^[a-z]$/.test(key) || (key === "'" && typed !== '' && !typed.endsWith("'")));
}

function add(writing: Writing, more: string): Writing {
  return {
    ...writing,
    text: Array.from(writing.text + more)
      .slice(0, MOST)
      .join(''),
  };
}

/** The character of a code point in hexadecimal digits, if one is assigned there that can be seen. */
export function characterOf(digits: string): string | null {
  const code = Number.parseInt(digits, 16);
  if (Number.isNaN(code) || code > 0x10_ff_ff) return null;
  const character = String.fromCodePoint(code);
  return /^[\p{L}\p{N}\p{S}\p{P}]$/u.test(character) ? character : null;
}
