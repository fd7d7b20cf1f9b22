import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packagesThatDiffer } from '../../image/setup.mjs';

const machine = { os: 'linux', cpu: 'x64' };
const differ = (locked: object, installed: object) =>
  packagesThatDiffer({ packages: { '': {}, ...locked } }, { packages: { ...installed } }, machine);

test('nothing differs when the same versions are there', () => {
  expect(differ({ 'node_modules/a': { version: '1.0.0' } }, { 'node_modules/a': { version: '1.0.0' } })).toEqual([]);
});

test('a missing package and one of another version differ', () => {
  const locked = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } };
  expect(differ(locked, { 'node_modules/b': { version: '2.0.1' } })).toEqual(['node_modules/a', 'node_modules/b']);
});

test('an optional package is asked for where it is made for this machine, and only there', () => {
  const binary = { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] };
  expect(differ({ 'node_modules/here': binary }, {})).toEqual(['node_modules/here']);
  expect(differ({ 'node_modules/here': { ...binary, os: 'linux', cpu: 'x64' } }, {})).toEqual(['node_modules/here']);
  expect(differ({ 'node_modules/arm': { ...binary, cpu: ['arm64'] } }, {})).toEqual([]);
  expect(differ({ 'node_modules/mac': { ...binary, os: ['darwin'] } }, {})).toEqual([]);
  expect(differ({ 'node_modules/musl': { ...binary, libc: ['musl'] } }, {})).toEqual([]);
  expect(differ({ 'node_modules/whatever': { version: '1.0.0', optional: true } }, {})).toEqual([]);
});

test('an optional package that is there must be of the right version', () => {
  const locked = { 'node_modules/a': { version: '1.0.0', optional: true } };
  expect(differ(locked, { 'node_modules/a': { version: '0.9.0' } })).toEqual(['node_modules/a']);
});

test('the lock file says what package.json asks for, carries an integrity for each package and no address', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const text = readFileSync('package-lock.json', 'utf8');
  const { packages } = JSON.parse(text);
  expect(packages['']).toMatchObject({ dependencies, devDependencies, optionalDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    expect(packages[`node_modules/${name}`], name).toMatchObject({ version });
  }
  const bare = Object.keys(packages).filter((folder) => folder !== '' && packages[folder].integrity === undefined);
  expect(bare.filter((folder) => packages[folder].inBundle !== true)).toEqual([]);
  expect(text).not.toContain('"resolved"');
});
