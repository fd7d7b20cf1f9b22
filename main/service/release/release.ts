import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RELEASE_LIST, RELEASE_SIGNATURE, Release, releaseText } from '#contract/release.ts';
import { err, ok, type Result } from '#contract/result.ts';

/** Why an installed release is not run, for staff. */
export interface ReleaseError {
  readonly code: 'release-key' | 'release-unsigned' | 'release-changed';
  readonly detail: string;
}

/** Files that are read at the same time. */
const AT_ONCE = 4;
const CHUNK_BYTES = 1 << 20;
/** Write permission for the group or for everybody. */
const OTHERS_WRITE = 0o022;

/**
 * Checks that a folder holds a signed release and nothing else: the list carries the signature of `keyFile` (an Ed25519 public
 * key in PEM), every file of it is there with its bytes, no other file is, and all of it belongs to `owner` alone to write.
 * @param owner user id of whoever installs, 0 on a terminal
 */
export async function verifyRelease(
  folder: string,
  keyFile: string,
  owner = 0,
): Promise<Result<Release, ReleaseError>> {
  const key = readKey(keyFile);
  if (!key) {
    const detail = `${keyFile} is no public key: install the vendor's package again`;
    return err({ code: 'release-key', detail });
  }
  const list = readList(folder, key);
  if (!list) {
    const detail = `the list in ${folder} is not signed with ${keyFile}: install the vendor's package again`;
    return err({ code: 'release-unsigned', detail });
  }
  const wrong = await firstDifference(folder, list, owner);
  if (wrong === null) return ok(list);
  return err({ code: 'release-changed', detail: `${wrong}: install the vendor's package again` });
}

function readKey(file: string): KeyObject | null {
  try {
    const key = createPublicKey(readFileSync(file));
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

function readList(folder: string, key: KeyObject): Release | null {
  try {
    const list = readFileSync(join(folder, RELEASE_LIST), 'utf8');
    const signature = readFileSync(join(folder, RELEASE_SIGNATURE));
    if (!verify(null, Buffer.from(releaseText(list), 'utf8'), key, signature)) return null;
    return Release.safeParse(JSON.parse(list)).data ?? null;
  } catch {
    return null;
  }
}

/** What is not as the list says, in words; `null` when everything is. */
async function firstDifference(folder: string, { files }: Release, owner: number): Promise<string | null> {
  const listed = new Set(['', RELEASE_LIST, RELEASE_SIGNATURE]);
  for (const { path } of files) {
    listed.add(path);
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      listed.add(path.slice(0, slash));
    }
  }
  for (const path of [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))]) {
    const name = relative(folder, path);
    const { mode, uid } = lstatSync(path);
    if (!listed.has(name)) return `${path} does not belong to the release`;
    if (uid !== owner || (mode & OTHERS_WRITE) !== 0) return `${path} can be changed by others than its owner`;
  }
  const waiting = [...files];
  const readers = Array.from({ length: AT_ONCE }, async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      if (!(await isAsListed(join(folder, file.path), file))) {
        waiting.length = 0;
        return `${join(folder, file.path)} is not the file of the release`;
      }
    }
    return null;
  });
  return (await Promise.all(readers)).find((found) => found !== null) ?? null;
}

async function isAsListed(path: string, { bytes, sha256 }: Release['files'][number]): Promise<boolean> {
  try {
    const found = lstatSync(path);
    // A link would lead out of the release.
    if (!found.isFile() || found.size !== bytes) return false;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), hash);
    return hash.digest('hex') === sha256;
  } catch {
    return false;
  }
}
