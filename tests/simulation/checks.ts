/** The promises of sync.md, read from the tables themselves. Each check returns what is broken, in words; nothing when all holds. */
import type Database from 'better-sqlite3';
import { chainFaults, type GatewayRow, type HeadRow, type UnfitRow } from '#tests/gateway/chain.ts';
import type { Ledger } from './ledger.ts';
import { sql } from './tables.ts';

/** Where an entry stands and what it is. */
export function placeOf(terminal: string, incarnation: number, seq: number, hash: string): string {
  return `${terminal.slice(-4)}/${incarnation}/${seq}/${hash}`;
}

/**
 * Rows of the gateway: whole, chained, as they were frozen, each once in its incarnation, and all that was confirmed.
 * @param found whose quarantine counts: what the intake waits for may still be on its way
 */
export function checkGateway(db: Database.Database, ledger: Ledger, found: 'gateway' | 'all'): string[] {
  const rows = sql<[], GatewayRow>(db, 'SELECT * FROM entries ORDER BY terminal, incarnation, seq').all();
  const unfit = sql<[], UnfitRow>(
    db,
    'SELECT terminal, incarnation, seq, hash FROM quarantine WHERE takes_place = 1',
  ).all();
  const heads = sql<[], HeadRow>(db, 'SELECT * FROM heads').all();
  const last = new Map(heads.map((head) => [`${head.terminal}/${head.incarnation}`, head.contiguous_seq]));
  const national = sql<[], string>(db, "SELECT id FROM terminals WHERE suite = 'national'").pluck().all();
  const broken = chainFaults(rows, unfit, heads, (terminal) => (national.includes(terminal) ? 'national' : 'standard'));
  const seen = new Set<string>();
  const stored = new Set<string>();
  for (const { terminal, incarnation, seq, id, hash, body_hash: bodyHash, state } of rows) {
    const where = `gateway ${terminal.slice(-4)}/${incarnation}/${seq}`;
    if (ledger.frozen.get(id) !== bodyHash) broken.push(`${where}: the body is not what was frozen`);
    if (state === 'broken') continue;
    if (seen.has(`${incarnation}/${id}`) && !ledger.cloned.has(terminal))
      broken.push(`${where}: the entry is here twice`);
    seen.add(`${incarnation}/${id}`);
    if (seq <= (last.get(`${terminal}/${incarnation}`) ?? 0)) stored.add(placeOf(terminal, incarnation, seq, hash));
  }
  for (const place of ledger.confirmed) {
    if (!stored.has(place)) broken.push(`gateway: ${place} was answered as stored and is not there`);
  }
  return [...broken, ...checkQuarantine(db, ledger, found)];
}

/** Quarantine holds what was poisoned, and, after a fork, what met another chain; nothing else, and nothing vanishes from it. */
function checkQuarantine(db: Database.Database, ledger: Ledger, found: 'gateway' | 'all'): string[] {
  const rows = sql<[], { seq: number; code: string; line: string | null; id: string | null; body: Buffer | null }>(
    db,
    `SELECT q.seq, q.code, q.line, e.id, e.body FROM quarantine q
       LEFT JOIN entries e USING (region, terminal, incarnation, seq)
       WHERE q.resolved_at IS NULL ${found === 'gateway' ? "AND q.found_by = 'gateway'" : ''}`,
  ).all();
  return rows.flatMap(({ seq, code, line, id: joined, body }) => {
    const id = line === null ? joined : String((JSON.parse(line) as { id: unknown }).id);
    const words = `gateway quarantine ${seq} (${code}): this was not poisoned`;
    switch (code) {
      case 'conflict':
      case 'chain':
        return ledger.forks > 0 ? [] : [words];
      case 'body-hash':
        return ledger.rotten.has(id ?? '') ? [] : [words];
      case 'no-case':
        return ledger.senseless.has(id ?? '') || !ledger.owed.has(caseOf(body)) ? [] : [words];
      default:
        return [words];
    }
  });
}

/** The case that a rating is of. */
function caseOf(body: Buffer | null): string {
  const { open } = JSON.parse((body ?? '').toString()) as { open: { case: string } };
  return open.case;
}

/** A terminal's rows: delivered means answered, and the books of its own hold all that was promised there. */
export function checkTerminal(
  db: Database.Database,
  terminal: string,
  ledger: Ledger,
  kept: Iterable<string>,
): string[] {
  const broken: string[] = [];
  const answered = sql<[], { incarnation: number; seq: number; hash: string; answer: string }>(
    db,
    "SELECT incarnation, seq, hash, answer FROM entry WHERE answer IN ('stored', 'duplicate', 'quarantined')",
  ).all();
  for (const { incarnation, seq, hash, answer } of answered) {
    if (!ledger.answered.has(placeOf(terminal, incarnation, seq, hash))) {
      broken.push(`terminal ${incarnation}/${seq} counts as ${answer}, and nobody has answered for it`);
    }
  }
  const half = sql<[], { n: number }>(
    db,
    `SELECT count(*) AS n FROM accepted_case c
     WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.case_id = c.id AND e.kind = 'case')`,
  ).get();
  if (half?.n !== 0) broken.push(`terminal: ${half?.n} cases without an entry`);
  const emptied = sql<[], { incarnation: number; seq: number }>(
    db,
    `SELECT incarnation, seq FROM entry
       WHERE (compacted_at IS NOT NULL OR body = x'') AND (answer IS NULL OR answer = 'quarantined')`,
  ).all();
  for (const { incarnation, seq } of emptied) broken.push(`terminal ${incarnation}/${seq} waits, and its body is gone`);
  const ids = new Set(sql<[], string>(db, 'SELECT id FROM entry').pluck().all());
  for (const id of kept) if (!ids.has(id)) broken.push(`terminal: the committed entry ${id} is gone`);
  return broken;
}

/** Entries that the gateway has for good: what it holds behind a gap may wait for ever for a disk that is gone. */
export function entriesAtGateway(db: Database.Database): Set<string> {
  return new Set(
    sql<[], string>(
      db,
      `SELECT id FROM entries JOIN heads USING (region, terminal, incarnation)
         WHERE state = 'stored' AND seq <= contiguous_seq`,
    )
      .pluck()
      .all(),
  );
}

/** Places of the gateway up to its heads. */
export function joinedPlaces(db: Database.Database): Set<string> {
  const rows = sql<[], { terminal: string; incarnation: number; seq: number; hash: string }>(
    db,
    `SELECT terminal, incarnation, seq, hash FROM entries JOIN heads USING (region, terminal, incarnation)
       WHERE state = 'stored' AND seq <= contiguous_seq`,
  ).all();
  return new Set(rows.map(({ terminal, incarnation, seq, hash }) => placeOf(terminal, incarnation, seq, hash)));
}
