import { limits } from '#contract/wire.ts';
import type { Log } from '../log/log.ts';
import type { Materials } from '../materials/materials.ts';
import type { MaterialCounts, WaitingMaterial } from '../store/materials.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import type { ExchangeError, GatewayClient } from './client.ts';
import type { Taken } from './downlink.ts';

export interface UplinkOptions {
  readonly store: Store;
  readonly materials: Materials;
  /** The name of the district's store, as it was last heard. */
  readonly epoch: () => string | null;
  /** The district's, because retention counts from its answers. */
  readonly clock: Clock;
  readonly idleSeconds: number;
  readonly log: Log;
}

const EPOCH = 'materials-epoch';
/** One that fails again and again is let be for at most so many times the idle time. */
const LONGEST = 64;
const LEAST_PART_BYTES = 1024;

/**
 * Materials go up when no entry waits, in small parts, so that entries never wait for more than one of them. How far one came the
 * district tells; nothing about it has to survive a restart here. Trouble here never stops the way of entries.
 */
export class Uplink {
  readonly #o: UplinkOptions;
  /** How far each has come that was asked about since the start, or since doubt. */
  readonly #here = new Map<string, number>();
  readonly #letBe = new Map<string, { readonly untilMs: number; readonly times: number }>();
  #troubleUntilMs = 0;
  #mostBytes: number = limits.partBytes;

  constructor(o: UplinkOptions) {
    this.#o = o;
  }

  counts(): MaterialCounts {
    return this.#o.materials.rows.counts();
  }

  /**
   * At most one exchange.
   * @param partBytes the most bytes that the line should carry at once
   * @throws StoreWriteError when what was heard could not be kept: it is asked again
   */
  async take(client: GatewayClient, partBytes: number): Promise<Taken> {
    this.#heedEpoch();
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs < this.#troubleUntilMs) return 'done';
    const material = this.#o.materials.rows.next((hash) => nowMs < (this.#letBe.get(hash)?.untilMs ?? 0));
    if (!material) return 'done';
    const from = this.#here.get(material.hash);
    if (from === undefined) return this.#ask(client, material);
    return this.#send(client, material, from, Math.max(1, Math.floor(Math.min(this.#mostBytes, partBytes))));
  }

  /** A district that was restored may lack what it had: it is asked about all that is still here. */
  #heedEpoch(): void {
    const { store, materials } = this.#o;
    const epoch = this.#o.epoch();
    const before = store.meta(EPOCH);
    if (epoch === null || epoch === before) return;
    store.transaction(() => {
      if (before !== null) materials.rows.waitAgain();
      store.setMeta(EPOCH, epoch);
    });
    this.#here.clear();
  }

  async #ask(client: GatewayClient, material: WaitingMaterial): Promise<Taken> {
    const answer = await client.material(material.hash);
    return answer.ok ? this.#heard(material, answer.value, -1) : this.#refused(material, answer.error);
  }

  async #send(client: GatewayClient, material: WaitingMaterial, from: number, atMost: number): Promise<Taken> {
    const { hash, bytes } = material;
    const part = await this.#o.materials.folder.read(hash, from, Math.min(atMost, bytes - from)).catch(() => null);
    if (!part || part.length === 0) return this.#inDoubt(material);
    const answer = await client.materialPart(hash, from, part);
    return answer.ok ? this.#heard(material, answer.value, from) : this.#refused(material, answer.error);
  }

  /** @param from where the part began that was sent; -1 for a question */
  #heard({ hash, bytes }: WaitingMaterial, progress: { bytes: number; here: number }, from: number): Taken {
    const { log, materials, clock } = this.#o;
    if (progress.bytes !== bytes || progress.here <= from) {
      this.#here.delete(hash);
      return this.#letItBe('sync.material-stuck', hash, { bytes: progress.bytes, here: progress.here });
    }
    if (progress.here < bytes) {
      this.#here.set(hash, progress.here);
      return 'more';
    }
    materials.rows.delivered(hash, clock.wall());
    this.#here.delete(hash);
    this.#letBe.delete(hash);
    log.info({ event: 'sync.material-delivered', hash, bytes });
    return 'more';
  }

  async #refused(material: WaitingMaterial, error: ExchangeError): Promise<Taken> {
    this.#here.delete(material.hash);
    if (error.code === 'too-large' && this.#mostBytes > LEAST_PART_BYTES) {
      this.#mostBytes = Math.floor(this.#mostBytes / 2);
      return 'more';
    }
    if (error.code === 'refused') {
      // The entry that names it has not been looked at there, or could not be read.
      if (error.why === 'not-found') return this.#letItBe('sync.material-not-named', material.hash);
      if (error.why === 'digest' || error.why === 'range') return this.#inDoubt(material);
    }
    this.#o.log.info({ event: 'sync.no-material-up', code: error.code });
    const idleMs = this.#o.idleSeconds * 1000;
    const patienceMs = error.code === 'busy' ? (error.retryAfterMs ?? 0) : 0;
    this.#troubleUntilMs = this.#o.clock.monotonicMs() + Math.max(idleMs, patienceMs);
    return 'done';
  }

  /** The district got other bytes than the name says: either it is so here, and for good, or it is tried again. */
  async #inDoubt({ hash }: WaitingMaterial): Promise<Taken> {
    const { clock, log, materials } = this.#o;
    this.#here.delete(hash);
    if (await materials.folder.isRight(hash)) return this.#letItBe('sync.material-refused', hash);
    materials.rows.damaged(hash, clock.wall());
    log.error({ event: 'sync.material-damaged', hash });
    return 'more';
  }

  /** Others go on. */
  #letItBe(event: string, hash: string, about: Record<string, unknown> = {}): Taken {
    this.#o.log.info({ event, hash, ...about });
    const times = Math.min(LONGEST, (this.#letBe.get(hash)?.times ?? 0.5) * 2);
    this.#letBe.set(hash, { untilMs: this.#o.clock.monotonicMs() + times * this.#o.idleSeconds * 1000, times });
    return 'more';
  }
}
