import type { Identity } from '#contract/configuration.ts';
import type { DistrictKeyAnswer } from '#contract/keys.ts';
import { suites } from '#contract/suite.ts';
import type { AuditEventName } from '../audit-events.ts';
import type { GatewayTrust } from '../identity/gateway-trust.ts';
import { changeIdentity, fileFault, holdsKeys } from '../identity/identity.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log/log.ts';
import { fromBase64Url } from '../sealing/base64url.ts';
import type { Audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import type { GatewayClient } from './client.ts';

export interface KeyNewsOptions {
  readonly etc: string;
  /** As it was read at the start. */
  readonly identity: Identity;
  readonly trust: Pick<GatewayTrust, 'learn'>;
  readonly journal: Pick<Journal, 'sealTo'>;
  readonly store: Pick<Store, 'meta' | 'setMeta' | 'transaction'>;
  readonly audit: Audit<AuditEventName>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
}

type Asked = Pick<GatewayClient, 'gatewayKeys' | 'districtKey'>;

const DAY_MS = 86_400_000;
/** After trouble, or from a gateway of an earlier release. */
const AGAIN_MS = 3_600_000;
/** Since when the district's key is used that was heard of last. */
const DISTRICT_SINCE = 'district-key-from';

/**
 * Hears of the keys that follow the gateway's and the district's: once a day when nothing waits to be sent, and of the gateway's at once
 * when an answer is not believed, since it may be that of a key that came while this terminal was off. Trouble here never stops the way up.
 */
export class KeyNews {
  readonly #o: KeyNewsOptions;
  #districtKeyId: string;
  /** On the monotonic clock. */
  #askAtMs = 0;

  constructor(o: KeyNewsOptions) {
    this.#o = o;
    this.#districtKeyId = o.identity.districtKeyId;
  }

  /** @throws StoreWriteError when it could not be kept: it is asked again */
  async lookIfDue(client: Asked): Promise<void> {
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs < this.#askAtMs) return;
    this.#askAtMs = nowMs + AGAIN_MS;
    if (!(await this.lookForGateway(client))) return;
    const answer = await client.districtKey();
    if (!answer.ok) return this.#o.log.info({ event: 'sync.no-key-news', code: answer.error.code });
    this.#takeDistrict(answer.value);
    this.#askAtMs = nowMs + DAY_MS;
  }

  /** @returns whether a gateway answered. @throws as {@link lookIfDue} */
  async lookForGateway(client: Asked): Promise<boolean> {
    const { log, trust } = this.#o;
    const answer = await client.gatewayKeys();
    if (!answer.ok) {
      log.info({ event: 'sync.no-key-news', code: answer.error.code });
      return false;
    }
    const learned = trust.learn(answer.value.successors);
    if (learned === 'forged') log.error({ event: 'sync.gateway-key-forged' });
    if (learned === 'newer') this.#record('gateway-key.announced', answer.value.successors.at(-1)?.publicKey ?? '');
    return true;
  }

  /** In the identity first: what is sealed from then on names it. A gateway that was not told of it yet names an older one. */
  #takeDistrict({ id, publicKey, from }: DistrictKeyAnswer): void {
    const { etc, identity, journal, log, store } = this.#o;
    const { suite } = identity;
    const since = store.meta(DISTRICT_SINCE);
    if (id === this.#districtKeyId || from === null) return;
    if (since !== null && Date.parse(from) <= Date.parse(since)) return;
    if (!suites[suite].publicKey.test(publicKey) || !holdsKeys({ ...identity, districtKey: publicKey })) {
      return log.error({ event: 'sync.district-key-unusable' });
    }
    try {
      changeIdentity(etc, { districtKey: publicKey, districtKeyId: id });
    } catch (error) {
      return log.error({ event: 'sync.district-key-not-kept', ...fileFault(error, etc) });
    }
    this.#districtKeyId = id;
    journal.sealTo({ suite, id, publicKey: fromBase64Url(publicKey) });
    store.setMeta(DISTRICT_SINCE, from);
    this.#record('district-key.changed', id);
  }

  #record(event: AuditEventName, key: string): void {
    const { audit, log, store } = this.#o;
    store.transaction(() => audit.record({ event, subject: '', detail: { key } }));
    log.info({ event: `sync.${event}`, key });
  }
}
