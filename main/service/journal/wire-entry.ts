import type { WireEntry } from '#contract/wire.ts';
import { toBase64Url } from '../sealing/base64url.ts';
import type { ChainRow } from './chain.ts';

/** A row of `entry_key`. */
export interface KeyRow {
  readonly case_key: string;
  readonly day_key: string;
  readonly nonce: Uint8Array;
  readonly data: Uint8Array;
}

/** The keys of many entries: takes their ids as a JSON array. One question for a whole batch: one for each entry took most of its time. */
export const KEYS_OF_ENTRIES = `SELECT entry_id, case_key, day_key, nonce, data FROM entry_key
  WHERE entry_id IN (SELECT value FROM json_each(?)) ORDER BY n`;

/** Takes an entry's id. */
export const KEYS_OF_ENTRY = 'SELECT case_key, day_key, nonce, data FROM entry_key WHERE entry_id = ? ORDER BY n';

/** An entry as it travels. */
export function wireEntry(terminal: string, row: ChainRow, keys: readonly KeyRow[]): WireEntry {
  return {
    v: 1,
    terminal,
    incarnation: row.incarnation,
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    catalogue: row.catalogue,
    // Bytes that a disk has altered and that are no UTF-8 any more come out as other text, which the hash does not fit either.
    body: utf8(row.body),
    bodyHash: row.body_hash,
    prevHash: row.prev_hash,
    hash: row.hash,
    at: {
      wall: row.wall,
      monotonicMs: row.monotonic_ms,
      boot: row.boot,
      serverOffsetMs: row.server_offset_ms,
    },
    keys: keys.map((key) => ({
      caseKey: key.case_key,
      dayKey: key.day_key,
      nonce: toBase64Url(key.nonce),
      data: toBase64Url(key.data),
    })),
  };
}

/** As {@link wireEntry}, back. */
export function chainRow(entry: WireEntry): ChainRow {
  return {
    incarnation: entry.incarnation,
    seq: entry.seq,
    id: entry.id,
    kind: entry.kind,
    catalogue: entry.catalogue,
    body: Buffer.from(entry.body, 'utf8'),
    body_hash: entry.bodyHash,
    prev_hash: entry.prevHash,
    hash: entry.hash,
    wall: entry.at.wall,
    monotonic_ms: entry.at.monotonicMs,
    boot: entry.at.boot,
    server_offset_ms: entry.at.serverOffsetMs,
  };
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
