/** Keys as files: made once, whole or absent, and never written over. */
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '#contract/suite.ts';
import type { KeyKind } from './key-kinds.ts';

export const SUFFIX = { standard: '', national: '-sm2' } as const satisfies Readonly<Record<Suite, string>>;

/** The place of a key: the first has no number. @param n from 1 */
export function keyFile(
  folder: string,
  owner: 'gateway' | 'district',
  suite: Suite,
  n: number,
  ending: 'key' | 'json',
): string {
  return join(folder, `${owner}${SUFFIX[suite]}${n === 1 ? '' : `.${n}`}.${ending}`);
}

/** Reads a private key; the first time it is made. */
export function readOrCreate(path: string, kind: KeyKind): KeyObject {
  if (!existsSync(path)) createDurably(path, pemOf(kind.create()), 0o600);
  return readKey(path, kind);
}

/** @throws Error when the file is not there or holds no such key */
export function readKey(path: string, kind: KeyKind): KeyObject {
  const key = createPrivateKey(readFileSync(path, 'utf8'));
  if (!kind.is(key)) throw new Error(`${path} holds no ${kind.name} key`);
  return key;
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Writes a file that is either absent or whole, also after a power cut; the first of two writers wins. */
export function createDurably(path: string, text: string, mode: number): void {
  const folder = join(path, '..');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
