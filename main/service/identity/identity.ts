import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
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
/** Reads what enrolment left in `etc`. */
export function readIdentity(etc: string): Result<OwnIdentity, IdentityError> {
  const file = join(etc, IDENTITY_FILE);
  if (!existsSync(file)) {
    return err({
      code: 'not-enrolled',
      detail: 'this terminal was never enrolled',
      remedy: 'enrol it with a one-time code or a provisioning file (yichuang enrol)',
    });
  }
  const identity = Identity.safeParse(json(readFileSync(file, 'utf8')));
  if (!identity.success) {
    return err({
      code: 'not-enrolled',
      detail: `${file} is not an identity`,
      remedy: 'bring the file back as enrolment wrote it, or enrol the terminal anew',
    });
  }
  const key = readKey(etc);
  if (!key) {
    return err({
      code: 'key-missing',
      detail: `${join(etc, KEY_FILE)} is missing or not an Ed25519 key`,
      remedy: 'bring the terminal key back; if it is lost, the district must enrol the terminal anew',
    });
  }
  return ok({ ...identity.data, key, gateway: publicKeyOf(identity.data.gatewayKey) });
}

/** The terminal's key, made at the first call (0600). */
export function ensureTerminalKey(etc: string): KeyObject {
  const present = readKey(etc);
  if (present) return present;
  mkdirSync(etc, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeDurably(join(etc, KEY_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  return privateKey;
}

export function writeIdentity(etc: string, identity: Identity): void {
  writeDurably(join(etc, IDENTITY_FILE), `${JSON.stringify(identity, null, 2)}\n`, 0o600);
}

export function isEnrolled(etc: string): boolean {
  return existsSync(join(etc, IDENTITY_FILE));
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
  if (!existsSync(file)) return null;
  chmodSync(file, 0o600);
  try {
    const key = createPrivateKey(readFileSync(file));
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
