import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CataloguePackage } from '#contract/catalogue.ts';
import { loadCatalogue, offered } from '#main/service/catalogue/catalogue.ts';

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yc-catalogue-'));
  cpSync('image/catalogue', folder, { recursive: true });
  return folder;
}

type Loose = { [K in keyof CataloguePackage]: CataloguePackage[K] } & { items: Record<string, never>[] };

/** The first catalogue with something wrong in it. */
function spoilt(spoil: (content: CataloguePackage) => void): string {
  const folder = copy();
  const file = join(folder, 'catalogue.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as Loose;
  spoil(content);
  writeFileSync(file, JSON.stringify(content));
  return folder;
}

function why(folder: string): string {
  const loaded = loadCatalogue(folder);
  return loaded.ok ? 'taken' : loaded.error.detail;
}

describe('the first catalogue', () => {
  it('holds the first three items, each of level S, in both languages', () => {
    const loaded = loadCatalogue('image/catalogue');
    if (!loaded.ok) throw new Error(loaded.error.detail);
    const { content, version } = loaded.value;
    expect(content.items.map(({ id, offline }) => [id, offline])).toEqual([
      ['residence-certificate', 'S'],
      ['participation-certificate', 'S'],
      ['student-practice-certificate', 'S'],
    ]);
    expect(version).toMatch(/^[0-9a-f]{64}$/);
    for (const level of Object.values(content.evaluation.reasons)) expect(Object.keys(level)).toHaveLength(8);
    expect(content.regions['120107']).toBe('塘沽区');
    expect(Object.keys(content.nations)).toHaveLength(58);
  });
});

describe('what is offered', () => {
  it('follows the day: neither an item out of its validity nor a group without one is there', () => {
    const folder = spoilt((content) => {
      for (const item of content.items) Object.assign(item, { validFrom: '2026-03-02', validTo: '2026-03-03' });
    });
    const loaded = loadCatalogue(folder);
    if (!loaded.ok) throw new Error(loaded.error.detail);
    let today = '2026-03-01';
    const seen = offered(loaded.value, () => today);
    const counts = () => [
      seen.content.groups.length > 0,
      seen.content.items.length,
      seen.item('residence-certificate')?.id,
    ];
    expect(counts()).toEqual([false, 0, undefined]);
    today = '2026-03-03';
    expect(counts()).toEqual([true, 3, 'residence-certificate']);
    today = '2026-03-04';
    expect(counts()).toEqual([false, 0, undefined]);
    expect(seen.version).toBe(loaded.value.version);
  });
});

describe('a package’s version', () => {
  it('is the same for the same files, and another for any other byte or name', () => {
    const version = (folder: string) => {
      const loaded = loadCatalogue(folder);
      return loaded.ok ? loaded.value.version : '';
    };
    const [a, b, c] = [copy(), copy(), copy()];
    writeFileSync(join(b, 'templates', 'more.typ'), '');
    writeFileSync(join(c, 'templates', 'frame.typ'), `${readFileSync(join(c, 'templates', 'frame.typ'), 'utf8')}\n`);
    expect(version(a)).toBe(version('image/catalogue'));
    expect(new Set([version(a), version(b), version(c)]).size).toBe(3);
  });
});

describe('a package is refused', () => {
  it('that is not there or no JSON', () => {
    expect(why(join(tmpdir(), 'no-such-package'))).toContain("can't be read (ENOENT)");
    const folder = copy();
    writeFileSync(join(folder, 'catalogue.json'), '{');
    expect(why(folder)).toContain('no JSON');
  });

  it('that lacks a template', () => {
    const folder = copy();
    rmSync(join(folder, 'templates', 'certificate.typ'));
    expect(why(folder)).toContain('the template certificate.typ is missing');
  });

  it.each<[string, (content: CataloguePackage) => void]>([
    ['items.0.title', (content) => Reflect.deleteProperty(content.items[0] ?? {}, 'title')],
    ['two items share an id', (content) => content.items.push(...content.items.slice(0, 1))],
    ['has no item', (content) => content.groups.push({ ...first(content.groups), id: 'empty' })],
    ['does not exist', (content) => Object.assign(first(content.items), { group: 'nowhere' })],
    [
      'two questions share the id',
      (content) =>
        Object.assign(first(content.items).form.steps[1] ?? {}, { fields: first(content.items).form.steps[0]?.fields }),
    ],
    [
      'no choice before it',
      (content) =>
        Object.assign(first(content.items).form.steps[0]?.fields[3] ?? {}, { when: { field: 'tenure', is: 'owned' } }),
    ],
    ['which no case has', (content) => first(content.items).documents[0]?.paragraphs.push('{salary}')],
    ['needs a certificate and an acceptance notice', (content) => first(content.items).documents.pop()],
  ])('where %s', (words, spoil) => {
    expect(why(spoilt(spoil))).toContain(words);
  });
});

function first<T>(list: readonly T[]): T {
  const [value] = list;
  if (value === undefined) throw new Error('an empty list');
  return value;
}
