import type { KeyObject } from 'node:crypto';
import { isSuccession, Successor } from '#contract/keys.ts';
import type { Suite } from '#contract/suite.ts';
import { fromBase64Url } from '../sealing/base64url.ts';
import type { Store } from '../store/store.ts';
import { publicKeyOf, textIsSigned } from '../suite/suite.ts';
import { changeIdentity } from './identity.ts';

export interface GatewayTrustOptions {
  readonly etc: string;
  readonly suite: Suite;
  /** As it stands in `identity.json`. */
  readonly gatewayKey: string;
  readonly store: Pick<Store, 'meta' | 'setMeta'>;
  /** The gateway's time, as far as it is known. */
  readonly now: () => Date;
}

/** Successors of the key in `identity.json`, as they were announced. */
const ANNOUNCED = 'gateway-successors';
/** Gateways' clocks may differ by as much as a terminal's may. */
const TOLERANCE_MS = 300_000;

/**
 * Which key of the gateway is believed (docs/wire.md, Another gateway key). One stands in `identity.json`; those that were announced to
 * follow it wait in the store. The first believed answer of one of them puts it into `identity.json`, where an earlier release finds it, too.
 */
export class GatewayTrust {
  readonly #o: GatewayTrustOptions;
  #present: string;
  #announced: readonly Successor[];

  constructor(o: GatewayTrustOptions) {
    this.#o = o;
    this.#present = o.gatewayKey;
    // After a power cut those may stand there that have signed already.
    this.#announced = this.#behindPresent(Successor.array().parse(JSON.parse(o.store.meta(ANNOUNCED) ?? '[]')));
  }

  /**
   * The one key for an answer that says to have been signed at `created`; null when its time is over by what is known here, since a former
   * key in wrong hands could name any time.
   */
  keyAt(created: Date): KeyObject | null {
    const n = this.#placeAt(created);
    const next = this.#announced[n];
    const isOver = next !== undefined && Date.parse(next.from) + TOLERANCE_MS < this.#o.now().getTime();
    return isOver ? null : publicKeyOf(this.#announced[n - 1]?.publicKey ?? this.#present);
  }

  /**
   * An answer of that time carried the signature of {@link keyAt}: from now on no key before is believed.
   * @returns the key's public half when it is another one now
   * @throws the file system's error, and nothing has changed then
   */
  believed(created: Date): string | null {
    const due = this.#announced[this.#placeAt(created) - 1];
    if (!due) return null;
    changeIdentity(this.#o.etc, { gatewayKey: due.publicKey });
    this.#present = due.publicKey;
    this.#announced = this.#behindPresent(this.#announced);
    return due.publicKey;
  }

  /**
   * Keeps what a gateway says of its keys, when it goes on from the present one.
   * @returns `forged` when it does not, or contradicts what was heard before
   * @throws StoreWriteError when nothing was kept
   */
  learn(successors: readonly Successor[]): 'newer' | 'nothing' | 'forged' {
    const { store, suite } = this.#o;
    const heard = this.#behindPresent(successors);
    // What a gateway tells that was not told itself, or was told this before.
    if (heard.length === 0) return 'nothing';
    const isSame = this.#announced.every((known, i) => heard[i] === undefined || isEqual(known, heard[i]));
    const isOurs = isSuccession(suite, this.#present, heard, (text, signature, key) =>
      textIsSigned(text, fromBase64Url(signature), publicKeyOf(key)),
    );
    if (!isSame || !isOurs) return 'forged';
    if (heard.length <= this.#announced.length) return 'nothing';
    store.setMeta(ANNOUNCED, JSON.stringify(heard));
    this.#announced = heard;
    return 'newer';
  }

  /** 0 for the present key, 1 for its successor. */
  #placeAt(created: Date): number {
    return this.#announced.findLastIndex(({ from }) => Date.parse(from) <= created.getTime()) + 1;
  }

  #behindPresent(successors: readonly Successor[]): readonly Successor[] {
    return successors.slice(successors.findIndex(({ publicKey }) => publicKey === this.#present) + 1);
  }
}

function isEqual(a: Successor, b: Successor): boolean {
  return a.publicKey === b.publicKey && a.from === b.from;
}
