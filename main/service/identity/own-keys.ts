/**
 * The terminal's private keys on the disk. `terminal.key` signs. While a new one takes its place, `terminal.next.key` stands beside it, there
 * before the gateway hears of it. The one before stays as `terminal.former.key`: a gateway that was restored from a backup may know only that.
 * A power cut leaves each file either whole or absent.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '#contract/suite.ts';
import { textOf, writeDurably } from '../store/files.ts';
import { newKey, suiteOf } from '../suite/suite.ts';

/** One for each suite, so that a change of mind before the enrolment throws no key away. */
const NAMES: Readonly<Record<Suite, string>> = { standard: 'terminal', national: 'terminal-sm2' };
const ROLES = { present: 'key', next: 'next.key', former: 'former.key' } as const;
type Role = keyof typeof ROLES;

export function keyFile(etc: string, suite: Suite, role: Role = 'present'): string {
  return join(etc, `${NAMES[suite]}.${ROLES[role]}`);
}

/** @returns null when there is none of this suite. @throws the file system's error */
export function readKey(etc: string, suite: Suite, role: Role = 'present'): KeyObject | null {
  const file = keyFile(etc, suite, role);
  const pem = textOf(file);
  if (pem === null) return null;
  chmodSync(file, 0o600);
  try {
    const key = createPrivateKey(pem);
    return suiteOf(key) === suite ? key : null;
  } catch {
    return null;
  }
}

/** @throws the file system's error */
export function writeKey(etc: string, suite: Suite, key: KeyObject, role: Role = 'present'): void {
  writeDurably(keyFile(etc, suite, role), key.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
}

/** The keys of an enrolled terminal; only who holds the store's lock may change them. */
export class OwnKeys {
  readonly #etc: string;
  readonly #suite: Suite;
  #present: KeyObject;
  #next: KeyObject | null;
  #former: KeyObject | null;

  /** @returns null when the key that signs is missing. @throws the file system's error */
  static read(etc: string, suite: Suite): OwnKeys | null {
    const present = readKey(etc, suite);
    return present && new OwnKeys(etc, suite, present);
  }

  private constructor(etc: string, suite: Suite, present: KeyObject) {
    this.#etc = etc;
    this.#suite = suite;
    this.#present = present;
    const next = readKey(etc, suite, 'next');
    // The power may have gone after the next key took its place and before its own file went.
    this.#next = next?.equals(present) === true ? null : next;
    this.#former = readKey(etc, suite, 'former');
  }

  get present(): KeyObject {
    return this.#present;
  }

  /** What takes the place of the present key as soon as the gateway has taken it. */
  get next(): KeyObject | null {
    return this.#next;
  }

  get former(): KeyObject | null {
    return this.#former;
  }

  /** Makes the next key, or keeps to the one that waits already. @throws the file system's error */
  begin(): void {
    if (this.#next) return;
    const next = newKey(this.#suite);
    writeKey(this.#etc, this.#suite, next, 'next');
    this.#next = next;
  }

  /** The gateway has taken the next key: it signs from now on. @throws the file system's error, and nothing has changed then */
  complete(): void {
    const next = this.#next;
    if (!next) throw new Error('there is no next key');
    writeKey(this.#etc, this.#suite, this.#present, 'former');
    writeKey(this.#etc, this.#suite, next);
    this.#former = this.#present;
    this.#present = next;
    this.#next = null;
    rmSync(keyFile(this.#etc, this.#suite, 'next'), { force: true });
  }
}
