/** Telling whether files changed since a step last worked. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A digest over the names and contents of files, and of all files below folders. Those that do not exist count as absent. */
export async function fingerprint(base: string, inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of await filesBelow(path.join(base, input))) {
      const content = await readFile(file);
      hash.update(`${path.relative(base, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

async function filesBelow(place: string): Promise<string[]> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Does the work unless the fingerprint is the recorded one; records it only when the work was done to its end.
 * @param record the file that holds the fingerprint of the last time
 * @returns whether there was work to do
 */
export async function whenChanged(record: string, current: string, work: () => Promise<void>): Promise<boolean> {
  const last = await readFile(record, 'utf8').catch(() => undefined);
  if (last === current) return false;
  await rm(record, { force: true });
  await work();
  await mkdir(path.dirname(record), { recursive: true });
  await writeFile(record, current);
  return true;
}
