/** The signed list of a release, and the keys that sign it. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RELEASE_LIST, RELEASE_SIGNATURE, type Release, releaseText } from '#contract/release.ts';
import { SetupError } from '../setup.mjs';

/**
 * The key that signs packages, from a PEM file (PKCS #8, Ed25519; `openssl genpkey -algorithm ed25519`).
 * @param spare where a key for development is kept, and made when there is none; it is used when `file` is not given
 */
export async function signingKey(file: string | undefined, spare: string): Promise<KeyObject> {
  if (file === undefined) await makeKey(spare);
  const text = await readFile(file ?? spare, 'utf8').catch(() => '');
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new SetupError(`${file ?? spare} is no Ed25519 private key: make one with  openssl genpkey -algorithm ed25519`);
}

async function makeKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  await mkdir(path.dirname(file), { recursive: true });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  // One that is there is kept: packages of one machine upgrade each other.
  await writeFile(file, pem, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** The public half, in PEM, as terminals keep it. */
export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** Takes away folders in which nothing is left. */
async function removeEmpty(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmpty(path.join(folder, entry.name));
  }
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}

/** Lists every file below `folder`, sets the modes that a release has, and leaves list and signature there. */
export async function signRelease(folder: string, about: Omit<Release, 'files'>, key: KeyObject): Promise<void> {
  await removeEmpty(folder);
  const files: Release['files'] = [];
  const names = (await readdir(folder, { recursive: true })).sort();
  for (const name of names) {
    const file = path.join(folder, name);
    const found = await lstat(file);
    if (found.isSymbolicLink()) throw new SetupError(`${file} is a link, which no release may hold`);
    await chmod(file, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
    if (!found.isFile() || name === RELEASE_LIST || name === RELEASE_SIGNATURE) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    files.push({ path: name, bytes: found.size, sha256: hash.digest('hex') });
  }
  const list = `${JSON.stringify({ ...about, files }, undefined, 1)}\n`;
  await writeFile(path.join(folder, RELEASE_LIST), list, { mode: 0o644 });
  await writeFile(path.join(folder, RELEASE_SIGNATURE), sign(null, Buffer.from(releaseText(list), 'utf8'), key), {
    mode: 0o644,
  });
}
