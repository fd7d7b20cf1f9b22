/** What the gateway keeps, behind a port: the routes and the intake worker know nothing of the database. */
import type { Material } from '#contract/materials.ts';
import type { Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import type { EntryAnswer, EntryKind, Heartbeat, WrappedKey } from '#contract/wire.ts';
import type { CheckedEntry } from '../journal/entry.ts';
import type { ArchiveStore } from './archive.ts';
import type { AuditStore } from './audit.ts';
import type { CatalogueStore, FoundCatalogue } from './catalogues.ts';
import type { Erasure, ErasureStore } from './erasures.ts';
import type { MaterialReader, MaterialStore } from './materials.ts';
import type { SuccessionStore } from './successions.ts';
import type { UpdateStore } from './updates.ts';

export interface Terminal {
  readonly id: string;
  readonly region: string;
  /** Four digits, unique within the region. */
  readonly code: string;
  /** Chosen at its enrolment, for good. */
  readonly suite: Suite;
  /** Ed25519 or SM2, raw in base64url. */
  readonly publicKey: string;
  readonly state: 'active' | 'revoked';
}

/** `code`: unknown, expired or used for another key; `full`: the region has given all of its 9,999 codes. */
export type EnrolRefusal = 'code' | 'revoked' | 'full';

/** Who asks to become a terminal; the id is used only when the key is new: the same key is always the same terminal. */
export interface NewTerminal {
  readonly id: string;
  readonly suite: Suite;
  readonly publicKey: string;
  readonly at: Date;
}

/** How far one incarnation of a terminal's journal has come. */
export interface ChainCursor {
  /** The store's, as it is at this moment: another gateway may have been told of a restored backup. */
  readonly epoch: string;
  readonly incarnation: number;
  readonly contiguousSeq: number;
  readonly headHash: string;
  /** Missing places below the highest that arrived, at most 1,000 of them. */
  readonly holes: number[];
}

/** A key that was a terminal's, and until when: what it signed stays signed. */
export interface FormerKey {
  readonly publicKey: string;
  /** ISO 8601, UTC. */
  readonly until: string;
}

/** `signature`: another key has taken the place of the one that asks; `taken`: the new one is or was some terminal's. */
export type KeyRefusal = 'signature' | 'taken';

interface Counts {
  readonly terminals: number;
  readonly entries: number;
  readonly cases: number;
  /** What waits in quarantine for someone to look at it. */
  readonly quarantined: number;
}

/** What is counted again and again, by whoever watches. */
export interface Figures {
  /** Entries that are joined and that the intake has not seen. */
  readonly unseen: number;
  readonly quarantined: number;
  readonly terminals: { readonly active: number; readonly silent: number; readonly revoked: number };
}

export interface StoreOptions {
  /** A new store's epoch. */
  readonly newEpoch: () => string;
  readonly missing: 'create' | 'refuse';
  /** Milliseconds to wait for what another process has locked. */
  readonly busyMs?: number;
}

/** The public halves of the first keys: every gateway of a store must share them. */
export type PinnedKey = `${'gateway' | 'district'}${'' | '-sm2'}-key`;

export interface Pins {
  /** Keeps the first public key that is given under this name. @returns the one that is kept */
  pin(name: PinnedKey, publicKey: string): Promise<string>;
  /** @returns the key that is kept under this name, if any */
  pinned(name: PinnedKey): Promise<string | null>;
}

/** The side that answers terminals. Every promise of a change resolves after its commit; any may reject as `isBusy` tells. */
export interface GatewayStore
  extends Pins,
    ArchiveStore,
    AuditStore,
    CatalogueStore,
    ErasureStore,
    MaterialStore,
    UpdateStore,
    SuccessionStore {
  /** Random at the store's creation; another one tells terminals to rewind. */
  epoch(): Promise<string>;
  /** Gives the store another epoch, which every gateway tells from now on. */
  renewEpoch(epoch: string): Promise<void>;
  addEnrolCodes(hashes: readonly string[], region: string, expiresAt: Date): Promise<void>;
  /** @param codeHash SHA-256 of a one-time code; asking again with the same code and the same key gives the same answer. */
  enrol(codeHash: string, terminal: NewTerminal): Promise<Result<Terminal, EnrolRefusal>>;
  /** Registers a key without a code, for a provisioning file. */
  register(region: string, terminal: NewTerminal): Promise<Result<Terminal, EnrolRefusal>>;
  terminal(id: string): Promise<Terminal | null>;
  /** @returns false when there is no such terminal. */
  revoke(id: string): Promise<boolean>;
  /** Takes a revoked terminal's word again. @returns false when there is no such terminal. */
  readmit(id: string): Promise<boolean>;
  /** Has a key take the place of the one in `terminal`, at once; what was done already is done. */
  changeKey(terminal: Terminal, publicKey: string, at: Date): Promise<Result<undefined, KeyRefusal>>;
  /** The keys that were this terminal's, oldest first. */
  formerKeys(terminal: string): Promise<FormerKey[]>;
  /** Takes a batch in one transaction and answers each entry in the order given. */
  append(terminal: Terminal, items: readonly CheckedEntry[], at: Date): Promise<EntryAnswer[]>;
  /** @param incarnation null asks for the newest that is known, or 1. */
  cursor(terminal: Terminal, incarnation: number | null): Promise<ChainCursor>;
  heartbeat(terminal: Terminal, beat: Heartbeat, at: Date): Promise<void>;
  /** @param receiptNumber counts only the cases with this receipt number. */
  counts(receiptNumber?: string): Promise<Counts>;
  /** @param silentBefore terminals whose last heartbeat, or without any their enrolment, is older are silent */
  figures(silentBefore: Date): Promise<Figures>;
  close(): Promise<void>;
}

// -- Intake -----------------------------------------------------------------------------------------------------------

export interface JournalEntry {
  readonly seq: number;
  readonly id: string;
  readonly kind: EntryKind;
  /** The version of the catalogue package that the body speaks of. */
  readonly catalogue: string;
  readonly hash: string;
  readonly body: Uint8Array;
  readonly keys: readonly WrappedKey[];
  /** A case whose keys were destroyed by an order (R40). */
  readonly isErased: boolean;
}

/** Joined entries of one incarnation, in order: those that the intake has not seen, or those whose turn it is to be looked at again. */
export interface IntakeWork {
  readonly look: 'first' | 'again';
  readonly region: string;
  readonly terminal: string;
  readonly suite: Suite;
  readonly incarnation: number;
  /** The work is all there is to look at behind `after` up to `upTo`. */
  readonly after: number;
  readonly upTo: number;
  readonly entries: readonly JournalEntry[];
}

/** A day key as it was received: sealed. */
export interface SealedDayKey {
  readonly dayKey: string;
  readonly districtKeyId: string;
  readonly enc: string;
  readonly data: string;
}

/** Why the intake put an entry into quarantine. */
export type IntakeCode =
  | 'body'
  | 'open'
  | 'sealed'
  | 'district-key'
  | 'day-key'
  | 'no-day-key'
  | 'no-case-key'
  | 'case-key'
  | 'seal'
  | 'no-case'
  | 'case-conflict'
  | 'second-rating'
  | 'no-catalogue'
  | 'no-material'
  | 'material'
  | 'item'
  | 'answers';

/** What an entry can't be used without, and may be when that comes. */
export type WaitingCode = Extract<IntakeCode, 'no-day-key' | 'no-catalogue' | 'no-material' | 'district-key'>;

/** `waitsFor` is the day key, the catalogue's version, the material's hash, or the district's key. */
export type Refusal =
  | { readonly code: Exclude<IntakeCode, WaitingCode> }
  | { readonly code: WaitingCode; readonly waitsFor: string };

/** What an entry means for the desk, and the materials that it names, which may come from now on; it holds nothing personal. */
export type Finding = Meaning & { readonly materials?: readonly Material[] };

export type Meaning =
  | { readonly what: 'day-key'; readonly key: SealedDayKey }
  | {
      readonly what: 'case';
      readonly case: string;
      readonly receiptNumber: string;
      readonly item: string;
      readonly acceptedAt: string;
    }
  | { readonly what: 'verification'; readonly case: string; readonly state: 'verified' | 'refused' }
  | { readonly what: 'rating'; readonly case: string; readonly level: number | null }
  | { readonly what: 'erasure'; readonly entries: readonly string[] }
  | { readonly what: 'nothing' }
  | ({ readonly what: 'invalid' } & Refusal);

/** What became of an entry: `waitsFor` is the day key, the case, the catalogue, the material or the district's key that has to come before it can be used. */
export type Applied =
  | { readonly is: 'done' }
  | { readonly is: 'new'; readonly brings: string }
  | { readonly is: 'refused'; readonly code: IntakeCode; readonly waitsFor: string | null };

/** Cases that could not be used, as far as was known: one that was erased meanwhile is to be looked at anew. */
export function unusableCases({ entries }: IntakeWork, findings: readonly Finding[]): string[] {
  return entries.flatMap(({ kind, id, isErased }, i) =>
    kind === 'case' && !isErased && findings[i]?.what === 'invalid' ? [id] : [],
  );
}

/** What a terminal's own entries order to be erased. */
export function orderedErasures(
  { region, terminal, entries }: IntakeWork,
  findings: readonly Finding[],
  at: Date,
): Erasure[] {
  return findings.flatMap((finding, i) => {
    const order = entries[i]?.id;
    if (finding.what !== 'erasure' || order === undefined) return [];
    return finding.entries.map((entry) => ({ region, terminal, entry, by: 'terminal', order, at: at.toISOString() }));
  });
}

/** The versions for want of which entries are put into quarantine. */
export function unknownCatalogues(findings: readonly Finding[]): string[] {
  return findings.flatMap((it) => (it.what === 'invalid' && it.code === 'no-catalogue' ? [it.waitsFor] : []));
}

/** The materials for want of which entries are put into quarantine. */
export function missingMaterials(findings: readonly Finding[]): string[] {
  return findings.flatMap((it) => (it.what === 'invalid' && it.code === 'no-material' ? [it.waitsFor] : []));
}

/** The side of the intake worker. Any promise may reject as `isBusy` tells. */
export interface IntakeStore extends Pins, MaterialReader {
  /**
   * Takes work of the next terminal that has any, so that each gets its turn. In PostgreSQL no other worker gets any of that terminal until
   * it is finished; work that was taken before is given back.
   * @returns null when everything that was joined has been seen, or is in other hands.
   */
  next(limit: number): Promise<IntakeWork | null>;
  dayKey(region: string, terminal: string, dayKey: string): Promise<SealedDayKey | null>;
  catalogue(version: string): Promise<FoundCatalogue>;
  /** Has what waits for one of these keys of the district looked at again. @param ids of keys that are here */
  lookAgainFor(ids: readonly string[]): Promise<void>;
  /** Writes the findings, one for each entry of the work; false when the work has become stale and must be taken anew. */
  finish(work: IntakeWork, findings: readonly Finding[], at: Date): Promise<boolean>;
  close(): Promise<void>;
}
