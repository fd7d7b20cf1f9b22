import type { KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Identity, writtenIdentity } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { textOf, writeDurably } from '../store/files.ts';
import { newKey, publicKeyOf } from '../suite/suite.ts';
import { keyFile, OwnKeys, readKey, writeKey } from './own-keys.ts';

/** Who this terminal is, with the key that proves it. */
export interface OwnIdentity extends Identity {
  /** Ed25519 or SM2; it never leaves the terminal. Read it anew for each signature: it may change. */
  readonly key: KeyObject;
  /** Verifies the gateway's answers. */
  readonly gateway: KeyObject;
}

/** As it stands on the disk. */
export interface StoredIdentity extends OwnIdentity {
  readonly keys: OwnKeys;
}

export interface IdentityError {
  readonly code: 'not-enrolled' | 'key-missing';
  readonly detail: string;
  readonly remedy: string;
}

const IDENTITY_FILE = 'identity.json';

/**
 * Reads what enrolment left in `etc`; a file that can't be read is as good as a missing key.
 * @param suite what terminal.yaml asks for: a terminal that was enrolled with the other one would not be what it says
 */
export function readIdentity(etc: string, suite: Suite = 'standard'): Result<StoredIdentity, IdentityError> {
  try {
    return readFiles(etc, suite);
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

function readFiles(etc: string, suite: Suite): Result<StoredIdentity, IdentityError> {
  const identity = readStored(etc);
  if (!identity.ok) return identity;
  const enrolled = identity.value.suite;
  if (enrolled !== suite) {
    return err({
      code: 'not-enrolled',
      detail: `gateway.suite is ${suite}, but this terminal was enrolled with the ${enrolled} suite`,
      remedy: `write suite: ${enrolled} into terminal.yaml, or enrol the terminal anew with empty folders`,
    });
  }
  const keys = OwnKeys.read(etc, suite);
  if (!keys) {
    return err({
      code: 'key-missing',
      detail: `${keyFile(etc, suite)} is missing or not a key of the ${suite} suite`,
      remedy: 'bring the terminal key back; if it is lost, the district must enrol the terminal anew',
    });
  }
  return ok({
    ...identity.value,
    keys,
    get key() {
      return keys.present;
    },
    gateway: publicKeyOf(identity.value.gatewayKey),
  });
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
  if (identity.success && holdsKeys(identity.data)) return ok(identity.data);
  return err({
    code: 'not-enrolled',
    detail: `${file} is not an identity`,
    remedy: 'bring the file back as enrolment wrote it, or enrol the terminal anew',
  });
}

/** Whether the keys are more than of the right form: a point that is not on the curve would fail only when it is needed. */
export function holdsKeys({ districtKey, gatewayKey }: Identity): boolean {
  try {
    // Either key of the national suite is an SM2 key, and any 32 bytes are a key of both kinds of the standard one.
    for (const key of [districtKey, gatewayKey]) publicKeyOf(key);
    return true;
  } catch {
    return false;
  }
}

/** The terminal's key, made at the first call (0600). @throws what {@link fileFault} puts into words */
export function ensureTerminalKey(etc: string, suite: Suite = 'standard'): KeyObject {
  const present = readKey(etc, suite);
  if (present) return present;
  mkdirSync(etc, { recursive: true, mode: 0o700 });
  const key = newKey(suite);
  writeKey(etc, suite, key);
  return key;
}

/** @throws what {@link fileFault} puts into words */
export function writeIdentity(etc: string, identity: Identity): void {
  writeDurably(join(etc, IDENTITY_FILE), `${JSON.stringify(writtenIdentity(identity), null, 2)}\n`, 0o600);
}

/**
 * Puts other keys of the district's side into the identity; a power cut leaves it as it was or as it shall be.
 * @throws what {@link fileFault} puts into words
 */
export function changeIdentity(
  etc: string,
  change: Partial<Pick<Identity, 'gatewayKey' | 'districtKey' | 'districtKeyId'>>,
): void {
  const identity = readStored(etc);
  if (!identity.ok) throw new Error(identity.error.detail);
  writeIdentity(etc, { ...identity.value, ...change });
}

/** Whether `etc` holds an identity that can be used. @throws what {@link fileFault} puts into words */
export function isEnrolled(etc: string): boolean {
  return readStored(etc).ok;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
