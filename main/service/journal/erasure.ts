import type { AuditEventName } from '../audit-events.ts';
import type { Audit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import type { Journal } from './journal.ts';

export interface ErasureOptions {
  readonly store: Store;
  readonly journal: Pick<Journal, 'append'>;
  readonly audit: Audit<AuditEventName>;
}

/**
 * Erases what is personal of a case (R40): its record, what its papers are set from, and the key of what was sealed for the district, which
 * hears of it in the same transaction and destroys that key too. Hashes stay, and the chain still verifies.
 * @param entry id of the case's own journal entry
 * @returns false when no such case was accepted here.
 * @throws StoreWriteError when nothing was erased.
 */
export function eraseCase({ store, journal, audit }: ErasureOptions, entry: string): boolean {
  return store.erasure(() => {
    const found = store
      .sql<[string], { case_id: string }>("SELECT case_id FROM entry WHERE id = ? AND kind = 'case' LIMIT 1")
      .get(entry);
    if (!found) return false;
    store.sql<[string]>('DELETE FROM entry_key WHERE entry_id = ?').run(entry);
    store
      .sql<[string]>(
        'UPDATE accepted_case SET sealed_record = NULL, number_index = NULL, phone_index = NULL WHERE id = ?',
      )
      .run(found.case_id);
    store.sql<[string]>('UPDATE print_job SET sealed_input = NULL WHERE case_id = ?').run(found.case_id);
    journal.append({ kind: 'erasure', open: { entries: [entry] } });
    audit.record({ event: 'case.erased', subject: found.case_id, detail: { entry } });
    return true;
  });
}
