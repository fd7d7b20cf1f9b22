/**
 * The wire between a terminal and the district's gateway (sync.md). Everything that is hashed, signed or sealed as
 * associated data is built here, as text that both sides encode as UTF-8; nothing here computes.
 */
import { z } from 'zod';
import { Material, materialLimits } from './materials.ts';
import { Suite, suites } from './suite.ts';

const Base64Url = z.string().regex(/^[A-Za-z0-9_-]*$/);
/** A text that every database can hold: PostgreSQL has no place for the character NUL. */
const PlainText = z.string().refine((text) => !text.includes('\0'));
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** By the terminal's suite: SHA-256 or SM3. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

export const limits = {
  /** Entries in one batch. */
  batchEntries: 200,
  /** Bytes of one batch before compression. */
  batchBytes: 512 * 1024,
  /** Bytes of one entry's body. */
  bodyBytes: 64 * 1024,
  receiptNumberCharacters: 100,
  /** How far a batch's incarnations may be above the newest that the gateway has, or above 1. */
  incarnationStep: 1000,
  /** Entries that one erasure names. */
  erasedEntries: 100,
  /** Bytes of one part of a package or a material. */
  partBytes: 256 * 1024,
  /** Bytes of a heartbeat's content. */
  heartbeatBytes: 64 * 1024,
  /** Bytes of an enrolment's content. */
  enrolBytes: 4096,
} as const;

export const EntryKind = z.enum(['key', 'case', 'verification', 'rating', 'help', 'print', 'erasure']);
export type EntryKind = z.infer<typeof EntryKind>;

/** When an entry was written: flagged by the district, never refused for its clock. */
const At = z.strictObject({
  /** ISO 8601 with offset, the terminal's wall clock. */
  wall: z.iso.datetime({ offset: true }),
  /** Milliseconds since boot. */
  monotonicMs: z.int().min(0),
  boot: PlainText,
  /** Milliseconds to add to the wall clock for the gateway's time, as last known; null when never known. */
  serverOffsetMs: z.int().nullable(),
});

/** A case key wrapped by a day key (AES-256-GCM or SM4-GCM, 12-byte nonce; `data` is the ciphertext and its 16-byte tag). It stands outside the hashed bytes, so that erasing it erases the body. */
export const WrappedKey = z.strictObject({
  caseKey: z.uuid(),
  dayKey: z.uuid(),
  nonce: Base64Url,
  data: Base64Url,
});
export type WrappedKey = z.infer<typeof WrappedKey>;

/** One journal entry as it travels. */
export const WireEntry = z.strictObject({
  v: z.literal(1),
  terminal: z.uuid(),
  incarnation: z.int().min(1),
  /** 1, 2, 3 ... within an incarnation. */
  seq: z.int().min(1),
  /** UUIDv7. */
  id: z.uuid(),
  kind: EntryKind,
  /** Content hash of the catalogue package that the body speaks of. */
  catalogue: Sha256,
  /** The frozen body, JSON in UTF-8: as text, since base64url around what is sealed in base64url would hardly compress. */
  body: z.string(),
  bodyHash: Hash,
  /** Hash of the entry before; 64 zeros for the first of an incarnation. */
  prevHash: Hash,
  hash: Hash,
  at: At,
  keys: z.array(WrappedKey).max(4),
});
export type WireEntry = z.infer<typeof WireEntry>;

export const GENESIS_HASH = '0'.repeat(64);

/** The text whose hash is an entry's hash: every field but `body` (its hash stands in) and `keys`. */
export function entryHashText(entry: Omit<WireEntry, 'hash' | 'body' | 'keys'>): string {
  return [
    'yichuang-entry-1',
    entry.terminal,
    entry.incarnation,
    entry.seq,
    entry.id,
    entry.kind,
    entry.catalogue,
    entry.bodyHash,
    entry.prevHash,
    entry.at.wall,
    entry.at.monotonicMs,
    entry.at.boot,
    entry.at.serverOffsetMs ?? '-',
  ].join('\n');
}

/** A body's personal part: zstd with the numbered dictionary, then AES-256-GCM or SM4-GCM under the case key; 12-byte nonce, `data` as in {@link WrappedKey}. */
export const SealedPart = z.strictObject({
  dict: z.int().min(1),
  caseKey: z.uuid(),
  nonce: Base64Url,
  data: Base64Url,
});
export type SealedPart = z.infer<typeof SealedPart>;

