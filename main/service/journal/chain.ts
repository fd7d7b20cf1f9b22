import { createHash } from 'node:crypto';
import { type EntryKind, entryHashText } from '#contract/wire.ts';

/** A row of the journal with what its hash covers. */
export interface ChainRow {
  readonly incarnation: number;
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  readonly catalogue: string;
  readonly body: Uint8Array;
  readonly body_hash: string;
  readonly prev_hash: string;
  readonly hash: string;
  readonly wall: string;
  readonly monotonic_ms: number;
  readonly boot: string;
  readonly server_offset_ms: number | null;
}

export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 over the contract's text: every field but the body, for which its hash stands in, and the wrapped keys. */
export function entryHash(terminal: string, row: Omit<ChainRow, 'hash' | 'body'>): string {
  return sha256Hex(
    entryHashText({
      v: 1,
      terminal,
      incarnation: row.incarnation,
      seq: row.seq,
      id: row.id,
      kind: row.kind,
      catalogue: row.catalogue,
      bodyHash: row.body_hash,
      prevHash: row.prev_hash,
      at: {
        wall: row.wall,
        monotonicMs: row.monotonic_ms,
        boot: row.boot,
        serverOffsetMs: row.server_offset_ms,
      },
    }),
  );
}
