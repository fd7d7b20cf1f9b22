import type { z } from 'zod';
import { ok, type Result } from '#contract/result.ts';
import { EntryBody, type EntryKind } from '#contract/wire.ts';
import { bodyShapes } from './entries.ts';
import { type EntryRow, type NoJournal, type Reading, readingJournal } from './reading.ts';

/** Which entries are asked for; all that is given has to be true of one. */
export interface ShowQuery {
  readonly seq?: number;
  readonly kind?: EntryKind;
  readonly quarantined?: boolean;
  /** Only so many, the newest. */
  readonly last?: number;
}

/** What can be told of a body: nothing personal. */
type ShownBody =
  /** `personal`: nobody's data, somebody's that only the district opens, or somebody's whose key is gone. */
  | { readonly is: 'whole'; readonly open: object; readonly personal: 'none' | 'sealed' | 'erased' }
  | { readonly is: 'compacted' }
  /** It is not of the contract's shape, so that nobody knows what stands in it. */
  | { readonly is: 'unreadable' };

/** One entry, told to staff. */
export interface ShownEntry {
  readonly incarnation: number;
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  readonly catalogue: string;
  /** The terminal's clock, and the milliseconds to add for the district's. */
  readonly wall: string;
  readonly serverOffsetMs: number | null;
  readonly hash: string;
  readonly answer: EntryRow['answer'] | 'waiting';
  readonly code: string | null;
  readonly answeredAt: string | null;
  readonly body: ShownBody;
}

export interface ShownPage {
  readonly entries: readonly ShownEntry[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
}

/** Entries that are read at a time, so that no reader keeps the write-ahead log from being written back. */
const PAGE = 500;

/** Tells entries in the order in which they were written, a page at a time. @param from `next` of the page before */
export function showJournal(file: string, query: ShowQuery, from: number | null): Result<ShownPage, NoJournal> {
  return readingJournal(file, (reading) => {
    const { where, values } = conditions(query);
    const start = from ?? firstOf(reading, query);
    const rows = reading.db
      .prepare<unknown[], EntryRow>(`SELECT * FROM entry WHERE n >= ? AND ${where} ORDER BY n LIMIT ?`)
      .all(start, ...values, PAGE + 1);
    const entries = rows.slice(0, PAGE).map((row) => shown(reading, row));
    return ok({ entries, next: rows[PAGE]?.n ?? null });
  });
}

function conditions({ seq, kind, quarantined }: ShowQuery): { where: string; values: (string | number)[] } {
  const texts: string[] = ['TRUE'];
  const values: (string | number)[] = [];
  if (seq !== undefined) {
    texts.push('seq = ?');
    values.push(seq);
  }
  if (kind !== undefined) {
    texts.push('kind = ?');
    values.push(kind);
  }
  if (quarantined === true) texts.push("answer = 'quarantined'");
  return { where: texts.join(' AND '), values };
}

function firstOf({ db }: Reading, query: ShowQuery): number {
  if (query.last === undefined) return 0;
  const { where, values } = conditions(query);
  const row = db
    .prepare<unknown[], { n: number | null }>(
      `SELECT min(n) AS n FROM (SELECT n FROM entry WHERE ${where} ORDER BY n DESC LIMIT ?)`,
    )
    .get(...values, query.last);
  return row?.n ?? 0;
}

function shown(reading: Reading, row: EntryRow): ShownEntry {
  return {
    incarnation: row.incarnation,
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    catalogue: row.catalogue,
    wall: row.wall,
    serverOffsetMs: row.server_offset_ms,
    hash: row.hash,
    answer: row.answer ?? 'waiting',
    code: row.answer_code,
    answeredAt: row.answered_at,
    body: shownBody(reading, row),
  };
}

function shownBody({ db }: Reading, row: EntryRow): ShownBody {
  if (typeof row.compacted_at === 'string') return { is: 'compacted' };
  const parsed = EntryBody.safeParse(json(row.body));
  if (!parsed.success) return { is: 'unreadable' };
  const { open, sealed } = parsed.data;
  // The strict shape: a member that it does not know might say anything.
  const known = (bodyShapes[row.kind] as z.ZodType<object> | undefined)?.safeParse(open);
  if (known?.success !== true) return { is: 'unreadable' };
  if (sealed === null) return { is: 'whole', open: withoutKeys(known.data), personal: 'none' };
  const keys = db.prepare<[string], number>('SELECT count(*) FROM entry_key WHERE entry_id = ?').pluck().get(row.id);
  return { is: 'whole', open: known.data, personal: keys === 0 ? 'erased' : 'sealed' };
}

/** A day key is sealed to the district; its name is enough here. */
function withoutKeys(open: object): object {
  const { enc: _enc, data: _data, ...told } = open as { enc?: unknown; data?: unknown };
  return told;
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
