/**
 * Checks a store against itself, against its anchors and against digests that were kept elsewhere. It streams: what it holds is a
 * portion of one chain, and one day's anchors. It may run beside gateways that write.
 */
import { anchorSignatureText, FIRST_PREVIOUS_DIGEST } from '#contract/anchors.ts';
import { inForce, isSuccession } from '#contract/keys.ts';
import { Suite } from '#contract/suite.ts';
import { GENESIS_HASH } from '#contract/wire.ts';
import { sha256, storedHash } from '../journal/entry.ts';
import type { AuditedPlace, AuditStore, Chain, ChainClaims, SignedAnchorDay } from '../store/audit.ts';
import { hashOf, isSigned } from '../suite/suite.ts';
import { anchorDigest } from './anchors.ts';

const PORTION = 500;
const DAYS = 100;

/**
 * What is wrong, at a place, a chain or a day.
 * `no-terminal`, `no-head`: a chain without its owner or its head. `missing`: no entry where the head says that there is one. `double`:
 * a place that is taken twice. `body`, `hash`, `line`: bytes that are not those of their hash. `link`: an entry that doesn't follow the
 * one before. `state`: set aside although it follows. `head`: the head is not the hash at its place. `anchor`: an anchor that names
 * another hash, or a place that isn't there. `digest`, `previous`, `key`, `signature`: a day's anchors were changed, a day before
 * it was, or another key signed than was the gateway's at that time. `succession`: the gateway's keys do not follow each other.
 * `no-digest`: a digest that was kept elsewhere is of no day.
 */
export interface Fault {
  readonly code:
    | 'no-terminal'
    | 'no-head'
    | 'missing'
    | 'double'
    | 'body'
    | 'hash'
    | 'line'
    | 'link'
    | 'state'
    | 'head'
    | 'anchor'
    | 'digest'
    | 'previous'
    | 'key'
    | 'signature'
    | 'succession'
    | 'no-digest';
  readonly at:
    | (Chain & { readonly seq?: number })
    | { readonly suite: Suite; readonly day?: string }
    | { readonly digest: string };
}

export interface Verified {
  readonly chains: number;
  readonly entries: number;
  /** Places that only quarantine holds. */
  readonly unfit: number;
  /** Signed days, and the anchors in them. */
  readonly days: number;
  readonly anchors: number;
  readonly faults: number;
  /** The newest digest of each suite: to be kept elsewhere. */
  readonly digests: Readonly<Partial<Record<Suite, { readonly day: string; readonly digest: string }>>>;
}

export interface VerifyOptions {
  /** Only this one's chains are walked; days are checked all the same. */
  readonly terminal?: { readonly region: string; readonly id: string };
  /** Digests that were kept elsewhere. */
  readonly kept: readonly string[];
  /** Told of each fault when it is found: a store may have more of them than fit into memory. */
  readonly onFault: (fault: Fault) => void;
}

type Report = (code: Fault['code'], at: Fault['at']) => void;

/** @throws StoreBusy when the store can't be read to its end. */
export async function verifyStore(store: AuditStore, { terminal, kept, onFault }: VerifyOptions): Promise<Verified> {
  let faults = 0;
  const report: Report = (code, at) => {
    faults += 1;
    onFault({ code, at });
  };
  const counts = { chains: 0, entries: 0, unfit: 0 };
  for await (const chain of chainsOf(store, terminal)) {
    const walked = await walk(store, chain, report);
    counts.chains += 1;
    counts.entries += walked.entries;
    counts.unfit += walked.unfit;
  }
  const missing = new Set(kept);
  const days = await checkDays(store, missing, report);
  for (const digest of missing) report('no-digest', { digest });
  return { ...counts, ...days, faults };
}

// -- A chain ----------------------------------------------------------------------------------------------------------

async function* chainsOf(store: AuditStore, terminal: VerifyOptions['terminal']): AsyncGenerator<Chain> {
  let last: Chain = { region: terminal?.region ?? '', terminal: terminal?.id ?? '', incarnation: 0 };
  for (;;) {
    const chain = await store.nextChain(last);
    if (!chain || (terminal && chain.terminal !== terminal.id)) return;
    yield chain;
    last = chain;
  }
}

