/** Much at once: one bad entry among ten thousand, thousands of terminals after a dark night. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { simulateFleet } from '#main/service/fleet/fleet.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { judge, type Verdict } from './judge.ts';
import { atStand, type Run } from './stand.ts';

/** A visit writes a case, the outcome of two papers, and a rating. */
const ENTRIES_OF_A_VISIT = 3;

/** A byte of one of so many entries rots on the disk before it is sent. */
export function poisonEntry({ times: entries }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const terminal = await stand.terminal({ visits: Math.ceil(entries / ENTRIES_OF_A_VISIT), paceMs: 0 });
    await terminal.start({ sends: false });
    await terminal.written();
    await terminal.finish();
    const id = rot(terminal.store);
    await terminal.start({ visits: 0 });
    const { quarantined } = await terminal.finish();
    const wrong = quarantined === 1 ? [] : [`${quarantined} entries are shown in quarantine`];
    return stand.judge(terminal, { fault: 'one entry rots', struck: 1, poisoned: [id], wrong });
  });
}

/** @returns the id of an entry in the middle, one bit of whose body is another now */
function rot(file: string): string {
  const db = new Database(file);
  try {
    const row = db
      .prepare<[], { n: number; id: string; body: Buffer }>(
        `SELECT n, id, body FROM entry WHERE kind = 'rating'
         ORDER BY n LIMIT 1 OFFSET (SELECT count(*) / 2 FROM entry WHERE kind = 'rating')`,
      )
      .get();
    if (!row) throw new Error('there is no entry');
    row.body.writeUInt8(row.body.readUInt8(5) ^ 1, 5);
    db.prepare('UPDATE entry SET body = ? WHERE n = ?').run(row.body, row.n);
    return row.id;
  } finally {
    db.close();
  }
}

/** So many terminals write while there is no network, and all come at once when it is back. */
export function allAtOnce({ times: terminals }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const ran = await simulateFleet({
      terminals,
      cases: 2,
      gateway: { url: stand.gateway.url, idleSeconds: 5 },
      enrolCodes: await stand.gateway.enrolCodes(terminals),
      catalogue: 'image/catalogue',
      temporary: stand.folder,
      keep: true,
      seed: 1,
      overMs: 0,
      startSpreadMs: 0,
      flap: false,
      limitMs: 600_000,
      patienceMs: 120_000,
      store: stand.gateway.store,
      signal: new AbortController().signal,
    });
    if (!ran.ok) throw new Error(`${ran.error.code}: ${ran.error.detail}`);
    const { doubled, folder, lost, undelivered, quarantined } = ran.value;
    const stores = Array.from({ length: terminals }, (_, i) => join(String(folder), String(i + 1), 'data', STORE_FILE));
    const evidence = { fault: 'terminals at once', struck: terminals, stores, promised: [] };
    const verdict = await judge({ ...evidence, rows: stand.rows });
    const wrong = [
      ...(undelivered > 0 ? [`${undelivered} not delivered`] : []),
      ...(quarantined > 0 ? [`${quarantined} in quarantine`] : []),
    ];
    return {
      ...verdict,
      lost: verdict.lost + lost,
      doubled: verdict.doubled + doubled,
      wrong: [...verdict.wrong, ...wrong],
    };
  });
}
