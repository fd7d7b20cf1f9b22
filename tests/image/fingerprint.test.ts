import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint, whenChanged } from '../../image/fingerprint.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'yichuang-fingerprint-'));
  mkdirSync(at('screens/deep'), { recursive: true });
  writeFileSync(at('screens/a.ts'), 'a');
  writeFileSync(at('screens/deep/b.ts'), 'b');
  writeFileSync(at('lock.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const now = () => fingerprint(folder, ['screens', 'lock.json', 'absent']);

test('it stays while nothing changes, and what is outside does not count', async () => {
  const before = await now();
  writeFileSync(at('other.txt'), 'x');
  writeFileSync(at('screens/a.ts'), 'a');
  expect(await now()).toBe(before);
});

test.each([
  ['a changed file', () => writeFileSync(at('screens/deep/b.ts'), 'c')],
  ['a new file', () => writeFileSync(at('screens/deep/c.ts'), '')],
  ['a removed file', () => rmSync(at('screens/a.ts'))],
  ['a renamed file', () => renameSync(at('screens/a.ts'), at('screens/z.ts'))],
  ['a file given instead of a folder', () => writeFileSync(at('lock.json'), '{"a":1}')],
  [
    'content that moved between files',
    () => (writeFileSync(at('screens/a.ts'), ''), writeFileSync(at('screens/deep/b.ts'), 'ab')),
  ],
])('%s changes it', async (_name, change) => {
  const before = await now();
  change();
  expect(await now()).not.toBe(before);
});

test('work is done when the fingerprint changed, and not again', async () => {
  let worked = 0;
  const work = async () => {
    worked += 1;
  };
  expect(await whenChanged(at('out/record'), 'one', work)).toBe(true);
  expect(await whenChanged(at('out/record'), 'one', work)).toBe(false);
  expect(await whenChanged(at('out/record'), 'two', work)).toBe(true);
  expect(worked).toBe(2);
});

test('work that failed is done again', async () => {
  await whenChanged(at('record'), 'one', async () => {});
  await expect(whenChanged(at('record'), 'two', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await whenChanged(at('record'), 'one', async () => {})).toBe(true);
});
