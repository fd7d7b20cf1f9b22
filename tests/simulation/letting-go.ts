/** Bodies go only when nobody can ask for them any more; what the district loses from before that is owed, and what it loses then is told. */
import type Database from 'better-sqlite3';
import type { LostEntries } from '#main/service/journal/lost.ts';
import { entriesAtGateway, joinedPlaces, placeOf } from './checks.ts';
import type { Ledger } from './ledger.ts';
import { HORIZON_DAYS } from './service.ts';
import type { Site } from './site.ts';
import { sql } from './tables.ts';

/** A terminal's clock may stand so far from the district's before it takes that one's time. */
const UNNOTICED_MS = 3 * 60_000;
const HORIZON_MS = HORIZON_DAYS * 86_400_000 - UNNOTICED_MS;

interface Row {
  readonly id: string;
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
}

/**
 * @param emptied entries that a terminal let go of just now
 * @param nowMs the world's clock
 * @returns what is wrong with that, in words
 */
export function emptiedTooEarly(
  db: Database.Database,
  o: { terminal: string; ledger: Ledger; emptied: readonly string[]; nowMs: number },
): string[] {
  const places = sql<[string], Row>(db, 'SELECT id, incarnation, seq, hash FROM entry WHERE id = ?');
  return o.emptied.flatMap((id) => {
    const acknowledged = places.all(id).flatMap(({ incarnation, seq, hash }) => {
      return o.ledger.confirmedMs.get(placeOf(o.terminal, incarnation, seq, hash)) ?? [];
    });
    if (acknowledged.length === 0) return [`the entry ${id} was let go of, and the district never took it`];
    const isOld = acknowledged.some((ms) => o.nowMs - ms >= HORIZON_MS);
    return isOld ? [] : [`the entry ${id} was let go of before the district's backups have it`];
  });
}

/**
 * A disaster may have taken the last copy of something: that is nobody's debt any more.
 * @param gateway its tables after the disaster
 * @returns the case that somebody let go of although no backup from beyond the horizon came back, in words; null when there is none
 */
export function lossesIn(
  gateway: Database.Database,
  o: { ledger: Ledger; sites: readonly Site[]; disaster: 'terminal' | 'gateway'; nowMs: number },
): string | null {
  const { ledger, sites } = o;
  const atGateway = entriesAtGateway(gateway);
  const whole = sites.flatMap(({ hollow, kept }) => [...kept].filter((id) => !hollow.has(id)));
  const kept = new Set([...atGateway, ...whole]);
  for (const { entryId, receiptNumber } of ledger.owed.values()) {
    if (kept.has(entryId) || !sites.some(({ hollow }) => hollow.has(entryId))) continue;
    if (o.nowMs - ledger.restoredToMs < HORIZON_MS) return `the case ${receiptNumber} was let go of`;
    ledger.lost += 1;
  }
  ledger.disaster(o.disaster, kept, atGateway);
  return null;
}

/** @returns whether a terminal tells of exactly what the district has lost and can't get from it, in words */
export function untold(
  db: Database.Database,
  o: { terminal: string; gateway: Database.Database; lost: readonly LostEntries[] },
): string[] {
  const joined = joinedPlaces(o.gateway);
  const isHere = ({ incarnation, seq, hash }: Row) => joined.has(placeOf(o.terminal, incarnation, seq, hash));
  const hollow = sql<[], Row>(
    db,
    `SELECT id, incarnation, seq, hash FROM entry
       WHERE compacted_at IS NOT NULL AND answer IN ('stored', 'duplicate')`,
  ).all();
  const isTold = ({ incarnation, seq }: Row) =>
    o.lost.some((lost) => lost.incarnation === incarnation && lost.from <= seq && seq <= lost.to);
  const silent = hollow.filter((row) => !isHere(row) && !isTold(row));
  const ends = o.lost.flatMap(({ from, incarnation, to }) => [from, to].map((seq) => ({ incarnation, seq })));
  const wrong = ends.filter(
    ({ incarnation, seq }) => !hollow.some((row) => row.incarnation === incarnation && row.seq === seq && !isHere(row)),
  );
  return [
    ...silent.map(({ incarnation, seq }) => `the district has lost ${incarnation}/${seq}, and nothing tells of it`),
    ...wrong.map(({ incarnation, seq }) => `${incarnation}/${seq} counts as lost, and is not`),
  ];
}
