/** A language that nobody speaks: English a fifth longer, with marks on its letters, so that a screen with no room for another language shows it. */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { Text } from '#contract/text.ts';
import type { Scene } from './snapshots.ts';

const marked: Readonly<Record<string, string>> = {
  a: 'ä',
  c: 'ç',
  d: 'ď',
  e: 'é',
  g: 'ğ',
  i: 'ï',
  l: 'ł',
  n: 'ñ',
  o: 'ö',
  r: 'ř',
  s: 'š',
  t: 'ť',
  u: 'ü',
  y: 'ý',
  z: 'ž',
  A: 'Å',
  E: 'Ê',
  I: 'Î',
  O: 'Ø',
  U: 'Ů',
};

/** Every second vowel twice: words grow as in languages with longer words. What stands in braces is left as it is. */
function pseudo(words: string): string {
  let vowels = 0;
  return words.replaceAll(/\{\{\w+\}\}|./gs, (part) => {
    if (part.length > 1) return part;
    const letter = marked[part] ?? part;
    if (!/[aeiou]/i.test(part)) return letter;
    vowels += 1;
    return vowels % 2 === 0 ? letter : letter + letter.toLowerCase();
  });
}

function longer(value: unknown): unknown {
  if (typeof value === 'string') return pseudo(value);
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, inner]) => [key, longer(inner)]));
}

/** Builds the screens with this language in the place of English. */
export function speakingPseudo(): Plugin {
  return {
    name: 'pseudo-language',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('/i18n/en.json')) return null;
      return JSON.stringify(longer(JSON.parse(readFileSync(id, 'utf8'))));
    },
  };
}

function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== 'object' || value === null) return value;
  const text = Text.safeParse(value);
  if (text.success) return { ...text.data, en: pseudo(text.data.en) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, texts(inner)]));
}

/** A scene with this language in the place of English, in the catalogue's texts and in the names that are touched; keys of one letter are the same in all. */
export function inPseudo(scene: Scene): Scene {
  return {
    ...scene,
    terminal: texts(scene.terminal) as Scene['terminal'],
    visit: texts(scene.visit) as Scene['visit'],
    ...(scene.touch && { touch: scene.touch.map((name) => (name.length === 1 ? name : pseudo(name))) }),
  };
}
