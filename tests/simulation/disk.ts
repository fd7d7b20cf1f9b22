import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk in memory where the machine has one: what counts here is what was written, not how long it takes. */
const MEMORY = '/dev/shm';

/** The disks of one world, each a folder with one SQLite store. */
export class Disks {
  readonly #root: string;
  #made = 0;

  constructor() {
    this.#root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'yichuang-simulation-'));
  }

  fresh(): string {
    this.#made += 1;
    const folder = join(this.#root, String(this.#made));
    mkdirSync(folder);
    return folder;
  }

  /**
   * Another disk with the same content, as it stands at this moment: what SQLite keeps in shared memory is not on a disk.
   * @param walBytes so much of the write-ahead log has reached the disk; all of it when nothing is given
   */
  copy(from: string, walBytes?: number): string {
    const to = this.fresh();
    for (const name of readdirSync(from)) {
      if (!name.endsWith('-shm')) copyFileSync(join(from, name), join(to, name));
    }
    const wal = readdirSync(to).find((name) => name.endsWith('-wal'));
    if (wal !== undefined && walBytes !== undefined && walBytes < walSize(to)) truncateSync(join(to, wal), walBytes);
    return to;
  }

  drop(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }

  close(): void {
    this.drop(this.#root);
  }
}

/** Bytes of the write-ahead log in a disk's folder. */
export function walSize(folder: string): number {
  const wal = readdirSync(folder).find((name) => name.endsWith('-wal'));
  return wal === undefined ? 0 : (statSync(join(folder, wal), { throwIfNoEntry: false })?.size ?? 0);
}
