import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, rmSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Suite, suites } from '#contract/suite.ts';
import { StoreWriteError, storeError } from '../store/errors.ts';

/** Sealed materials in the data folder, each under the hash of its bytes; `<name>.new` is being written. */
export class MaterialFolder {
  readonly #folder: string;
  readonly #hash: string;

  constructor(folder: string, suite: Suite) {
    this.#folder = folder;
    this.#hash = suites[suite].hash;
  }

  /**
   * Writes one piece after the other; when this resolves, file and name are on the disk.
   * @param name free, for as long as it has no hash
   * @returns the hash of what was written, null when there was nothing
   * @throws StoreWriteError when the disk does not take it, or what `pieces` throws: nothing is left of it
   */
  async write(name: string, pieces: AsyncIterable<Uint8Array>): Promise<{ hash: string; bytes: number } | null> {
    await onDisk(this.#make());
    const beside = join(this.#folder, `${name}.new`);
    const sum = createHash(this.#hash);
    let bytes = 0;
    try {
      const file = await onDisk(open(beside, 'wx', 0o600));
      try {
        for await (const piece of pieces) {
          sum.update(piece);
          bytes += piece.length;
          await onDisk(file.writeFile(piece));
        }
        await onDisk(file.sync());
      } finally {
        await file.close();
      }
      if (bytes > 0) {
        const hash = sum.digest('hex');
        await onDisk(rename(beside, join(this.#folder, hash)));
        await onDisk(synced(this.#folder));
        return { hash, bytes };
      }
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await rm(beside, { force: true });
    return null;
  }

  /** A part; shorter than was asked for at the end. Rejects with the file system's error. */
  async read(hash: string, from: number, bytes: number): Promise<Uint8Array> {
    const file = await open(join(this.#folder, hash));
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Whether what lies here is what its name says. */
  async isRight(hash: string): Promise<boolean> {
    const sum = createHash(this.#hash);
    try {
      for await (const piece of createReadStream(join(this.#folder, hash)) as AsyncIterable<Buffer>) sum.update(piece);
    } catch {
      return false;
    }
    return sum.digest('hex') === hash;
  }

  /** @throws StoreWriteError */
  remove(name: string): void {
    try {
      rmSync(join(this.#folder, name), { force: true });
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Every name that lies here. @throws StoreWriteError */
  names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw refusal(error);
    }
  }

  async #make(): Promise<void> {
    const made = await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await synced(dirname(made));
  }
}

async function synced(folder: string): Promise<void> {
  const opened = await open(folder);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): StoreWriteError {
  const { code, detail } = storeError(error);
  return new StoreWriteError(code === 'disk-full' ? 'disk-full' : 'store-failed', detail);
}
