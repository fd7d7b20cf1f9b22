import { describe, expect, it } from 'vitest';
import { type Book, missing, summary } from './book/book.ts';
import { leaves } from './book/leaves.ts';
import { looks, pages, turns } from './book/manifest.ts';
import { scenes } from './snapshots.ts';

const names = pages.map(({ name }) => name);
const [first, ...others] = pages;
if (!first) throw new Error('the manifest has no page');
const picture = (page: string) => ({
  file: `portrait/zh-elder/${page}.png`,
  turn: 'portrait',
  look: 'zh-elder',
  page,
  problems: [],
});

describe('the picture book', () => {
  it('declares each page once', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a scene for every page, and no scene that is not declared', () => {
    const order = (list: readonly string[]) => list.toSorted((one, other) => one.localeCompare(other));
    expect(order(scenes.map(({ name }) => name))).toEqual(order(names));
  });

  it('is taken in every turn, and in every mode and theme in every language', () => {
    expect(turns).toEqual(['portrait', 'landscape']);
    const shown = Object.values(looks);
    for (const language of ['zh', 'en']) {
      const own = shown.filter((display) => display.language === language);
      expect(new Set(own.map(({ mode }) => mode))).toEqual(new Set(['standard', 'elder', 'large']));
      expect(new Set(own.map(({ theme }) => theme))).toEqual(new Set(['standard', 'contrast', 'dark']));
      expect(new Set(own.map(({ reach }) => reach))).toEqual(new Set(['full', 'low']));
      expect(new Set(own.map(({ hand }) => hand))).toEqual(new Set(['right', 'left']));
    }
  });

  it('names what is missing', () => {
    const wanted = { turns: ['portrait'], looks: ['zh-elder'], pages };
    const taken = others.map(({ name }) => picture(name));
    expect(missing(wanted, taken)).toEqual([picture(first.name).file]);
    expect(missing(wanted, names.map(picture))).toEqual([]);
  });

  it('counts what is missing and what is wrong, and is safe to open', () => {
    const book: Book = {
      turns: ['portrait'],
      looks: ['zh-elder'],
      pages: [first],
      pictures: [{ ...picture(first.name), problems: ['text cut: <p> </script>'] }],
      missing: [],
    };
    expect(summary(book)).toBe('1 pages, 1 pictures, 0 missing, 1 problems');
    const html = leaves(book, '');
    const data = /<script type="application\/json" id="book">(.*?)<\/script>/s.exec(html)?.[1];
    expect(JSON.parse(data ?? '')).toEqual(book);
  });
});
