import { AnyUpdate, type UpdateAck, type UpdateOutcome, type UpdatesAnswer } from '#contract/updates.ts';
import type { Store } from './store.ts';

const CURSOR = 'updates-cursor';

/** What the district has published for this terminal, each kept once by its id, and what became of it. */
export class Updates {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Where the district is to go on; null for the beginning. */
  get cursor(): string | null {
    return this.#store.meta(CURSOR);
  }

  /** Keeps an answer and its cursor together. @throws StoreWriteError when nothing of it was kept */
  keep({ updates, cursor }: UpdatesAnswer): void {
    if (updates.length === 0 && cursor === this.cursor) return;
    this.#store.transaction(() => {
      for (const update of updates) {
        this.#store
          .sql<[string, string]>('INSERT INTO district_update (id, content) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
          .run(update.id, JSON.stringify(update));
      }
      this.#store.setMeta(CURSOR, cursor);
    });
  }

  /** Those of which nothing has become yet, the oldest first; also of kinds that this release does not know. */
  open(): AnyUpdate[] {
    return this.#store
      .sql<[], { content: string }>('SELECT content FROM district_update WHERE outcome IS NULL ORDER BY n')
      .all()
      .map(({ content }) => AnyUpdate.parse(JSON.parse(content)));
  }

  /** Every update that speaks of this package, whatever has become of it. */
  ofPackage(sha256: string): AnyUpdate[] {
    return this.#store
      .sql<[string], { content: string }>(
        "SELECT content FROM district_update WHERE json_extract(content, '$.sha256') = ?",
      )
      .all(sha256)
      .map(({ content }) => AnyUpdate.parse(JSON.parse(content)));
  }

  /** Every alert and every withdrawal of one, whatever has become of it, the newest first. */
  alerts(): AnyUpdate[] {
    return this.#store
      .sql<[], { content: string }>(
        "SELECT content FROM district_update WHERE json_extract(content, '$.kind') IN ('alert', 'alert-withdrawn') ORDER BY n DESC",
      )
      .all()
      .map(({ content }) => AnyUpdate.parse(JSON.parse(content)));
  }

  /** @throws StoreWriteError */
  finish(id: string, outcome: UpdateOutcome): void {
    this.#store.transaction(() =>
      this.#store
        .sql<[string, string]>('UPDATE district_update SET outcome = ? WHERE id = ? AND outcome IS NULL')
        .run(outcome, id),
    );
  }

  /** An outcome that the district has not heard. */
  untold(): UpdateAck | null {
    return (
      this.#store
        .sql<[], UpdateAck>(
          'SELECT id, outcome FROM district_update WHERE outcome IS NOT NULL AND told = 0 ORDER BY n LIMIT 1',
        )
        .get() ?? null
    );
  }

  /** @throws StoreWriteError */
  told(id: string): void {
    this.#store.transaction(() =>
      this.#store.sql<[string]>('UPDATE district_update SET told = 1 WHERE id = ?').run(id),
    );
  }
}
