import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Suite } from '#contract/suite.ts';
import { entryHashText, limits, WireEntry } from '#contract/wire.ts';
import { hashOf } from '../suite/suite.ts';

/** What makes an entry unfit by itself, whatever else is known of its journal. */
export type EntryFault = 'version' | 'malformed' | 'terminal' | 'body-size' | 'body-hash' | 'hash';

/** The least that a line must tell, so that it can be answered at all: its place in the journal and the hash it claims. */
const EntryAddress = z.looseObject({
  incarnation: z.int().min(1),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

interface Address {
  readonly incarnation: number;
  readonly seq: number;
  /** The hash that the entry claims, and that its successor may link to. */
  readonly hash: string;
}

/** An entry whose own hashes hold. */
export interface FitEntry extends Address {
  readonly fault: null;
  readonly entry: WireEntry;
  readonly body: Buffer;
}

/** An entry that is kept aside as it came. */
interface UnfitEntry extends Address {
  readonly fault: EntryFault;
  /** What its hash should have been, when that can be told and differs; its successor may link to this instead. */
  readonly computedHash: string | null;
  readonly given: Readonly<Record<string, unknown>>;
}

export type CheckedEntry = FitEntry | UnfitEntry;

/** Who writes a journal, and in which suite. */
export interface JournalOwner {
  readonly id: string;
  readonly suite: Suite;
}

interface JournalPlace {
  readonly terminal: string;
  readonly incarnation: number;
  readonly seq: number;
}

type StoredEntry = Pick<WireEntry, 'id' | 'kind' | 'catalogue' | 'bodyHash' | 'prevHash'> & WireEntry['at'];

/** For what the gateway names for itself, such as a fingerprint in quarantine. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Checks one line by itself: form, owner, size and hashes by the owner's suite (sync.md, The wire 4 and 9).
 * @returns null for one that does not even tell its place
 */
export function checkEntry(line: unknown, terminal: JournalOwner): CheckedEntry | null {
  const parsed = WireEntry.safeParse(line);
  if (parsed.success) return checkWhole(parsed.data, terminal);
  const address = EntryAddress.safeParse(line);
  if (!address.success) return null;
  const given = address.data;
  return { ...addressOf(given), fault: given['v'] === 1 ? 'malformed' : 'version', computedHash: null, given };
}

function checkWhole(entry: WireEntry, terminal: JournalOwner): CheckedEntry {
  const hashHex = (data: string | Uint8Array) => hashOf(terminal.suite, data).toString('hex');
  const right = hashHex(entryHashText(entry));
  const computedHash = right === entry.hash ? null : right;
  const unfit = (fault: EntryFault): UnfitEntry => ({ ...addressOf(entry), fault, computedHash, given: entry });
  if (entry.terminal !== terminal.id) return unfit('terminal');
  const body = Buffer.from(entry.body, 'utf8');
  if (body.length > limits.bodyBytes) return unfit('body-size');
  if (hashHex(body) !== entry.bodyHash) return unfit('body-hash');
  if (computedHash !== null) return unfit('hash');
  return { ...addressOf(entry), fault: null, entry, body };
}

function addressOf({ incarnation, seq, hash }: Address): Address {
  return { incarnation, seq, hash };
}

/** What a stored entry's hash must be by its own columns. */
export function storedHash(suite: Suite, place: JournalPlace, stored: StoredEntry): string {
  const { id, kind, catalogue, bodyHash, prevHash, wall, monotonicMs, boot, serverOffsetMs } = stored;
  const at = { wall, monotonicMs, boot, serverOffsetMs };
  return hashOf(suite, entryHashText({ v: 1, ...place, id, kind, catalogue, bodyHash, prevHash, at })).toString('hex');
}

/** The id that a line gives itself, fit or not, where that is a UUID: with that entry its keys are erased too. */
export function claimedId(item: CheckedEntry): string | null {
  if (item.fault === null) return item.entry.id;
  const { id } = item.given;
  return typeof id === 'string' && /^[0-9a-f-]{36}$/i.test(id) ? id : null;
}

/**
 * An entry as quarantine keeps it: its JSON, and apart from it the wrapped keys, which may have to be erased (R40). Of one whose members
 * nest deeper than JSON can be written again only the address is kept.
 */
export function keptText(item: CheckedEntry): { line: string; keys: string } {
  const { keys, ...rest }: Readonly<Record<string, unknown>> = item.fault === null ? item.entry : item.given;
  const { incarnation, seq, hash } = item;
  try {
    return { line: JSON.stringify(rest), keys: JSON.stringify(keys ?? null) };
  } catch (error) {
    // The reader of JSON takes any depth, the writer what the stack holds.
    if (!(error instanceof RangeError)) throw error;
    return { line: JSON.stringify({ incarnation, seq, hash }), keys: 'null' };
  }
}
