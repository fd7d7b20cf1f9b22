import { GENESIS_HASH, type WrappedKey } from '#contract/wire.ts';
import { fromBase64Url } from '../sealing/base64url.ts';
import type { Store } from '../store/store.ts';
import { type ChainOwner, type ChainRow, entryHash } from './chain.ts';

/** An entry before it has its place in a chain; its body is frozen already. */
export type LooseRow = Omit<ChainRow, 'incarnation' | 'seq' | 'prev_hash' | 'hash'> & {
  readonly case_id: string | null;
};

export interface Head {
  /** 0 when the incarnation has no entry. */
  readonly seq: number;
  readonly hash: string;
}

/** Where a store keeps the incarnation that is being begun, until everything that waits was carried into it. */
export const NEXT_INCARNATION = 'next-incarnation';

/** The journal's two tables. Rows are added; the answer columns alone change later ({@link ./outbox.ts}). */
export class EntryRows {
  readonly #store: Store;
  readonly #owner: ChainOwner;

  constructor(store: Store, owner: ChainOwner) {
    this.#store = store;
    this.#owner = owner;
  }

  head(incarnation: number): Head {
    const row = this.#store
      .sql<[number], Head>('SELECT seq, hash FROM entry WHERE incarnation = ? ORDER BY seq DESC LIMIT 1')
      .get(incarnation);
    return row ?? { seq: 0, hash: GENESIS_HASH };
  }

  has(id: string): boolean {
    return this.#store.sql<[string]>('SELECT 1 FROM entry WHERE id = ? LIMIT 1').get(id) !== undefined;
  }

  /** Chains an entry to the head of an incarnation; inside a transaction. @returns its sequence. */
  chain(incarnation: number, row: LooseRow): number {
    const head = this.head(incarnation);
    const placed = { ...row, incarnation, seq: head.seq + 1, prev_hash: head.hash };
    this.#store
      .sql<[object]>(
        `INSERT INTO entry (incarnation, seq, id, kind, catalogue, case_id, body, body_hash, prev_hash, hash,
           wall, monotonic_ms, boot, server_offset_ms)
         VALUES (@incarnation, @seq, @id, @kind, @catalogue, @case_id, @body, @body_hash, @prev_hash, @hash,
           @wall, @monotonic_ms, @boot, @server_offset_ms)`,
      )
      .run({ ...placed, hash: entryHash(this.#owner, placed) });
    return placed.seq;
  }

  addKey(entryId: string, key: WrappedKey): void {
    this.#store
      .sql<unknown[]>('INSERT INTO entry_key (entry_id, case_key, day_key, nonce, data) VALUES (?, ?, ?, ?, ?)')
      .run(entryId, key.caseKey, key.dayKey, fromBase64Url(key.nonce), fromBase64Url(key.data));
  }
}
