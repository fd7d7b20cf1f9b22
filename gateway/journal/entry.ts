import { createHash } from 'node:crypto';
import { z } from 'zod';
import { entryHashText, limits, WireEntry } from '#contract/wire.ts';

/** What makes an entry unfit by itself, whatever else is known of its journal. */
export type EntryFault = 'version' | 'malformed' | 'terminal' | 'body-size' | 'body-hash' | 'hash';

/** The least that a line must tell, so that it can be answered at all: its place in the journal and the hash it claims. */
export const EntryAddress = z.looseObject({
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

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Checks one addressed line by itself: form, owner, size and hashes (sync.md, The wire 4 and 9). */
export function checkEntry(given: z.infer<typeof EntryAddress>, terminal: string): CheckedEntry {
  const { incarnation, seq, hash } = given;
  const unfit = (fault: EntryFault, computedHash: string | null): UnfitEntry => {
    return { incarnation, seq, hash, fault, computedHash, given };
  };

  if (given['v'] !== 1) return unfit('version', null);
  const parsed = WireEntry.safeParse(given);
  if (!parsed.success) return unfit('malformed', null);
  const entry = parsed.data;
  const right = sha256(entryHashText(entry));
  const computed = right === hash ? null : right;
  if (entry.terminal !== terminal) return unfit('terminal', computed);
  const body = Buffer.from(entry.body, 'base64url');
  if (body.length > limits.bodyBytes) return unfit('body-size', computed);
  if (sha256(body) !== entry.bodyHash) return unfit('body-hash', computed);
  if (computed !== null) return unfit('hash', computed);
  return { incarnation, seq, hash, fault: null, entry, body };
}

/** An entry as quarantine keeps it: its JSON, and apart from it the wrapped keys, which may have to be erased (R40). */
export function keptText(item: CheckedEntry): { line: string; keys: string } {
  const { keys, ...rest }: Readonly<Record<string, unknown>> = item.fault === null ? item.entry : item.given;
  return { line: JSON.stringify(rest), keys: JSON.stringify(keys ?? null) };
}
