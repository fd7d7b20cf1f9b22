import { Suite } from '#contract/suite.ts';
import { type EntryKind, entryHashText, GENESIS_HASH } from '#contract/wire.ts';
import { hashOf } from '../suite/suite.ts';

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

/** Whose chain it is, and by which hash it holds together. */
export interface ChainOwner {
  /** The terminal's UUID. */
  readonly terminal: string;
  readonly suite: Suite;
}

/** Where a chain has come to. */
export interface Link {
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
}

/** Why an entry does not continue its chain. */
export type ChainFault = 'gap' | 'body-altered' | 'chain-broken' | 'entry-altered';

/** Where a store keeps its journal's suite. */
export const SUITE_META = 'suite';

/** @param meta what a store says; a journal of the first release says nothing. @returns null for a suite of a later release. */
export function storedSuite(meta: string | null): Suite | null {
  return Suite.safeParse(meta ?? 'standard').data ?? null;
}

export function bodyHash(suite: Suite, body: Uint8Array): string {
  return hashOf(suite, body).toString('hex');
}

/** The suite's hash over the contract's text: every field but the body, for which its hash stands in, and the wrapped keys. */
export function entryHash({ terminal, suite }: ChainOwner, row: Omit<ChainRow, 'hash' | 'body'>): string {
  return hashOf(
    suite,
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
  ).toString('hex');
}

/**
 * Checks that an entry follows the one before it: sequence, body, link and hash.
 * @param before null at the first entry of all; a new incarnation starts from {@link GENESIS_HASH}
 * @param isCompacted the body was let go of: it has to be empty, and its hash stands for it
 */
export function chainFault(
  owner: ChainOwner,
  row: ChainRow,
  before: Link | null,
  isCompacted: boolean,
): ChainFault | null {
  const continues = before?.incarnation === row.incarnation;
  if (row.seq !== (continues ? before.seq + 1 : 1)) return 'gap';
  if (isCompacted ? row.body.length > 0 : bodyHash(owner.suite, row.body) !== row.body_hash) return 'body-altered';
  if (row.prev_hash !== (continues ? before.hash : GENESIS_HASH)) return 'chain-broken';
  if (entryHash(owner, row) !== row.hash) return 'entry-altered';
  return null;
}
