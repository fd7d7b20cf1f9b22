import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '#renderer/i18n/en.json' with { type: 'json' };
import zh from '#renderer/i18n/zh.json' with { type: 'json' };

interface Tree {
  readonly [key: string]: string | Tree;
}

function flat(tree: Tree, over = ''): Map<string, string> {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[over + key, value]] : [...flat(value, `${over}${key}.`)],
  );
  return new Map(entries);
}

const chinese = flat(zh);
const english = flat(en);

/** Every file of the screens, joined. */
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return /\.tsx?$/.test(entry.name) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

/** Keys as they stand in the sources: whole ones, and patterns with something spliced in. */
function usedKeys(source: string): { readonly whole: Set<string>; readonly patterns: readonly RegExp[] } {
  const whole = new Set([...source.matchAll(/['"]([a-zA-Z]+(?:\.[a-zA-Z-]+)*)['"]/g)].map(([, key]) => key ?? ''));
  const spliced = [...source.matchAll(/`([a-z][a-zA-Z.-]*\$\{[^`]*)`/g)].map(([, key]) => key ?? '');
  const patterns = spliced.map((key) => new RegExp(`^${key.replaceAll('.', '\\.').replaceAll(/\$\{.*?\}/g, '.+')}$`));
  return { whole, patterns };
}

describe('the words', () => {
  it('are the same in every language', () => {
    expect([...english.keys()]).toEqual([...chinese.keys()]);
  });

  it('name the same values in every language', () => {
    const values = (words = '') =>
      [...words.matchAll(/\{\{(\w+)\}\}/g)]
        .map(([, name = '']) => name)
        .toSorted((one, other) => one.localeCompare(other));
    const different = [...chinese].filter(([key, words]) => values(words).join() !== values(english.get(key)).join());
    expect(different).toEqual([]);
  });

  it('are all used', () => {
    const { whole, patterns } = usedKeys(sources('renderer'));
    // A word that is built in two steps (`${words}.title`) is used when its first step is.
    const stem = (key: string) => key.replace(/\.(title|note|words|yes)$/, '');
    const used = (key: string) =>
      whole.has(key) || whole.has(stem(key)) || patterns.some((one) => one.test(key) || one.test(stem(key)));
    expect([...chinese.keys()].filter((key) => !used(key))).toEqual([]);
  });

  it('say no code and no English to Chinese residents', () => {
    const strange = [...chinese].filter(
      ([key, words]) => key !== 'bar.language' && /[a-zA-Z]{2,}/.test(words.replaceAll(/\{\{\w+\}\}/g, '')),
    );
    expect(strange).toEqual([]);
  });

  it('keep sentences short', () => {
    const sentences = (words: ReadonlyMap<string, string>) =>
      [...words.values()].flatMap((one) => one.split(/[。？！；：.?!;:]/));
    expect(sentences(chinese).filter((sentence) => sentence.length > 36)).toEqual([]);
    expect(sentences(english).filter((sentence) => sentence.trim().split(/\s+/).length > 14)).toEqual([]);
  });

  it('keep what stands on a small control short', () => {
    const onControls = (words: ReadonlyMap<string, string>) =>
      [...words].filter(([key]) => /^(bar|scroll)\.(?!name$)/.test(key));
    expect(onControls(chinese).filter(([, words]) => words.length > 7)).toEqual([]);
    expect(onControls(english).filter(([, words]) => words.length > 16)).toEqual([]);
  });
});
