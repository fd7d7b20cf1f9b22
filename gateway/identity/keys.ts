/**
 * The gateway's keys, files beside the SQLite store or in a folder that is named: `gateway.key` signs answers and provisioning files;
 * `district.key` opens what terminals seal, and only the intake worker reads it; `district.json` is its public half. Each stands there a
 * second time, with `-sm2` in its name, for terminals of the national suite. Several gateways of one store have the same keys, and the
 * store keeps the public halves, so that one that has others is found out before it answers anybody.
 */
import { createHash, createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
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
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import type { StoreAddress } from '../store/address.ts';
import type { PinnedKey, Pins } from '../store/store.ts';
import { type KeyKind, keyKinds } from './key-kinds.ts';

const SUFFIX = { standard: '', national: '-sm2' } as const satisfies Readonly<Record<Suite, string>>;

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
 * stand in the way of the right one.
 * @param elsewhere other places of the district's private keys
 * @throws Error in words then.
 */
export async function missLost(
  store: Pick<Pins, 'pinned'>,
  owner: 'gateway' | 'district',
  folder: string,
  elsewhere: Partial<Readonly<Record<Suite, string | undefined>>> = {},
): Promise<void> {
  for (const suite of Suite.options) {
    const own = join(folder, `${owner}${SUFFIX[suite]}.key`);
    // Where the district's public half is, the intake worker alone has to have the private one.
    if (existsSync(own) || elsewhere[suite] !== undefined) continue;
    if (owner === 'district' && existsSync(publishedAt(folder, suite))) continue;
    if ((await store.pinned(`${owner}${SUFFIX[suite]}-key`)) === null) continue;
    throw owner === 'district'
      ? lostDistrictKey(own, suite)
      : new Error(`${own} is gone, and terminals of this store believe it alone: bring it back from its copy`);
  }
}

function lostDistrictKey(own: string, suite: Suite): Error {
  return new Error(
    `${own} is gone, and terminals of this store seal to it: bring it back from its escrow, or name its place with ` +
      `--district${SUFFIX[suite]}-key`,
  );
}

/** A signing key of the gateway. */
interface GatewayKey {
  /** As it travels, in base64url. */
  readonly publicKey: string;
  sign(data: string): Buffer;
}
export type GatewayKeys = Readonly<Record<Suite, GatewayKey>>;

/** A public key of the district, to which day keys are sealed. */
const DistrictKey = z.strictObject({ id: z.string(), publicKey: z.string() });
type DistrictKey = z.infer<typeof DistrictKey>;
export type DistrictKeys = Readonly<Record<Suite, DistrictKey>>;

/** Reads the signing keys; the first time they are made. */
export function gatewayKeys(folder: string): GatewayKeys {
  return { standard: gatewayKey(folder, 'standard'), national: gatewayKey(folder, 'national') };
}

function gatewayKey(folder: string, suite: Suite): GatewayKey {
  const { signing } = keyKinds[suite];
  const key = readOrCreate(join(folder, `gateway${SUFFIX[suite]}.key`), signing);
  return { publicKey: signing.publicKey(key), sign: (data) => signing.sign(Buffer.from(data), key) };
}

/**
 * Reads the district's private key of a suite and publishes its public half beside the store. Only for the intake worker.
 * @param file another place of the private key; without it the key is made in the folder the first time.
 * @throws Error when terminals were given another key than this one, or it is gone: what they sealed would never open. Nothing is written then.
 */
export function districtPrivateKey(folder: string, suite: Suite, file?: string): KeyObject {
  const { sealing } = keyKinds[suite];
  const own = join(folder, `district${SUFFIX[suite]}.key`);
  const published = districtKey(folder, suite);
  if (file === undefined && published !== null && !existsSync(own)) throw lostDistrictKey(own, suite);
  const key = file === undefined ? readOrCreate(own, sealing) : privateKey(readFileSync(file, 'utf8'), sealing, file);
  const publicKey = sealing.publicKey(key);
  if (published === null) {
    const id = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16);
    createDurably(publishedAt(folder, suite), JSON.stringify({ id, publicKey } satisfies DistrictKey), 0o644);
  } else if (published.publicKey !== publicKey) {
    throw new Error('terminals of this store seal to another district key; give that key, or start a new store');
  }
  return key;
}

/**
 * The district's public halves, for whoever comes before the intake worker's first start. A half that is published stays: its private
 * key may be kept elsewhere.
 */
export function publishedDistrictKeys(folder: string): DistrictKeys {
  for (const suite of Suite.options) if (!districtKey(folder, suite)) districtPrivateKey(folder, suite);
  const keys = districtKeys(folder);
  if (!keys) throw new Error('the district keys were not published');
  return keys;
}

/** The district's public halves; null before the intake worker's first start. */
export function districtKeys(folder: string): DistrictKeys | null {
  const [standard, national] = Suite.options.map((suite) => districtKey(folder, suite));
  return standard && national ? { standard, national } : null;
}

function districtKey(folder: string, suite: Suite): DistrictKey | null {
  const path = publishedAt(folder, suite);
  return existsSync(path) ? DistrictKey.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

function publishedAt(folder: string, suite: Suite): string {
  return join(folder, `district${SUFFIX[suite]}.json`);
}

function readOrCreate(path: string, kind: KeyKind): KeyObject {
  if (!existsSync(path)) {
    createDurably(path, kind.create().export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  }
  return privateKey(readFileSync(path, 'utf8'), kind, path);
}

function privateKey(pem: string, kind: KeyKind, path: string): KeyObject {
  const key = createPrivateKey(pem);
  if (!kind.is(key)) throw new Error(`${path} holds no ${kind.name} key`);
  return key;
}

/** Writes a file that is either absent or whole, also after a power cut; the first of two writers wins. */
function createDurably(path: string, text: string, mode: number): void {
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
