/**
 * The district's keys of one suite: `district.key` opens what terminals seal, and only the intake worker reads it; `district.json` is its public
 * half. The keys that follow it have a number, and their public half the time from which terminals seal to it.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Suite } from '#contract/suite.ts';
import { createDurably, keyFile, pemOf, readKey, readOrCreate, SUFFIX } from './key-files.ts';
import { keyKinds } from './key-kinds.ts';

/** A public key of the district, to which day keys are sealed from a time on; null for the first. */
const DistrictKey = z.strictObject({
  id: z.string(),
  publicKey: z.string(),
  from: z.iso.datetime().nullable().default(null),
});
export type DistrictKey = z.infer<typeof DistrictKey>;
export type DistrictKeys = Readonly<Record<Suite, DistrictKey>>;

/** The public halves, the oldest first; none before the intake worker's first start. */
export function publishedHalves(folder: string, suite: Suite): DistrictKey[] {
  const halves: DistrictKey[] = [];
  for (let n = 1; existsSync(half(folder, suite, n)); n += 1) {
    halves.push(DistrictKey.parse(JSON.parse(readFileSync(half(folder, suite, n), 'utf8'))));
  }
  return halves;
}

/** What terminals seal to at a time. It is read anew each time: another process may have announced it. */
export function districtKeyAt(folder: string, suite: Suite, at: Date): DistrictKey {
  const due = publishedHalves(folder, suite).findLast(({ from }) => from === null || Date.parse(from) <= at.getTime());
  if (!due) throw new Error('the district keys were not published');
  return due;
}

/**
 * The private keys that are here, by their id, and publishes the first one's public half. Only for the intake worker.
 * @param files other places of private keys; without one the first key is made in the folder the first time.
 * @returns `missing` is the remedy when the newest key is gone, which is what terminals seal to
 * @throws Error when a file holds a key that terminals were never given. Nothing is written then.
 */
export function districtPrivateKeys(
  folder: string,
  suite: Suite,
  files: readonly string[] = [],
): { readonly held: ReadonlyMap<string, KeyObject>; readonly missing: string | null } {
  const { sealing } = keyKinds[suite];
  const given = files.map((file) => readKey(file, sealing));
  if (publishedHalves(folder, suite).length === 0) {
    publish(folder, suite, 1, given[0] ?? readOrCreate(keyFile(folder, 'district', suite, 1, 'key'), sealing), null);
  }
  const halves = publishedHalves(folder, suite);
  const held = new Map<string, KeyObject>();
  const own = halves.map((_, i) => keyFile(folder, 'district', suite, i + 1, 'key')).filter((file) => existsSync(file));
  for (const key of [...own.map((file) => readKey(file, sealing)), ...given]) {
    const found = halves.find(({ publicKey }) => publicKey === sealing.publicKey(key));
    if (!found) {
      throw new Error('terminals of this store seal to another district key; give that key, or start a new store');
    }
    held.set(found.id, key);
  }
  const newest = halves.at(-1);
  if (!newest || held.has(newest.id)) return { held, missing: null };
  return { held, missing: lostDistrictKey(keyFile(folder, 'district', suite, halves.length, 'key'), suite) };
}

/** The remedy. */
export function lostDistrictKey(file: string, suite: Suite): string {
  return (
    `${file} is gone, and terminals of this store seal to it: bring it back from its escrow, or name its place with ` +
    `--district${SUFFIX[suite]}-key`
  );
}

/**
 * Announces the next key, to which terminals seal from a time on; a key that was made and never announced is kept.
 * @param file another place of the private key; without it the key is made in the folder.
 * @throws Error in words while the last one's time has not come, or for a key that was in use
 */
export function announceDistrictKey(
  folder: string,
  suite: Suite,
  { from, now, file }: { readonly from: Date; readonly now: Date; readonly file?: string | undefined },
): DistrictKey {
  const halves = publishedHalves(folder, suite);
  const last = halves.at(-1);
  if (!last) throw new Error('there is no district key yet: start the gateway first');
  if (last.from !== null && Date.parse(last.from) > now.getTime()) {
    throw new Error(`the next district key of the ${suite} suite is announced already, for ${last.from}`);
  }
  const { sealing } = keyKinds[suite];
  const n = halves.length + 1;
  const own = keyFile(folder, 'district', suite, n, 'key');
  const key = file === undefined ? readOrCreate(own, sealing) : readKey(file, sealing);
  const publicKey = sealing.publicKey(key);
  if (halves.some((known) => known.publicKey === publicKey)) throw new Error('this key is or was in use');
  publish(folder, suite, n, key, from);
  const announced = publishedHalves(folder, suite)[n - 1];
  if (announced?.publicKey !== publicKey) throw new Error('another command announced a key at the same time');
  return announced;
}

/**
 * Takes the private half of a former key out of the folder, to a file that isn't there yet: what waits for it opens again when it is brought back.
 * @throws Error in words for the newest key, for one whose successor has not been in use for long enough, and without the file
 */
export function retireDistrictKey(
  folder: string,
  suite: Suite,
  { id, to, now, days }: { readonly id: string; readonly to: string; readonly now: Date; readonly days: number },
): DistrictKey {
  const halves = publishedHalves(folder, suite);
  const n = halves.findIndex((known) => known.id === id) + 1;
  const found = halves[n - 1];
  const next = halves[n];
  if (!found) throw new Error(`there is no district key ${id} of the ${suite} suite`);
  const over = next ? Date.parse(next.from ?? '') + days * 86_400_000 : Number.POSITIVE_INFINITY;
  if (!next) throw new Error('terminals seal to this key: it can be retired after another one has followed it');
  if (!(over <= now.getTime())) {
    throw new Error(`what was sealed to this key may wait on terminals until ${new Date(over).toISOString()}`);
  }
  const file = keyFile(folder, 'district', suite, n, 'key');
  if (!existsSync(file)) throw new Error(`${file} is not here`);
  if (existsSync(to)) throw new Error(`${to} is there already; give it its own name`);
  const { sealing } = keyKinds[suite];
  createDurably(to, pemOf(readKey(file, sealing)), 0o600);
  if (sealing.publicKey(readKey(to, sealing)) !== found.publicKey) throw new Error(`${to} does not hold the key`);
  rmSync(file);
  syncFolder(dirname(file));
  return found;
}

function half(folder: string, suite: Suite, n: number): string {
  return keyFile(folder, 'district', suite, n, 'json');
}

function publish(folder: string, suite: Suite, n: number, key: KeyObject, from: Date | null): void {
  const publicKey = keyKinds[suite].sealing.publicKey(key);
  const id = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16);
  // An earlier release reads the first one.
  const written = from === null ? { id, publicKey } : { id, publicKey, from: from.toISOString() };
  createDurably(half(folder, suite, n), JSON.stringify(written), 0o644);
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
