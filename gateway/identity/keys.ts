/**
 * The gateway's keys, files beside the SQLite store or in a folder that is named: `gateway.key` signs answers and provisioning files
 * (succession.ts); `district.key` opens what terminals seal (district.ts). Each stands there a second time, with `-sm2` in its name, for terminals
 * of the national suite. Several gateways of one store have the same keys, and the store keeps the public halves of the first ones, so that one
 * that has others is found out before it answers anybody.
 */
import { existsSync } from 'node:fs';
import { err, ok, type Result } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import type { StoreAddress } from '../store/address.ts';
import type { GatewayStore, PinnedKey, Pins } from '../store/store.ts';
import { type DistrictKeys, districtPrivateKeys, lostDistrictKey, publishedHalves } from './district.ts';
import { keyFile, SUFFIX } from './key-files.ts';
import { Succession } from './succession.ts';

/** What signs, in each suite. */
export type GatewayKeys = Readonly<Record<Suite, Pick<Succession, 'publicKey' | 'publicKeyAt' | 'at' | 'successors'>>>;

/** @param given the folder that was named, if any; the error is the remedy */
export function keysFolder(store: StoreAddress, given: string | undefined): Result<string, string> {
  if (given !== undefined) return ok(given);
  if (store.kind === 'sqlite') return ok(`${store.path}.keys`);
  return err(
    'a store on PostgreSQL has no keys beside it: name their folder with --keys, the same keys for every gateway',
  );
}

/** @throws Error when this store was used with another key of either suite: terminals know that one. */
export async function checkShared(
  store: Pick<Pins, 'pin'>,
  owner: 'gateway' | 'district',
  keys: Readonly<Record<Suite, { readonly publicKey: string }>>,
): Promise<void> {
  for (const suite of Suite.options) {
    const name: PinnedKey = `${owner}${SUFFIX[suite]}-key`;
    const { publicKey } = keys[suite];
    if ((await store.pin(name, publicKey)) === publicKey) continue;
    throw new Error(
      `terminals of this store know another ${name.replaceAll('-', ' ')}; give every gateway the same keys`,
    );
  }
}

/**
 * Looks before anything is written whether a key is gone that terminals of this store know: one that was made in its place would
 * stand in the way of the right one. It asks for the first key, by which a store knows its folder; those that follow are never made by themselves.
 * @param elsewhere other places of the district's private keys
 * @throws Error in words then.
 */
export async function missLost(
  store: Pick<Pins, 'pinned'>,
  owner: 'gateway' | 'district',
  folder: string,
  elsewhere: Readonly<Record<Suite, readonly string[]>> = { standard: [], national: [] },
): Promise<void> {
  for (const suite of Suite.options) {
    const own = keyFile(folder, owner, suite, 1, 'key');
    // Where the district's public half is, the intake worker alone has to have the private one.
    if (existsSync(own) || elsewhere[suite].length > 0) continue;
    if (owner === 'district' && publishedHalves(folder, suite).length > 0) continue;
    if ((await store.pinned(`${owner}${SUFFIX[suite]}-key`)) === null) continue;
    throw new Error(
      owner === 'district'
        ? lostDistrictKey(own, suite)
        : `${own} is gone, and terminals of this store know it: bring it back from its copy`,
    );
  }
}

/** Reads the signing keys; the first time they are made. @throws Error when an announcement among them is not one */
export function gatewayKeys(folder: string): Readonly<Record<Suite, Succession>> {
  return { standard: Succession.read(folder, 'standard'), national: Succession.read(folder, 'national') };
}

/**
 * Brings announcements of the gateway's next keys from the folder to the store, and those of other gateways from there to the folder.
 * @throws Error in words when the two contradict each other
 */
export async function exchangeSuccessors(
  store: Pick<GatewayStore, 'successors' | 'announce'>,
  keys: Readonly<Record<Suite, Succession>>,
): Promise<void> {
  for (const suite of Suite.options) {
    const own = keys[suite].successors;
    const stored = (await store.successors(suite)).length;
    for (const [i, successor] of own.entries()) if (i >= stored) await store.announce(suite, i + 2, successor);
    keys[suite].take(await store.successors(suite));
  }
}

/**
 * Makes the next signing key of a suite and announces it; the first of two gateways wins.
 * @throws Error in words when there is one already, or the present one is not here
 */
export async function rotateGatewayKey(
  store: Pick<GatewayStore, 'successors' | 'announce'>,
  succession: Succession,
  times: { readonly from: Date; readonly now: Date },
): Promise<void> {
  const { suite } = succession;
  const made = succession.next(times.from, times.now);
  const n = succession.successors.length + 2;
  await store.announce(suite, n, made);
  const all = await store.successors(suite);
  if (all[n - 2]?.publicKey !== made.publicKey) {
    succession.drop(n);
    throw new Error('another gateway announced its key at the same time: copy its folder');
  }
  succession.take(all);
}

/**
 * The first of the district's public halves, for whoever comes before the intake worker's first start. A half that is published stays: its private
 * key may be kept elsewhere.
 */
export function publishedDistrictKeys(folder: string): DistrictKeys {
  for (const suite of Suite.options) {
    if (publishedHalves(folder, suite).length === 0) districtPrivateKeys(folder, suite);
  }
  const keys = districtKeys(folder);
  if (!keys) throw new Error('the district keys were not published');
  return keys;
}

/** The first of the district's public halves; null before the intake worker's first start. */
export function districtKeys(folder: string): DistrictKeys | null {
  const [standard, national] = Suite.options.map((suite) => publishedHalves(folder, suite)[0]);
  return standard && national ? { standard, national } : null;
}
