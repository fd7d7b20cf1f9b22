import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { data, fonts, isAllowed, notice, productionComponents, readLock } from '../../image/licences.ts';

test('NOTICE is what `npm run licences` would write', async () => {
  expect(readFileSync('NOTICE', 'utf8')).toBe(notice(await readLock()));
});

test('everything that a terminal ships has a licence that goes with ours', async () => {
  const components = [...productionComponents(await readLock()), ...fonts, ...data];
  expect(components.length).toBeGreaterThan(50);
  expect(components.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});

test('an expression is allowed by one side of an OR, but needs both sides of an AND', () => {
  expect(isAllowed('(GPL-3.0 OR MIT)')).toBe(true);
  expect(isAllowed('GPL-3.0')).toBe(false);
  expect(isAllowed('MIT AND GPL-3.0')).toBe(false);
  expect(isAllowed('Apache-2.0 AND MIT')).toBe(true);
  expect(isAllowed('unknown')).toBe(false);
});

test('packages for development are left out, and one package in two places counts once', () => {
  const entry = { version: '1.0.0', license: 'MIT' };
  const packages = {
    '': {},
    'node_modules/a': entry,
    'node_modules/b/node_modules/a': entry,
    'node_modules/@x/c': { version: '2.0.0' },
    'node_modules/tool': { ...entry, dev: true },
    'node_modules/peer': { ...entry, devOptional: true },
  };
  expect(productionComponents({ packages })).toEqual([
    { name: '@x/c', version: '2.0.0', licence: 'unknown' },
    { name: 'a', version: '1.0.0', licence: 'MIT' },
  ]);
});
