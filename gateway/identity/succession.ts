/**
 * The gateway's signing keys of one suite. `gateway.key` is the first; `gateway.2.key` follows it, announced in `gateway.2.json` under the
 * signature of the first, and so on. The store has the announcements too: they reach gateways on other machines through it, and
 * a store that was restored gets them back from the folder.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { inForce, isSuccession, Successor, successorText } from '#contract/keys.ts';
import type { Suite } from '#contract/suite.ts';
import { isSigned } from '../suite/suite.ts';
import { createDurably, keyFile, readKey, readOrCreate } from './key-files.ts';
import { keyKinds } from './key-kinds.ts';

/** A signing key of the gateway. */
export interface GatewayKey {
  /** As it travels, in base64url. */
  readonly publicKey: string;
  sign(data: string): Buffer;
}

export class Succession {
  readonly suite: Suite;
  /** The first key's: by it every gateway of a store is known. */
  readonly publicKey: string;
  readonly #folder: string;
  #successors: readonly Successor[] = [];
  readonly #held = new Map<string, GatewayKey>();

  /** Reads what the folder has; the first key is made when there is none. @throws Error when an announcement is not one */
  static read(folder: string, suite: Suite): Succession {
    const succession = new Succession(folder, suite);
    const found: Successor[] = [];
    for (let n = 2; existsSync(keyFile(folder, 'gateway', suite, n, 'json')); n += 1) {
      found.push(Successor.parse(JSON.parse(readFileSync(keyFile(folder, 'gateway', suite, n, 'json'), 'utf8'))));
    }
    succession.take(found);
    return succession;
  }

  private constructor(folder: string, suite: Suite) {
    this.#folder = folder;
    this.suite = suite;
    this.publicKey = this.#hold(1, true).publicKey;
  }

  /** Announced keys, the oldest first. */
  get successors(): readonly Successor[] {
    return this.#successors;
  }

  holds(publicKey: string): boolean {
    return this.#held.has(publicKey);
  }

  publicKeyAt(time: Date): string {
    return inForce(this.#successors, time)?.publicKey ?? this.publicKey;
  }

  /** The one key that signs at a time; null when its private half is not here. */
  at(time: Date): GatewayKey | null {
    return this.#held.get(this.publicKeyAt(time)) ?? null;
  }

  /** The file of the key that signs at a time, when that has to be brought here. */
  missingAt(time: Date): string | null {
    if (this.at(time)) return null;
    const publicKey = this.publicKeyAt(time);
    return this.#file(this.#successors.findIndex((it) => it.publicKey === publicKey) + 2, 'key');
  }

  /**
   * Makes the next key, or keeps to one that was made and never announced, and signs its announcement.
   * @throws Error in words while the last one's time has not come, or when its private half is not here
   */
  next(from: Date, now: Date): Successor {
    const last = this.#successors.at(-1);
    if (last && Date.parse(last.from) > now.getTime()) {
      throw new Error(`the next gateway key of the ${this.suite} suite is announced already, for ${last.from}`);
    }
    const signer = this.at(now);
    if (!signer) throw new Error(`${this.missingAt(now)} is not here: bring it, or rotate where it is`);
    const n = this.#successors.length + 2;
    const { signing } = keyKinds[this.suite];
    const publicKey = signing.publicKey(readOrCreate(this.#file(n, 'key'), signing));
    const announced = { publicKey, from: from.toISOString() };
    const signature = signer.sign(successorText(this.suite, signer.publicKey, announced)).toString('base64url');
    return { ...announced, signature };
  }

  /**
   * Takes all announcements of the store, and keeps those that are new in the folder.
   * @throws Error in words when they are not signed, or others than the folder's
   */
  take(all: readonly Successor[]): void {
    const { suite } = this;
    const check = (text: string, signature: string, key: string) =>
      isSigned(suite, text, Buffer.from(signature, 'base64url'), key);
    const isOurs = this.#successors.every(({ publicKey }, i) => all[i]?.publicKey === publicKey);
    if (!isOurs || (all.length > this.#successors.length && !isSuccession(suite, this.publicKey, all, check))) {
      throw new Error(
        `the gateway keys of the ${suite} suite in ${this.#folder} and those of the store do not follow each other`,
      );
    }
    for (const [i, successor] of all.entries()) {
      const n = i + 2;
      const json = this.#file(n, 'json');
      if (!existsSync(json)) createDurably(json, JSON.stringify(successor), 0o644);
      if (!this.#held.has(successor.publicKey) && existsSync(this.#file(n, 'key'))) this.#hold(n, false);
    }
    this.#successors = [...all];
  }

  /** A key that never signed, since another gateway was faster. */
  drop(n: number): void {
    rmSync(this.#file(n, 'key'), { force: true });
  }

  #hold(n: number, create: boolean): GatewayKey {
    const { signing } = keyKinds[this.suite];
    const file = this.#file(n, 'key');
    const key = create ? readOrCreate(file, signing) : readKey(file, signing);
    const held = { publicKey: signing.publicKey(key), sign: (data: string) => signing.sign(Buffer.from(data), key) };
    this.#held.set(held.publicKey, held);
    return held;
  }

  #file(n: number, ending: 'key' | 'json'): string {
    return keyFile(this.#folder, 'gateway', this.suite, n, ending);
  }
}
