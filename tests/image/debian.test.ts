import { expect, test } from 'vitest';
import { askForPackages, askOnAnotherSystem, debianPackages, missingPackages } from '../../image/debian.ts';

const dpkg = [
  'xvfb\tinstalled\t',
  'socat\tconfig-files\t',
  'libgtk-3-0t64\tinstalled\tlibgtk-3-0 (= 3.24.41), gtk3-binver-3.0.0:amd64',
  '',
].join('\n');

test('a package is there when it is installed or provided by an installed one', () => {
  expect(missingPackages(['xvfb', 'libgtk-3-0', 'gtk3-binver-3.0.0'], dpkg)).toEqual([]);
});

test('a package that was removed, or was never there, is missing', () => {
  expect(missingPackages(['xvfb', 'socat', 'openbox'], dpkg)).toEqual(['socat', 'openbox']);
  expect(missingPackages(debianPackages, '')).toEqual(debianPackages);
});

test('without the rights to install, the exact command is said', () => {
  expect(askForPackages(['socat', 'openbox'])).toContain(
    '\n  apt-get update && apt-get install -y --no-install-recommends socat openbox\n',
  );
});

test('on another system the whole list is said', () => {
  for (const name of debianPackages) expect(askOnAnotherSystem(debianPackages)).toContain(name);
});