/** An entry's body: JSON in UTF-8. `open` holds nothing personal. */
export const EntryBody = z.looseObject({
  v: z.literal(1),
  open: z.record(z.string(), z.unknown()),
  sealed: SealedPart.nullable(),
});
export type EntryBody = z.infer<typeof EntryBody>;

/** Associated data of a sealed part: it can't be moved to another entry. */
export function sealedPartAad(terminal: string, entryId: string, kind: EntryKind): string {
  return ['yichuang-body-1', terminal, entryId, kind].join('\n');
}

/** Associated data of a wrapped case key. */
export function wrappedKeyAad(terminal: string, caseKey: string, dayKey: string): string {
  return ['yichuang-case-key-1', terminal, caseKey, dayKey].join('\n');
}

/**
 * What a sealed day key is bound to. Standard: HPKE's `info` (RFC 9180 base mode: X25519, HKDF-SHA256, AES-256-GCM; empty associated
 * data). National: SM2 encryption binds nothing, so that the SM3 of this text is sealed behind the key (GB/T 32918.4, C1C3C2).
 */
export function dayKeyInfo(terminal: string, dayKey: string): string {
  return ['yichuang-day-key-1', terminal, dayKey].join('\n');
}

// -- Bodies -----------------------------------------------------------------------------------------------------------

/** `kind: 'key'`: a day key sealed to the district. `enc` is HPKE's, or SM2's C1 as 65 bytes; `data` the ciphertext, or C3 and C2. */
export const KeyOpen = z.strictObject({ dayKey: z.uuid(), districtKeyId: z.string(), enc: Base64Url, data: Base64Url });

/** `kind: 'case'`: a case was accepted at the terminal. */
export const CaseOpen = z.strictObject({
  case: z.uuid(),
  /** Cases are looked up by it, and PostgreSQL's index takes no row above 2,704 bytes. */
  receiptNumber: PlainText.max(limits.receiptNumberCharacters),
  item: PlainText,
  offline: z.enum(['F', 'S', 'A', 'N']),
  acceptedAt: z.iso.datetime({ offset: true }),
  /** Answers that the item declares as not personal. */
  answers: z.record(z.string(), z.string()),
  /** Sealed under the case key of the body's personal part. */
  materials: z.array(Material).max(materialLimits.perCase).optional(),
});
/** Its sealed part. */
export const CaseSealed = z.strictObject({
  /** An `IdCard`, or a `TravelDocument` (`kind: 'travel-document'`) with the worker who confirmed it. */
  card: z.record(z.string(), z.string()),
  answers: z.record(z.string(), z.string()),
  /** As `Signature` (calls.ts), but that a stroke's points after the first are told by their differences, which take half the bytes. */
  signature: z.strictObject({ height: z.int(), strokes: z.array(z.array(z.int())) }),
});

/** `kind: 'verification'`: a worker saw the evidence and confirmed or refused. */
export const VerificationOpen = z.strictObject({
  case: z.uuid(),
  worker: z.string(),
  outcome: z.enum(['confirmed', 'refused']),
  seen: z.array(z.string()),
});

/** `kind: 'rating'` (R1-R3); `level` null is "not rated". */
export const RatingOpen = z.strictObject({
  case: z.uuid(),
  level: z.int().min(1).max(5).nullable(),
  reasons: z.array(z.string()),
});

/** `kind: 'help'`: a call for a worker, or a card left behind (names nobody). */
export const HelpOpen = z.strictObject({
  ticket: z.uuid(),
  why: z.enum(['called', 'verification', 'card-left-behind']),
});

/** `kind: 'print'`: what became of a document. */
export const PrintOpen = z.strictObject({
  case: z.uuid(),
  job: z.uuid(),
  document: z.enum(['receipt', 'certificate', 'acceptance-notice']),
  outcome: z.enum(['confirmed', 'unknown', 'failed', 'held', 'again']),
});

/** `kind: 'erasure'` (R40): personal parts of this journal were erased here; the district destroys the wrapped keys of these entries too. */
export const ErasureOpen = z.strictObject({
  /** Ids of entries of this terminal, in any of its incarnations, come or not. */
  entries: z.array(z.uuid()).min(1).max(limits.erasedEntries),
});

// -- Requests ---------------------------------------------------------------------------------------------------------

