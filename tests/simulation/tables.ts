import type Database from 'better-sqlite3';

const prepared = new WeakMap<Database.Database, Map<string, Database.Statement>>();

/** A statement, made once for each database and text: the checks ask the same after every step. */
export function sql<Parameters extends unknown[], Row>(
  db: Database.Database,
  text: string,
): Database.Statement<Parameters, Row> {
  const statements = prepared.get(db) ?? new Map<string, Database.Statement>();
  prepared.set(db, statements);
  const statement = statements.get(text) ?? db.prepare(text);
  statements.set(text, statement);
  return statement as Database.Statement<Parameters, Row>;
}

/** Tells whether a database is another one than at the last look, or holds something else. */
export class Changes {
  #db: Database.Database | null = null;
  #state = -1;

  /** @param counter a number that grows with each change that this connection can see. */
  since(db: Database.Database, counter: 'PRAGMA data_version' | 'SELECT total_changes() AS n'): boolean {
    const row = sql<[], Record<string, number>>(db, counter).get() ?? {};
    const state = Number(Object.values(row)[0]);
    const changed = this.#db !== db || this.#state !== state;
    this.#db = db;
    this.#state = state;
    return changed;
  }
}
