import { constants, zstdCompressSync } from 'node:zlib';
import type { Batch, Outbox } from '../journal/outbox.ts';

/** Most of a batch is sealed: a higher level costs time and gains nothing. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

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

/** Packs batches; while one is on its way the one behind it is made ready, so that a long backlog never waits for both. */
export class Batches {
  readonly #outbox: Pick<Outbox, 'next' | 'isNext'>;
  #ready: { readonly batch: PackedBatch; readonly most: Most } | null = null;

  constructor(outbox: Pick<Outbox, 'next' | 'isNext'>) {
    this.#outbox = outbox;
  }

  /** The oldest entries that wait; null when none does. */
  next(most: Most): PackedBatch | null {
    const ready = this.#ready;
    this.#ready = null;
    const isRight = ready?.most.entries === most.entries && ready.most.bytes === most.bytes;
    // What was answered or asked for meanwhile may have changed what comes next.
    return ready && isRight && this.#outbox.isNext(ready.batch) ? ready.batch : this.#pack(most, 0);
  }

  /** Makes the entries behind this batch ready. */
  prepareBehind({ last }: PackedBatch, most: Most): void {
    const batch = this.#pack(most, last);
    this.#ready = batch && { batch, most };
  }

  #pack(most: Most, after: number): PackedBatch | null {
    const batch = this.#outbox.next(most.entries, most.bytes, after);
    if (!batch) return null;
    const { ndjson, ...rest } = batch;
    return { ...rest, content: compressed(Buffer.from(ndjson, 'utf8')) };
  }
}

/** @param ndjson a batch as the wire has it, before its coding */
export function compressed(ndjson: Uint8Array): Buffer {
  return zstdCompressSync(ndjson, ZSTD);
}
