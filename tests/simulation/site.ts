/** A terminal's machine with what the simulation knows of its disk. */
import type Database from 'better-sqlite3';
import type { Ledger, Lineage } from './ledger.ts';
import { type Changes, sql } from './tables.ts';
import type { SimulatedTerminal } from './terminal.ts';

/** What was committed on a disk. */
export interface Content {
  /** Entries. */
  readonly kept: ReadonlySet<string>;
  /** Those of them whose bodies were let go of. */
  readonly hollow: ReadonlySet<string>;
  /** How many changes of its key have begun. */
  readonly keyChanges: number;
}

export interface Site extends Content {
  readonly terminal: SimulatedTerminal;
  lineage: Lineage;
  kept: Set<string>;
  hollow: Set<string>;
  keyChanges: number;
  /** An image of the disk, and what was committed on it then. */
  image: (Content & { readonly folder: string }) | null;
  readonly changes: Changes;
}

/** Of a disk as enrolment leaves it. */
export const EMPTY: Content = { kept: new Set(), hollow: new Set(), keyChanges: 0 };

export function contentOf({ hollow, keyChanges, kept }: Content): Pick<Site, 'kept' | 'hollow' | 'keyChanges'> {
  return { kept: new Set(kept), hollow: new Set(hollow), keyChanges };
}

/** Takes into the books what was committed to a disk since the last look. @returns the entries that were let go of since */
export function sweep({ hollow, kept, lineage }: Site, db: Database.Database, ledger: Ledger): string[] {
  const rows = sql<[], { id: string; bodyHash: string; isHollow: 0 | 1 }>(
    db,
    "SELECT id, body_hash AS bodyHash, compacted_at IS NOT NULL OR body = x'' AS isHollow FROM entry",
  ).all();
  for (const { bodyHash, id } of rows) {
    if (kept.has(id)) continue;
    kept.add(id);
    lineage.own.add(id);
    ledger.frozen.set(id, bodyHash);
  }
  const emptied = rows.filter(({ id, isHollow }) => isHollow === 1 && !hollow.has(id)).map(({ id }) => id);
  for (const id of emptied) hollow.add(id);
  return [...new Set(emptied)];
}

/** Whether the district has withdrawn a terminal, as its disk knows. */
export function isWithdrawn(db: Database.Database): boolean {
  return sql<[], string>(db, "SELECT value FROM meta WHERE key = 'withdrawn'").pluck().get() === 'yes';
}
