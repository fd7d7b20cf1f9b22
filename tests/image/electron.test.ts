import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readChoice } from '../../image/electron.ts';
import { integrityOf, requireIntegrity } from '../../image/registry-electron.ts';
import { tryElectron } from '../../image/try-electron.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'yichuang-runtime-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the integrity is the SHA-512 in npm’s notation', async () => {
  const file = path.join(folder, 'abc');
  writeFileSync(file, 'abc');
  // FIPS 180-4, the example for one block.
  const published =
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
  expect(await integrityOf(file)).toBe(`sha512-${Buffer.from(published, 'hex').toString('base64')}`);
});

test('a file that is not the pinned one is refused, with both integrities', async () => {
  const file = path.join(folder, 'package.tgz');
  writeFileSync(file, 'the pinned one');
  const pinned = await integrityOf(file);
  await expect(requireIntegrity(file, pinned)).resolves.toBeUndefined();
  writeFileSync(file, 'the pinned onf');
  const found = await integrityOf(file);
  await expect(requireIntegrity(file, pinned)).rejects.toThrow(`expected ${pinned}\nfound    ${found}`);
});

test('the Electron that set-up chose starts, shows a window and says the version that was recorded', async () => {
  const choice = await readChoice();
  expect(await tryElectron(choice?.path ?? 'no electron')).toBe(choice?.version);
});

test('an Electron that does not start is told with its own words', async () => {
  const binary = path.join(folder, 'electron');
  writeFileSync(binary, '#!/bin/sh\necho "libgbm.so.1: cannot open shared object file" >&2\nexit 127\n', {
    mode: 0o755,
  });
  await expect(tryElectron(binary)).rejects.toThrow(/status 127[^]*libgbm\.so\.1: cannot open/);
});
