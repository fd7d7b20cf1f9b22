import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** @returns null when there is no such file */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes a file so that a power cut leaves either nothing or all of it: temporary neighbour, fsync, rename, fsync of the folder. */
export function writeDurably(file: string, content: Uint8Array | string, mode: number): void {
  const beside = `${file}.new`;
  rmSync(beside, { force: true });
  const out = openSync(beside, 'wx', mode);
  try {
    writeFileSync(out, content);
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  renameSync(beside, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
