/**
 * Daily anchors: how far each terminal's journal had come, signed by the district's gateway. Whoever keeps one day's digest can later
 * have the store prove that nothing up to that day was altered or taken away. The texts are UTF-8, joined by line feeds.
 */
import type { Suite } from './suite.ts';

/** Where one incarnation of a journal stood. */
export interface Anchor {
  readonly region: string;
  readonly terminal: string;
  readonly incarnation: number;
  readonly contiguousSeq: number;
  /** Hash of the entry at `contiguousSeq`, by the terminal's suite. */
  readonly headHash: string;
}

/** What a day's digest says besides the anchors. Each suite has its own row of days, over its own terminals. */
export interface AnchorDay {
  /** YYYY-MM-DD in the district's time. */
  readonly day: string;
  readonly suite: Suite;
  /** Of the store: a restored one has another. */
  readonly epoch: string;
  /** ISO 8601 in UTC. */
  readonly takenAt: string;
  /** Digest of the day before in the store; 64 zeros for the first. */
  readonly previousDigest: string;
}

/** The text whose hash in the suite is the day's digest. @param anchors of heads that moved, by region, terminal, incarnation. */
export function anchorsText({ day, suite, epoch, takenAt, previousDigest }: AnchorDay, anchors: readonly Anchor[]) {
  const lines = anchors.map(({ region, terminal, incarnation, contiguousSeq, headHash }) =>
    [region, terminal, incarnation, contiguousSeq, headHash].join(' '),
  );
  return ['yichuang-anchors-1', day, suite, epoch, takenAt, previousDigest, anchors.length, ...lines].join('\n');
}

/** What the gateway's key of the suite signs. @param digest in hexadecimal. */
export function anchorSignatureText(digest: string): string {
  return `yichuang-anchors-digest-1\n${digest}`;
}

/** What stands for the day before the first. */
export const FIRST_PREVIOUS_DIGEST = '0'.repeat(64);