async function walk(store: AuditStore, chain: Chain, report: Report): Promise<{ entries: number; unfit: number }> {
  const claims = await store.claims(chain);
  if (claims.suite === null) report('no-terminal', chain);
  if (claims.head === null) report('no-head', chain);
  const anchored = new Map(claims.anchors.map(({ seq, hash }) => [seq, hash]));
  const counts = { entries: 0, unfit: 0 };
  let before: AuditedPlace | null = null;
  for await (const place of placesOf(store, chain)) {
    counts[place.state === 'unfit' ? 'unfit' : 'entries'] += 1;
    const at = { ...chain, seq: place.seq };
    checkPlace(place, at, claims, report);
    checkOrder(place, before, at, claims, report);
    const hash = anchored.get(place.seq);
    if (hash !== undefined && hash !== place.hash) report('anchor', at);
    if (place.seq !== before?.seq) anchored.delete(place.seq);
    before = place;
  }
  const last = before?.seq ?? 0;
  if (claims.head && last < claims.head.maxSeq) report('missing', { ...chain, seq: last + 1 });
  for (const seq of anchored.keys()) report('anchor', { ...chain, seq });
  return counts;
}

async function* placesOf(store: AuditStore, chain: Chain): AsyncGenerator<AuditedPlace> {
  let after = 0;
  for (;;) {
    const portion = await store.places(chain, after, PORTION);
    yield* portion;
    const last = portion.at(-1);
    if (!last || portion.length < PORTION) return;
    after = last.seq;
  }
}

/** What a place is by itself. */
function checkPlace(
  place: AuditedPlace,
  at: Chain & { seq: number },
  { suite, head }: ChainClaims,
  report: Report,
): void {
  if (head?.contiguousSeq === place.seq && head.headHash !== place.hash) report('head', at);
  if (place.state === 'unfit') {
    if (sha256(place.line) !== place.fingerprint) report('line', at);
    return;
  }
  if (suite === null) return;
  if (hashOf(suite, place.body).toString('hex') !== place.bodyHash) report('body', at);
  if (storedHash(suite, at, place) !== place.hash) report('hash', at);
}

/** How a place follows the one before; links beyond the head have not been judged yet. */
function checkOrder(
  place: AuditedPlace,
  before: AuditedPlace | null,
  at: Chain & { seq: number },
  { head }: ChainClaims,
  report: Report,
): void {
  const last = before?.seq ?? 0;
  if (place.seq === last) return report('double', at);
  const joined = place.seq <= (head?.contiguousSeq ?? 0);
  if (place.seq > last + 1) {
    if (joined) report('missing', { ...at, seq: last + 1 });
    return;
  }
  if (place.state === 'unfit' || !joined) return;
  const follows = place.prevHash === (before?.hash ?? GENESIS_HASH);
  const right = before?.computedHashes?.split(',').includes(place.prevHash) ?? false;
  if (place.state === 'stored' && !follows && !right) report('link', at);
  if (place.state === 'broken' && follows) report('state', at);
}

// -- Anchors ----------------------------------------------------------------------------------------------------------

/** @param missing digests that are sought; those that are found are taken out */
async function checkDays(store: AuditStore, missing: Set<string>, report: Report) {
  const digests: Partial<Record<Suite, { day: string; digest: string }>> = {};
  let days = 0;
  let anchors = 0;
  for (const suite of Suite.options) {
    const first = await store.gatewayKey(suite);
    const successors = await store.successors(suite);
    const isSound =
      first === null ? successors.length === 0 : isSuccession(suite, first, successors, isKeySigned(suite));
    if (!isSound) report('succession', { suite });
    let previous = FIRST_PREVIOUS_DIGEST;
    for await (const day of daysOf(store, suite)) {
      const found = await store.anchors(suite, day.day);
      const at = { suite, day: day.day };
      if (anchorDigest(day, found) !== day.digest) report('digest', at);
      if (day.previousDigest !== previous) report('previous', at);
      const key = inForce(successors, new Date(day.takenAt))?.publicKey ?? first;
      if (day.publicKey !== key) report('key', at);
      else if (!isAnchorSigned(day, key)) report('signature', at);
      previous = day.digest;
      digests[suite] = { day: day.day, digest: day.digest };
      missing.delete(day.digest);
      days += 1;
      anchors += found.length;
    }
  }
  return { days, anchors, digests };
}

function isAnchorSigned({ suite, digest, signature }: SignedAnchorDay, publicKey: string): boolean {
  return isSigned(suite, anchorSignatureText(digest), Buffer.from(signature, 'base64url'), publicKey);
}

function isKeySigned(suite: Suite) {
  return (text: string, signature: string, key: string) =>
    isSigned(suite, text, Buffer.from(signature, 'base64url'), key);
}

async function* daysOf(store: AuditStore, suite: Suite): AsyncGenerator<SignedAnchorDay> {
  let after = '';
  for (;;) {
    const portion = await store.anchorDays(suite, after, DAYS);
    yield* portion;
    const last = portion.at(-1);
    if (!last || portion.length < DAYS) return;
    after = last.day;
  }
}
