import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Packages by their content hash in the data folder: `<sha256>` is whole and right, `<sha256>.part` is on its way. Nothing here blocks the
 * service's thread. Every promise rejects with the file system's error.
 */
export class PackageFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async has(sha256: string): Promise<boolean> {
    return (await sizeOf(join(this.#folder, sha256))) !== null;
  }

  /** Bytes that are here of one that is on its way. */
  async partBytes(sha256: string): Promise<number> {
    return (await sizeOf(this.#part(sha256))) ?? 0;
  }

  /** When this resolves the part is on the disk. */
  async write(sha256: string, from: number, content: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(this.#part(sha256), from === 0 ? 'w' : 'r+', 0o600);
    try {
      for (let done = 0; done < content.length; ) {
        done += (await file.write(content, done, content.length - done, from + done)).bytesWritten;
      }
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Gives a package its name. @returns false when it is not what its name says: it is thrown away. */
  async seal(sha256: string): Promise<boolean> {
    const part = this.#part(sha256);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(part) as AsyncIterable<Buffer>) hash.update(chunk);
    if (hash.digest('hex') !== sha256) {
      await this.discard(sha256);
      return false;
    }
    await rename(part, join(this.#folder, sha256));
    const folder = await open(this.#folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return true;
  }

  /** Throws away what is here of one that is on its way. */
  async discard(sha256: string): Promise<void> {
    await rm(this.#part(sha256), { force: true });
  }

  /** Of everything that is here, whole or on its way. */
  async hashes(): Promise<ReadonlySet<string>> {
    try {
      const names = await readdir(this.#folder);
      return new Set(names.flatMap((name) => /^([0-9a-f]{64})(?:\.part)?$/.exec(name)?.[1] ?? []));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
      throw error;
    }
  }

  /** Throws away what is here of one, whole or on its way. */
  async remove(sha256: string): Promise<void> {
    await this.discard(sha256);
    await rm(join(this.#folder, sha256), { force: true });
  }

  #part(sha256: string): string {
    return join(this.#folder, `${sha256}.part`);
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
