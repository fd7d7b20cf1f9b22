/** What a store tells of itself to whoever checks it: journals place by place, daily anchors, what is amiss. */
import type { Anchor, AnchorDay } from '#contract/anchors.ts';
import type { Suite } from '#contract/suite.ts';
import type { EntryKind } from '#contract/wire.ts';
import type { Head } from '../journal/judge.ts';
import type { SuccessionStore } from './successions.ts';

/** One incarnation of a terminal's journal. */
export interface Chain {
  readonly region: string;
  readonly terminal: string;
  readonly incarnation: number;
}

/** What must fit the entries of a chain; null stands for a row that isn't there. */
export interface ChainClaims {
  readonly suite: Suite | null;
  readonly head: Head | null;
  readonly anchors: readonly { readonly seq: number; readonly hash: string }[];
}

/** A taken place with all that is hashed of it. */
export type AuditedPlace = StoredPlace | UnfitPlace;

interface StoredPlace {
  readonly state: 'stored' | 'broken';
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  readonly catalogue: string;
  readonly body: Uint8Array;
  readonly bodyHash: string;
  readonly prevHash: string;
  readonly hash: string;
  readonly wall: string;
  readonly monotonicMs: number;
  readonly boot: string;
  readonly serverOffsetMs: number | null;
  /** Right hashes of unfit entries that claimed this one, joined by commas: the next entry may link to one of them instead. */
  readonly computedHashes: string | null;
}

interface UnfitPlace {
  readonly state: 'unfit';
  readonly seq: number;
  readonly hash: string;
  readonly computedHashes: string | null;
  /** As it came, without its wrapped keys. */
  readonly line: string;
  /** SHA-256 of the line. */
  readonly fingerprint: string;
}

export interface SignedAnchorDay extends AnchorDay {
  readonly digest: string;
  /** Of the gateway, which signed. */
  readonly publicKey: string;
  /** In base64url. */
  readonly signature: string;
}

/** Something that a person should see to; it names nobody. `since` is ISO 8601 in UTC. */
export type Alert = { readonly region: string; readonly terminal: string; readonly since: string } & (
  | { readonly kind: 'gap'; readonly incarnation: number; readonly firstMissing: number }
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'quarantine';
      readonly code: string;
      readonly entries: number;
      /** Where the first of them stand, at most {@link ALERT_PLACES}: what `yichuang journal retry` asks for. */
      readonly places: readonly Pick<Chain & { readonly seq: number }, 'incarnation' | 'seq'>[];
    }
);

export const ALERT_PLACES = 20;

/** Which rows `q` of quarantine wait for someone: a good copy that came after an unfit one settles it; so does the intake, by resolved_at. */
export const IN_QUARANTINE = `resolved_at IS NULL AND NOT (found_by = 'gateway' AND EXISTS (SELECT 1 FROM entries e
  WHERE e.region = q.region AND e.terminal = q.terminal AND e.incarnation = q.incarnation AND e.seq = q.seq
    AND e.hash = q.hash AND e.state = 'stored'))`;

/** Materials come after the case, and what is told of it waits with it: only when that lasts is it amiss. */
export const WAITS = "code IN ('no-material', 'no-case')";

/** The names of the gateway's public keys among the facts. */
export const GATEWAY_KEY = { standard: 'gateway-key', national: 'gateway-sm2-key' } as const;

export interface AuditStore extends Pick<SuccessionStore, 'successors'> {
  /** The chain that follows in order of region, terminal, incarnation, if anything at all is known of one. */
  nextChain(after: Chain): Promise<Chain | null>;
  claims(chain: Chain): Promise<ChainClaims>;
  /** Taken places behind `after` in order, at most `limit`. */
  places(chain: Chain, after: number, limit: number): Promise<AuditedPlace[]>;
  /**
   * Takes the day's anchors of a suite, of every head that moved since its last anchor, and keeps them with their digest.
   * @param seal makes the digest; it is called in the middle of the transaction.
   * @returns false when the day has them already, from this gateway or another.
   */
  takeAnchors(
    day: Omit<AnchorDay, 'previousDigest'>,
    seal: (day: AnchorDay, anchors: readonly Anchor[]) => SignedAnchorDay,
  ): Promise<boolean>;
  /** Days behind `after` in order, at most `limit`. */
  anchorDays(suite: Suite, after: string, limit: number): Promise<SignedAnchorDay[]>;
  /** A day's anchors, in the order in which they are hashed. */
  anchors(suite: Suite, day: string): Promise<Anchor[]>;
  /** The first public key with which gateways of this store signed; null before the first start of one. */
  gatewayKey(suite: Suite): Promise<string | null>;
  /**
   * What is amiss.
   * @param gapBefore gaps, and entries that wait for a material or a case, that were seen before this time
   * @param silentBefore active terminals whose last heartbeat, or without any their enrolment, is older
   */
  alerts(gapBefore: Date, silentBefore: Date): Promise<Alert[]>;
}
