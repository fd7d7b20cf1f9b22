/**
 * What becomes of entries that arrive for one incarnation of a journal. Pure: a store loads what is known, writes what is
 * decided, and does both in one transaction; so every store decides alike, under any order and any number of repeats.
 *
 * A place in the journal belongs to the first hash that claims it. An unfit entry keeps its place (it counts as received, so
 * that one poison record stops nothing) until a fit one with the same hash arrives.
 */
import { type EntryAnswer, GENESIS_HASH } from '#contract/wire.ts';
import { type CheckedEntry, type EntryFault, type FitEntry, sha256 } from './entry.ts';

/** Why an entry is in quarantine at the gateway: its own fault, a broken link, or a place that another hash holds. */
type QuarantineCode = EntryFault | 'chain' | 'conflict';

/** How far an incarnation has come. */
export interface Head {
  /** Everything up to here is stored or in quarantine; 0 = nothing. */
  readonly contiguousSeq: number;
  readonly headHash: string;
  /** A second hash that the next entry may link to: set when the head is unfit and its right hash differs. */
  readonly computedHash: string | null;
  /** The highest place that is taken. */
  readonly maxSeq: number;
}

/**
 * What the cursor tells as the head's hash where a link before it is broken, so that no terminal takes the chain for its own: behind a place
 * that another copy of its disk has taken its own entries may stand again.
 */
export function tornHash(headHash: string): string {
  return sha256(`yichuang-torn-1\n${headHash}`);
}

export const EMPTY_HEAD: Head = { contiguousSeq: 0, headHash: GENESIS_HASH, computedHash: null, maxSeq: 0 };

/** A taken place. `stored` beyond the head is held; `broken` is a fit entry whose link failed; `unfit` is in quarantine only. */
export type Place =
  | { readonly state: 'stored' | 'broken'; readonly hash: string; readonly prevHash: string }
  | { readonly state: 'unfit'; readonly hash: string; readonly computedHash: string | null };

interface Quarantined {
  readonly item: CheckedEntry;
  readonly code: QuarantineCode;
  /** Whether it takes the place; otherwise it stands beside the one that has it. */
  readonly takesPlace: boolean;
}

export interface Decision {
  readonly head: Head;
  /** Entries to write; `broken` ones are in quarantine with the code `chain`. */
  readonly insert: readonly { readonly item: FitEntry; readonly state: 'stored' | 'broken' }[];
  /** Places of held entries whose link turned out to be broken. */
  readonly breakHeld: readonly number[];
  readonly quarantine: readonly Quarantined[];
  /** Places where a fit entry takes over from an unfit one. */
  readonly healed: readonly number[];
  /** One for each item, in its order. */
  readonly answers: readonly EntryAnswer[];
}

/** Ids of whole entries that are new in a later incarnation: there comes what an earlier one had no place for. */
export function carriedOver(incarnation: number, { insert }: Decision): string[] {
  return incarnation === 1 ? [] : insert.flatMap(({ item, state }) => (state === 'stored' ? [item.entry.id] : []));
}

/** The places of joined entries that came once more. */
export function repeated({ answers }: Decision): number[] {
  return answers.filter(({ result }) => result === 'duplicate').map(({ seq }) => seq);
}

/** The places that must be known for {@link judge}: `seqs`, and when the first hole may fill those that follow `from`, as far as they do. */
export function placesNeeded(head: Head, items: readonly CheckedEntry[]): { seqs: Set<number>; from: number | null } {
  const seqs = new Set<number>();
  for (const { seq } of items) {
    if (seq <= head.maxSeq) seqs.add(seq);
    if (seq <= head.contiguousSeq && seq > 1) seqs.add(seq - 1);
  }
  const next = head.contiguousSeq + 1;
  return { seqs, from: head.maxSeq > next && items.some(({ seq }) => seq === next) ? next : null };
}

/** @param known what {@link placesNeeded} asked for; places that aren't in it are free. */
export function judge(head: Head, known: ReadonlyMap<number, Place>, items: readonly CheckedEntry[]): Decision {
  const places = new Map(known);
  const inserted = new Map<number, FitEntry>();
  const quarantine: Quarantined[] = [];
  const healed: number[] = [];

  /** @returns the code of a refusal, or whether the entry is new at its place. */
  function take(item: CheckedEntry): QuarantineCode | 'new' | 'known' {
    const place = places.get(item.seq);
    const refuse = (code: QuarantineCode): QuarantineCode => {
      quarantine.push({ item, code, takesPlace: place === undefined });
      return code;
    };
    if (item.fault !== null) {
      if (!place) places.set(item.seq, { state: 'unfit', hash: item.hash, computedHash: item.computedHash });
      return refuse(item.fault);
    }
    if (place && place.hash !== item.hash) return refuse('conflict');
    if (place && place.state !== 'unfit') return 'known';
    if (place) {
      if (item.seq <= head.contiguousSeq && !links(item.entry.prevHash, places.get(item.seq - 1)))
        return refuse('chain');
      healed.push(item.seq);
    }
    places.set(item.seq, { state: 'stored', hash: item.hash, prevHash: item.entry.prevHash });
    inserted.set(item.seq, item);
    return 'new';
  }

  const taken = items.map(take);
  const joined = join(head, places);
  const broken = new Set(joined.broken);
  const maxSeq = items.reduce((max, { seq }) => Math.max(max, seq), head.maxSeq);

  return {
    head: { ...joined.head, maxSeq },
    insert: [...inserted.values()].map((item) => ({ item, state: broken.has(item.seq) ? 'broken' : 'stored' })),
    breakHeld: joined.broken.filter((seq) => !inserted.has(seq)),
    quarantine,
    healed,
    answers: items.map((item, i) => {
      const { incarnation, seq } = item;
      const outcome = taken[i] ?? 'known';
      if (outcome !== 'new' && outcome !== 'known') return { incarnation, seq, result: 'quarantined', code: outcome };
      if (broken.has(seq) || places.get(seq)?.state === 'broken') {
        return { incarnation, seq, result: 'quarantined', code: 'chain' };
      }
      if (seq > joined.head.contiguousSeq) return { incarnation, seq, result: 'held', code: 'gap' };
      return { incarnation, seq, result: outcome === 'new' ? 'stored' : 'duplicate' };
    }),
  };
}

function links(prevHash: string, before: Place | undefined): boolean {
  if (!before) return prevHash === GENESIS_HASH;
  return prevHash === before.hash || (before.state === 'unfit' && prevHash === before.computedHash);
}

/** Moves the head over every place that follows it, and finds the links that fail. */
function join(head: Head, places: ReadonlyMap<number, Place>): { head: Omit<Head, 'maxSeq'>; broken: number[] } {
  let { contiguousSeq, headHash, computedHash } = head;
  const broken: number[] = [];
  for (;;) {
    const next = places.get(contiguousSeq + 1);
    if (!next) return { head: { contiguousSeq, headHash, computedHash }, broken };
    if (next.state === 'stored' && next.prevHash !== headHash && next.prevHash !== computedHash) {
      broken.push(contiguousSeq + 1);
    }
    contiguousSeq += 1;
    headHash = next.hash;
    computedHash = next.state === 'unfit' ? next.computedHash : null;
  }
}
