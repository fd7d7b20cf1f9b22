import type { Material } from '#contract/materials.ts';
import { isoWithOffset } from '../time/clock.ts';
import type { Store } from './store.ts';

export interface MaterialCounts {
  /** Materials of accepted cases that the district has not whole. */
  readonly waiting: number;
  /** Those that can't be sent, because their file is not what was written. */
  readonly damaged: number;
}

export interface WaitingMaterial {
  readonly hash: string;
  /** Sealed. */
  readonly bytes: number;
}

const WAITS = 'delivered_at IS NULL AND damaged_at IS NULL';

/** Which materials the journal names, and what became of them. Their bytes lie in a folder. */
export class MaterialRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Inside the transaction that writes the entry. @param caseKey the key's id */
  insert({ hash, bytes }: Material, caseId: string, caseKey: string): void {
    this.#store
      .sql<unknown[]>('INSERT INTO material (hash, case_id, case_key, bytes) VALUES (?, ?, ?, ?)')
      .run(hash, caseId, caseKey, bytes);
  }

  has(hash: string): boolean {
    return this.#store.sql<[string]>('SELECT 1 FROM material WHERE hash = ?').get(hash) !== undefined;
  }

  /** The oldest one that waits and is not let be. */
  next(isLetBe: (hash: string) => boolean): WaitingMaterial | null {
    const waiting = this.#store.sql<[], WaitingMaterial>(`SELECT hash, bytes FROM material WHERE ${WAITS} ORDER BY n`);
    for (const one of waiting.iterate()) if (!isLetBe(one.hash)) return one;
    return null;
  }

  counts(): MaterialCounts {
    const row = this.#store
      .sql<[], MaterialCounts>(
        `SELECT (SELECT count(*) FROM material WHERE ${WAITS}) AS waiting,
           (SELECT count(*) FROM material WHERE damaged_at IS NOT NULL) AS damaged`,
      )
      .get();
    return row ?? { waiting: 0, damaged: 0 };
  }

  /** @param at by the district's clock. @throws StoreWriteError */
  delivered(hash: string, at: Date): void {
    this.#store.transaction(() =>
      this.#store
        .sql<[string, string]>('UPDATE material SET delivered_at = ? WHERE hash = ?')
        .run(isoWithOffset(at), hash),
    );
  }

  /** @throws StoreWriteError */
  damaged(hash: string, at: Date): void {
    this.#store.transaction(() =>
      this.#store
        .sql<[string, string]>('UPDATE material SET damaged_at = ? WHERE hash = ?')
        .run(isoWithOffset(at), hash),
    );
  }

  /** The district may have lost what it had: everything that is still here waits again. Inside a transaction. */
  waitAgain(): void {
    this.#store.sql<[]>('UPDATE material SET delivered_at = NULL WHERE delivered_at IS NOT NULL').run();
  }

  /** Those whose wrapped case key was erased, or let go of by compaction: nobody opens them any more. */
  unopenable(): string[] {
    return this.#store
      .sql<[], { hash: string }>(
        'SELECT hash FROM material m WHERE NOT EXISTS (SELECT 1 FROM entry_key k WHERE k.case_key = m.case_key)',
      )
      .all()
      .map(({ hash }) => hash);
  }

  /** @throws StoreWriteError */
  forget(hash: string): void {
    this.#store.transaction(() => this.#store.sql<[string]>('DELETE FROM material WHERE hash = ?').run(hash));
  }
}
