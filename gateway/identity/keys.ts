/**
 * The gateway's keys, files beside the store: `gateway.key` signs answers and provisioning files; `district.key` opens what
 * terminals seal, and only the intake worker reads it; `district.json` is its public half.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
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

export function keysFolder(storePath: string): string {
  return `${storePath}.keys`;
}

/** The gateway's signing key (Ed25519). */
export interface GatewayKey {
  /** Raw 32 bytes in base64url. */
  readonly publicKey: string;
  sign(data: string): Buffer;
}

/** The district's public key (X25519), to which day keys are sealed. */
export const DistrictKey = z.strictObject({ id: z.string(), publicKey: z.string() });
export type DistrictKey = z.infer<typeof DistrictKey>;

/** Reads the signing key; the first time it is made. */
export function gatewayKey(folder: string): GatewayKey {
  const key = readOrCreate(join(folder, 'gateway.key'), 'ed25519');
  return { publicKey: rawPublicKey(key), sign: (data) => sign(null, Buffer.from(data), key) };
}

/**
 * Reads the district's private key and publishes its public half beside the store. Only for the intake worker.
 * @param file another place of the private key; without it the key is made in the folder the first time.
 * @throws Error when terminals were given another key than this one: what they sealed would never open.
 */
export function districtPrivateKey(folder: string, file?: string): KeyObject {
  const key =
    file === undefined
      ? readOrCreate(join(folder, 'district.key'), 'x25519')
      : privateKey(readFileSync(file, 'utf8'), 'x25519', file);
  const publicKey = rawPublicKey(key);
  const published = districtKey(folder);
  if (published === null) {
    const id = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16);
    createDurably(join(folder, 'district.json'), JSON.stringify({ id, publicKey } satisfies DistrictKey), 0o644);
  } else if (published.publicKey !== publicKey) {
    throw new Error('terminals of this store seal to another district key; give that key, or start a new store');
  }
  return key;
}

/** The district's public half; null before the intake worker's first start. */
export function districtKey(folder: string): DistrictKey | null {
  const path = join(folder, 'district.json');
  return existsSync(path) ? DistrictKey.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

function readOrCreate(path: string, type: 'ed25519' | 'x25519'): KeyObject {
  if (!existsSync(path)) createDurably(path, generatePem(type), 0o600);
  return privateKey(readFileSync(path, 'utf8'), type, path);
}

function generatePem(type: 'ed25519' | 'x25519'): string {
  const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function privateKey(pem: string, type: 'ed25519' | 'x25519', path: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== type) throw new Error(`${path} holds no ${type} key`);
  return key;
}

function rawPublicKey(key: KeyObject): string {
  return z.object({ x: z.string() }).parse(createPublicKey(key).export({ format: 'jwk' })).x;
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