export const paths = {
  enrol: '/v1/enrol',
  cursor: '/v1/terminals/self/cursor',
  batches: '/v1/terminals/self/batches',
  heartbeat: '/v1/terminals/self/heartbeat',
  updates: '/v1/terminals/self/updates',
  updatesAck: '/v1/terminals/self/updates/ack',
  key: '/v1/terminals/self/key',
  districtKey: '/v1/terminals/self/district-key',
  gatewayKeys: '/v1/gateway-keys',
} as const;

/** Where a package is fetched in parts. */
export function packagePath(sha256: string): string {
  return `/v1/packages/${sha256}`;
}

/** One-time enrolment (sync.md, Enrol). The key is made on the terminal and never leaves it. */
export const EnrolRequest = z
  .strictObject({
    code: z.string().regex(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/),
    /** A standard terminal does not tell it, so that a gateway of the first release takes it too. */
    suite: Suite.default('standard'),
    /** In the form of {@link suites}. */
    publicKey: z.string(),
  })
  .refine(({ suite, publicKey }) => suites[suite].publicKey.test(publicKey), { path: ['publicKey'] });
export type EnrolRequest = z.infer<typeof EnrolRequest>;

/** How a terminal's way for entries is; `stopped` means that the gateway refuses them, and a person must act. */
export const SyncWord = z.enum(['starting', 'online', 'offline', 'stopped']);
export type SyncWord = z.infer<typeof SyncWord>;

/** What a terminal reports of itself every minute (R36); the answer is an empty object. */
export const Heartbeat = z.strictObject({
  software: z.string(),
  catalogue: Sha256,
  /** This and `quarantined` are not told by the first release. */
  sync: SyncWord.optional(),
  unsynced: z.int().min(0),
  oldestUnsyncedSeconds: z.int().min(0).nullable(),
  /** Entries that the district received and could not use. */
  quarantined: z.int().min(0).optional(),
  devices: z.record(z.string(), z.string()),
  diskFreeBytes: z.int().min(0),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** Has another key take the place of the one that signs the request, at once; the answer is an empty object, the same when it is asked again. */
export const KeyRequest = z.strictObject({
  /** The new one, in the form of {@link suites}. */
  publicKey: z.string(),
  /** The new key's signature over {@link keyProofText}: who asks has it. */
  proof: Base64Url,
});
export type KeyRequest = z.infer<typeof KeyRequest>;

/** It names the key that is replaced, so that it can't be used again later. */
export function keyProofText(terminal: string, presentKey: string, nextKey: string): string {
  return ['yichuang-terminal-key-1', terminal, presentKey, nextKey].join('\n');
}

/** What the district has of a terminal's newest incarnation it was asked about. */
export const Cursor = z.strictObject({
  epoch: z.string(),
  incarnation: z.int().min(1),
  /** Every entry up to here is stored or quarantined; 0 = none. */
  contiguousSeq: z.int().min(0),
  holes: z.array(z.int().min(1)).max(1000),
  /** Hash of the entry at `contiguousSeq`; zeros when there is none. */
  headHash: Hash,
  serverTime: z.iso.datetime({ offset: true }),
  maxBatch: z.int().min(1),
});
export type Cursor = z.infer<typeof Cursor>;

export const EntryAnswer = z.strictObject({
  incarnation: z.int(),
  seq: z.int(),
  result: z.enum(['stored', 'duplicate', 'quarantined', 'held']),
  /** Why, for `quarantined` and `held`. */
  code: z.string().optional(),
});
export type EntryAnswer = z.infer<typeof EntryAnswer>;

export const BatchAnswer = z.strictObject({ entries: z.array(EntryAnswer), cursor: Cursor });
export type BatchAnswer = z.infer<typeof BatchAnswer>;

/** An error on the envelope: nothing of the request was taken. */
export const WireError = z.strictObject({
  code: z.enum([
    'malformed',
    'too-large',
    'digest',
    'signature',
    'clock',
    'unknown-terminal',
    'revoked',
    'enrol-code',
    'not-found',
    'range',
    'busy',
    'failed',
  ]),
  message: z.string(),
});
export type WireError = z.infer<typeof WireError>;

/**
 * The provisioning file that stands for an enrolment over the network. `signature` is the gateway's, in the terminal's suite, over
 * `yichuang-provisioning-1` and the JSON text of `identity` as it stands in `payload`, joined by a line feed.
 */
export const Provisioning = z.strictObject({
  v: z.literal(1),
  /** JSON text of an `Identity` (configuration.ts) with the member `terminalPublicKey`. */
  payload: z.string(),
  signature: Base64Url,
});

export function provisioningText(payload: string): string {
  return `yichuang-provisioning-1\n${payload}`;
}
