import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Identity } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { writeDurably } from '../store/files.ts';

/** Who this terminal is, with the key that proves it. */
export interface OwnIdentity extends Identity {
  /** Ed25519; it never leaves the terminal. */
  readonly key: KeyObject;
  /** Verifies the gateway's answers. */
  readonly gateway: KeyObject;
}

export interface IdentityError {
  readonly code: 'not-enrolled' | 'key-missing';
  readonly detail: string;
  readonly remedy: string;
}

const IDENTITY_FILE = 'identity.json';
const KEY_FILE = 'terminal.key';

/** Reads what enrolment left in `etc`; a file that can't be read is as good as a missing key. */
export function readIdentity(etc: string): Result<OwnIdentity, IdentityError> {
  try {
    return readFiles(etc);
  } catch (error) {
    return err({ code: 'key-missing', ...fileFault(error, etc) });
  }
}

/** Words for what the file system refused in `etc`. @throws the error itself when it was something else */
export function fileFault(error: unknown, etc: string): Omit<IdentityError, 'code'> {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  const remedy = `give ${etc} and its files to the user who runs this, and see that the disk has room`;
  return { detail: error.message, remedy };
}

function readFiles(etc: string): Result<OwnIdentity, IdentityError> {
  const identity = readStored(etc);
  if (!identity.ok) return identity;
  const key = readKey(etc);
  if (!key) {
    return err({
      code: 'key-missing',
      detail: `${join(etc, KEY_FILE)} is missing or not an Ed25519 key`,
      remedy: 'bring the terminal key back; if it is lost, the district must enrol the terminal anew',
    });
  }
  return ok({ ...identity.value, key, gateway: publicKeyOf(identity.value.gatewayKey) });
}

function readStored(etc: string): Result<Identity, IdentityError> {
  const file = join(etc, IDENTITY_FILE);
  const text = textOf(file);
  if (text === null) {
    return err({
      code: 'not-enrolled',
      detail: 'this terminal was never enrolled',
      remedy: 'enrol it with a one-time code or a provisioning file (yichuang enrol)',
    });
  }
  const identity = Identity.safeParse(json(text));
  if (identity.success) return ok(identity.data);
  return err({
    code: 'not-enrolled',
    detail: `${file} is not an identity`,
    remedy: 'bring the file back as enrolment wrote it, or enrol the terminal anew',
  });
}

/** The terminal's key, made at the first call (0600). @throws what {@link fileFault} puts into words */
export function ensureTerminalKey(etc: string): KeyObject {
  const present = readKey(etc);
  if (present) return present;
  mkdirSync(etc, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeDurably(join(etc, KEY_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  return privateKey;
}

/** @throws what {@link fileFault} puts into words */
export function writeIdentity(etc: string, identity: Identity): void {
  writeDurably(join(etc, IDENTITY_FILE), `${JSON.stringify(identity, null, 2)}\n`, 0o600);
}

/** Whether `etc` holds an identity that can be used. @throws what {@link fileFault} puts into words */
export function isEnrolled(etc: string): boolean {
  return readStored(etc).ok;
}

/** The raw 32 bytes of a private key's public half in base64url. */
export function rawPublicKey(privateKey: KeyObject): string {
  return String(createPublicKey(privateKey).export({ format: 'jwk' }).x);
}

/** An Ed25519 public key from its raw 32 bytes in base64url. @throws Error when it is none. */
export function publicKeyOf(raw: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
}

function readKey(etc: string): KeyObject | null {
  const file = join(etc, KEY_FILE);
  const pem = textOf(file);
  if (pem === null) return null;
  chmodSync(file, 0o600);
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/** @returns null when there is no such file */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
