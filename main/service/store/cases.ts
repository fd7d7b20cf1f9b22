import type { IndexKind, Vault } from '../sealing/vault.ts';
import { isoWithOffset } from '../time/clock.ts';
import type { Store } from './store.ts';

export interface NewCase {
  /** UUID. */
  readonly id: string;
  readonly receiptNumber: string;
  readonly item: string;
  /** Content hash of the catalogue package. */
  readonly catalogue: string;
  readonly acceptedAt: Date;
  /** The ID number, kept only as a blind index; null for an anonymous case. */
  readonly number: string | null;
  /** As {@link NewCase.number}. */
  readonly phone: string | null;
  /** Days that the record stays readable here after the district acknowledged the case (catalogue, consent). */
  readonly retentionDays: number;
  /** The record as JSON; sealed before it reaches the disk. */
  readonly record: string;
}

export interface StoredCase {
  readonly id: string;
  readonly item: string;
  readonly catalogue: string;
  /** ISO 8601 with `+08:00`. */
  readonly acceptedAt: string;
  /** The record's JSON; null when its retention has ended. Open it late and let go of it early. */
  readonly record: () => string | null;
  readonly verification: {
    readonly worker: string;
    readonly outcome: 'confirmed' | 'refused';
    readonly at: string;
  } | null;
  /** Whether the district has answered for the case's own journal entry. */
  readonly acknowledged: boolean;
}

interface Row {
  id: string;
  item: string;
  catalogue: string;
  accepted_at: string;
  sealed_record: Uint8Array | null;
  worker: string | null;
  outcome: 'confirmed' | 'refused' | null;
  verified_at: string | null;
  acknowledged: number;
}

const SELECT = `
  SELECT c.id, c.item, c.catalogue, c.accepted_at, c.sealed_record, v.worker, v.outcome, v.at AS verified_at,
    EXISTS (
      SELECT 1 FROM entry e WHERE e.case_id = c.id AND e.kind = 'case' AND e.answer IN ('stored', 'duplicate')
    ) AS acknowledged
  FROM accepted_case c LEFT JOIN verification v ON v.case_id = c.id`;

/** Cases that were accepted at this terminal. Personal fields are sealed or blind-indexed before they reach a column. */
export class Cases {
  readonly #store: Store;
  readonly #vault: Vault;

  constructor(store: Store, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /**
   * The next receipt sequence of a local day (1, 2, 3 ...); call it inside the transaction that inserts the case, so that no number
   * is given twice or lost.
   */
  nextSequence(day: string): number {
    const row = this.#store
      .sql<[string], { last: number }>(
        `INSERT INTO daily_counter (day, last) VALUES (?, 1)
         ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last`,
      )
      .get(day);
    if (!row) throw new Error('the daily counter gave no number');
    return row.last;
  }

  /** @throws StoreWriteError `disk-full` when the disk's reserve would be touched; the transaction then rolls back. */
  insert(given: NewCase): void {
    this.#store.requireRoom();
    this.#store
      .sql(
        `INSERT INTO accepted_case
          (id, item, catalogue, accepted_at, receipt_index, number_index, phone_index, retention_days, sealed_record)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        given.id,
        given.item,
        given.catalogue,
        isoWithOffset(given.acceptedAt),
        this.#vault.blindIndex('receipt', given.receiptNumber),
        this.#indexed('number', given.number),
        this.#indexed('phone', given.phone),
        given.retentionDays,
        this.#vault.seal(given.record, aad(given.id)),
      );
  }

  find(id: string): StoredCase | null {
    const row = this.#store.sql<[string], Row>(`${SELECT} WHERE c.id = ?`).get(id);
    return row ? this.#stored(row) : null;
  }

  findByReceipt(receiptNumber: string): StoredCase | null {
    const row = this.#store
      .sql<[Uint8Array], Row>(`${SELECT} WHERE c.receipt_index = ?`)
      .get(this.#vault.blindIndex('receipt', receiptNumber));
    return row ? this.#stored(row) : null;
  }

  /** All cases of the person with this ID number, newest first. */
  findByNumber(number: string): StoredCase[] {
    return this.#store
      .sql<[Uint8Array], Row>(`${SELECT} WHERE c.number_index = ? ORDER BY c.n DESC`)
      .all(this.#vault.blindIndex('number', number))
      .map((row) => this.#stored(row));
  }

  /** A worker saw the evidence. @returns false when the case was decided before: the first decision stands. */
  verified(id: string, worker: string, outcome: 'confirmed' | 'refused', at: Date): boolean {
    const { changes } = this.#store
      .sql('INSERT INTO verification (case_id, worker, outcome, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(id, worker, outcome, isoWithOffset(at));
    return changes === 1;
  }

  /** One rating per case (R2); `level` null is "not rated". @returns false when there is one. */
  rate(id: string, level: number | null, reasons: readonly string[], at: Date): boolean {
    const { changes } = this.#store
      .sql('INSERT INTO rating (case_id, level, reasons, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(id, level, JSON.stringify(reasons), isoWithOffset(at));
    return changes === 1;
  }

  /**
   * Erases the records whose retention has ended, and what their papers are set from.
   * @param now by the district's clock, as the times of acknowledgement are: what is erased never comes back.
   * @returns how many records.
   */
  eraseExpired(now: Date): number {
    return this.#store.erasure(() => {
      const { changes } = this.#store
        .sql(
          `UPDATE accepted_case SET sealed_record = NULL, number_index = NULL, phone_index = NULL
           WHERE sealed_record IS NOT NULL AND EXISTS (
             SELECT 1 FROM entry e WHERE e.case_id = accepted_case.id AND e.kind = 'case'
               AND e.answer IN ('stored', 'duplicate')
               AND julianday(e.answered_at) + accepted_case.retention_days < julianday(?)
           )`,
        )
        .run(isoWithOffset(now));
      this.#store
        .sql(
          `UPDATE print_job SET sealed_input = NULL WHERE sealed_input IS NOT NULL
             AND case_id IN (SELECT id FROM accepted_case WHERE sealed_record IS NULL)`,
        )
        .run();
      return changes;
    });
  }

  #indexed(kind: IndexKind, value: string | null): Uint8Array | null {
    return value === null ? null : this.#vault.blindIndex(kind, value);
  }

  #stored(row: Row): StoredCase {
    const { id, sealed_record: sealed, worker, outcome, verified_at: at } = row;
    return {
      id,
      item: row.item,
      catalogue: row.catalogue,
      acceptedAt: row.accepted_at,
      record: () => (sealed === null ? null : Buffer.from(this.#vault.open(sealed, aad(id))).toString('utf8')),
      verification: worker !== null && outcome !== null && at !== null ? { worker, outcome, at } : null,
      acknowledged: row.acknowledged === 1,
    };
  }
}

function aad(id: string): string {
  return `case:${id}`;
}
