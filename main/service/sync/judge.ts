import type { Cursor } from '#contract/wire.ts';

/** One of our incarnations, as far as a cursor can speak of it. */
export interface LocalChain {
  readonly incarnation: number;
  hashAt(seq: number): string | null;
}

export type Verdict =
  /** The district has our chain up to here; what we thought it had beyond that, it has lost. */
  | { readonly verdict: 'agreed'; readonly upTo: number }
  /** The district holds another chain under our name: a disk was restored or cloned. */
  | { readonly verdict: 'contradicted'; readonly nextIncarnation: number };

/** Compares the district's cursor with our chain (sync.md, The journal). */
export function judgeCursor(
  cursor: Pick<Cursor, 'incarnation' | 'contiguousSeq' | 'headHash'>,
  local: LocalChain,
): Verdict {
  if (cursor.incarnation > local.incarnation) {
    return { verdict: 'contradicted', nextIncarnation: cursor.incarnation + 1 };
  }
  if (cursor.incarnation < local.incarnation || cursor.contiguousSeq === 0) return { verdict: 'agreed', upTo: 0 };
  if (local.hashAt(cursor.contiguousSeq) === cursor.headHash) return { verdict: 'agreed', upTo: cursor.contiguousSeq };
  return { verdict: 'contradicted', nextIncarnation: local.incarnation + 1 };
}
