import type { KeyObject } from 'node:crypto';
import { err, ok, type Result } from '#contract/result.ts';
import type { AuditEventName } from '../audit-events.ts';
import { fileFault, type IdentityError } from '../identity/identity.ts';
import type { OwnKeys } from '../identity/own-keys.ts';
import type { Log } from '../log/log.ts';
import type { Audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { rawPublicKey } from '../suite/suite.ts';
import type { Clock } from '../time/clock.ts';
import type { ServerTime } from '../time/server-time.ts';
import type { ExchangeError, GatewayClient } from './client.ts';

export interface KeyChangeOptions {
  readonly etc: string;
  readonly keys: OwnKeys;
  readonly store: Pick<Store, 'meta' | 'setMeta' | 'transaction'>;
  readonly audit: Audit<AuditEventName>;
  readonly serverTime: ServerTime;
  readonly clock: Clock;
  readonly log: Log;
  /** Days, by the gateway's time, after which the key changes by itself; without it only when it is asked for. */
  readonly keyDays?: number | undefined;
}

/** A question for the gateway: which key signs it, and which one shall count. */
interface Step {
  readonly by: KeyObject;
  readonly to: KeyObject;
}

const DAY_MS = 86_400_000;
/** Which key this is and since when, by the gateway's time. */
const SINCE = 'key-since';

/**
 * Has the gateway take another key of this terminal. The new key is on the disk before the gateway hears of it, and the gateway changes
 * at once, so that after a crash or a lost answer exactly one of the two counts: the question is asked again, signed by the present key, and
 * when that is refused by the next one, which is answered as before. A gateway that was restored to a time before the change knows
 * only the former key, which then asks for the present one.
 */
export class KeyChange {
  readonly #o: KeyChangeOptions;
  /** On the monotonic clock: a gateway of an earlier release is asked once a day. */
  #notBeforeMs = 0;

  constructor(o: KeyChangeOptions) {
    this.#o = o;
  }

  /** Makes the next key, which the next {@link settle} brings to the gateway; it changes nothing when one waits already. */
  begin(why: 'asked' | 'age'): Result<{ begun: true }, IdentityError> {
    const { audit, etc, keys, log, store } = this.#o;
    if (keys.next === null) {
      try {
        keys.begin();
      } catch (error) {
        return err({ code: 'key-missing', ...fileFault(error, etc) });
      }
      store.transaction(() => audit.record({ event: 'key.changing', subject: '', detail: { why } }));
      log.info({ event: 'sync.key-changing', why });
    }
    this.#notBeforeMs = 0;
    return ok({ begun: true });
  }

  /**
   * Brings a change that has begun to its end, before anything else is asked.
   * @param refused whether the gateway did not know this terminal's signature the last time
   * @param alone does what it is given while nothing else that the present key signed is on its way
   * @returns what kept the gateway from answering
   */
  async settle(
    client: Pick<GatewayClient, 'changeKey'>,
    refused: boolean,
    alone: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<ExchangeError | null> {
    const { clock, keys } = this.#o;
    if (clock.monotonicMs() < this.#notBeforeMs) return null;
    if (keys.next === null && this.#isOld()) this.#beginByAge();
    const steps = this.#steps(refused);
    return steps.length === 0 ? null : alone(() => this.#take(client, steps));
  }

  async #take(client: Pick<GatewayClient, 'changeKey'>, steps: readonly Step[]): Promise<ExchangeError | null> {
    const { clock, keys, log } = this.#o;
    for (const { by, to } of steps) {
      const answer = await client.changeKey(by, to);
      if (answer.ok) return to === keys.next ? this.#complete() : null;
      const { error } = answer;
      if (error.code !== 'refused') return error;
      if (error.why === 'signature') continue;
      if (error.why !== 'malformed') return error;
      log.error({ event: 'sync.key-not-changed', why: error.why, detail: error.detail });
      this.#notBeforeMs = clock.monotonicMs() + DAY_MS;
      return null;
    }
    return null;
  }

  #steps(refused: boolean): Step[] {
    const { former, next, present } = this.#o.keys;
    const change = next === null ? [] : [present, next].map((by) => ({ by, to: next }));
    return refused && former !== null ? [...change, { by: former, to: present }] : change;
  }

  #complete(): ExchangeError | null {
    const { audit, etc, keys, log, store } = this.#o;
    try {
      keys.complete();
    } catch (error) {
      return { code: 'failed', why: fileFault(error, etc).detail };
    }
    store.transaction(() => audit.record({ event: 'key.changed', subject: '' }));
    log.info({ event: 'sync.key-changed' });
    return null;
  }

  #beginByAge(): void {
    const begun = this.begin('age');
    if (begun.ok) return;
    const { clock, log } = this.#o;
    log.error({ event: 'sync.key-not-changed', why: begun.error.code, detail: begun.error.detail });
    this.#notBeforeMs = clock.monotonicMs() + DAY_MS;
  }

  /** A key that was never seen before begins to age now. */
  #isOld(): boolean {
    const { clock, keyDays, keys, serverTime, store } = this.#o;
    if (keyDays === undefined || !serverTime.heard) return false;
    const own = rawPublicKey(keys.present);
    const now = serverTime.now(clock);
    const [key, since = ''] = store.meta(SINCE)?.split(' ') ?? [];
    if (key === own) return now.getTime() - Date.parse(since) >= keyDays * DAY_MS;
    store.setMeta(SINCE, `${own} ${now.toISOString()}`);
    return false;
  }
}
