import { constants, zstdCompressSync } from 'node:zlib';
import type { Result } from '#contract/result.ts';
import type { BatchAnswer } from '#contract/wire.ts';
import type { Batch, Outbox } from '../journal/outbox.ts';
import type { Timers } from '../time/clock.ts';
import type { ExchangeError, GatewayClient } from './client.ts';

/** Most of a batch is sealed: a higher level costs time and gains nothing. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Milliseconds that a request has to go out: a connection that has to be made anew keeps nothing waiting here. */
const OUT_MS = 100;

/** A batch as it goes out. */
export interface PackedBatch extends Omit<Batch, 'ndjson'> {
  /** NDJSON, zstd. */
  readonly content: Buffer;
}

interface Most {
  readonly entries: number;
  /** Before compression. */
  readonly bytes: number;
}

export interface Answered {
  readonly batch: PackedBatch;
  readonly answer: Result<BatchAnswer, ExchangeError>;
}

interface UnderWay {
  readonly batch: PackedBatch;
  readonly answering: Promise<Result<BatchAnswer, ExchangeError>>;
  /** Resolves when the request is out: what is done before would hold it up. */
  readonly left: Promise<void>;
  /** Leaves what is behind it unpacked, if it still is. */
  readonly leave: () => void;
}

export interface BatchesOptions {
  readonly outbox: Pick<Outbox, 'next' | 'isNext'>;
  readonly client: Pick<GatewayClient, 'send'>;
  readonly timers: Timers;
}

/**
 * Sends batches, one at a time. While one is on its way the one behind it is packed, and that one may go before the answers for the first are
 * written down, so that of a long backlog only the district's own time is waited for.
 */
export class Batches {
  readonly #o: BatchesOptions;
  #ready: { readonly batch: PackedBatch; readonly most: Most; readonly behind: number } | null = null;
  #underWay: UnderWay | null = null;

  constructor(o: BatchesOptions) {
    this.#o = o;
  }

  /** Whether a batch is on its way whose answer nobody has heard. */
  get isUnderWay(): boolean {
    return this.#underWay !== null;
  }

  /** The answer for the batch that is under way, or else for the oldest entries that wait; null when none does. */
  async exchange(most: Most): Promise<Answered | null> {
    if (this.#underWay === null) {
      const batch = this.#next(most);
      if (!batch) return null;
      this.#send(batch, most);
    }
    return this.#answered();
  }

  /**
   * Sends what stands behind a batch whose answers are good, if it is packed: until they are written down, it would not be the next. Resolves
   * when the district has something to do meanwhile.
   */
  async goOn({ last }: PackedBatch, most: Most): Promise<void> {
    const ready = this.#ready;
    if (ready?.behind !== last || !isSame(ready.most, most)) return;
    const { left, answering } = this.#send(ready.batch, most);
    await Promise.race([left, answering]);
  }

  /** Waits for what is under way and forgets the answer: its entries wait on, and a second time is no harm. */
  async forget(): Promise<void> {
    await this.#answered();
  }

  async #answered(): Promise<Answered | null> {
    const sent = this.#underWay;
    if (!sent) return null;
    const answer = await sent.answering;
    sent.leave();
    this.#underWay = null;
    return { batch: sent.batch, answer };
  }

  #send(batch: PackedBatch, most: Most): UnderWay {
    this.#ready = null;
    const { timers, client } = this.#o;
    const { promise: left, resolve } = Promise.withResolvers<void>();
    let isOut = false;
    const out = () => {
      if (isOut) return;
      isOut = true;
      cancel();
      resolve();
      // A turn later, so that residents are served in between.
      cancel = timers.after(0, () => this.#prepareBehind(batch, most));
    };
    let cancel = timers.after(OUT_MS, out);
    const leave = () => {
      isOut = true;
      cancel();
    };
    this.#underWay = { batch, left, answering: client.send(batch, out), leave };
    return this.#underWay;
  }

  #next(most: Most): PackedBatch | null {
    const ready = this.#ready;
    this.#ready = null;
    // What was answered or asked for meanwhile may have changed what comes next.
    const isRight = ready && isSame(ready.most, most) && this.#o.outbox.isNext(ready.batch);
    return isRight ? ready.batch : this.#pack(most, 0);
  }

  #prepareBehind({ last }: PackedBatch, most: Most): void {
    const batch = this.#pack(most, last);
    this.#ready = batch && { batch, most, behind: last };
  }

  #pack(most: Most, after: number): PackedBatch | null {
    const batch = this.#o.outbox.next(most.entries, most.bytes, after);
    if (!batch) return null;
    const { ndjson, ...rest } = batch;
    return { ...rest, content: compressed(Buffer.from(ndjson, 'utf8')) };
  }
}

function isSame(a: Most, b: Most): boolean {
  return a.entries === b.entries && a.bytes === b.bytes;
}

/** @param ndjson a batch as the wire has it, before its coding */
export function compressed(ndjson: Uint8Array): Buffer {
  return zstdCompressSync(ndjson, ZSTD);
}
