import type { Database } from 'better-sqlite3';
import { migrations } from './sqlite-migrations.ts';

/** Marks the file as a gateway's store ("YCGW"). */
const APPLICATION_ID = 0x59434757;

/** Whether a file is a gateway's store, of this release or another. */
export function isGatewayStore(db: Database): boolean {
  return Number(db.pragma('application_id', { simple: true })) === APPLICATION_ID;
}

/**
 * Brings a store's tables up to this release.
 * @throws Error when the file is another program's or a newer release's: it is refused, never set aside.
 */
export function migrate(db: Database, newEpoch: () => string): void {
  db.transaction(() => {
    const applied = Number(db.pragma('user_version', { simple: true }));
    const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
    if (!isGatewayStore(db) && tables > 0) throw new Error("this file isn't a gateway's store");
    if (applied > migrations.length) throw new Error('this store was written by a newer release; run that one');
    for (const step of migrations.slice(applied)) db.exec(step);
    if (applied === 0) db.prepare("INSERT INTO facts (name, value) VALUES ('epoch', ?)").run(newEpoch());
    if (applied < migrations.length) {
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${migrations.length}`);
    }
  }).immediate();
}
