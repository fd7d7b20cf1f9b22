/**
 * The SAM_V protocol as its table reads (devices.md, section 1).
 *
 * request `AA AA AA 96 69` LEN(2, big-endian) CMD PARA [DATA] CHK
 * reply   `AA AA AA 96 69` LEN(2) SW1 SW2 SW3 [DATA] CHK
 * LEN counts every byte after LEN, CHK included; CHK is the XOR of all bytes from LEN's first to the one before CHK.
 * Not checked on a physical reader.
 */
export const PREAMBLE: readonly number[] = [0xaa, 0xaa, 0xaa, 0x96, 0x69];

/** LEN of the shortest reply: SW1 SW2 SW3 CHK. */
export const LEN_MIN = 4;
/** No reply of the table is longer than 2321 bytes; a LEN above this is a lie. */
export const LEN_MAX = 4_096;

/**
 * Frames on bulk USB: one source, not checked on a physical reader. What the sheet calls the header is taken to be the preamble and LEN.
 *
 * 0400:C35A      the header to the first OUT (0x02) and the rest to the second (0x06); replies on both INs (0x81, 0x85)
 * with one OUT   the whole frame to it; replies on the IN
 */
export const BULK = { headerBytes: PREAMBLE.length + 2, header: 0, rest: 1 } as const;

export const BAUD_RATES: readonly number[] = [115_200, 57_600, 38_400, 19_200, 9_600];

/** Milliseconds between two `find card`, and before silence counts as no answer. */
export const TIMING = {
  pollMs: 300,
  /** While nobody reads: how often the reader is asked whether it is there, or its card still is. */
  contactMs: 2_000,
  cardContactMs: 500,
  /** A gap of this length inside a frame means that the rest is lost. */
  gapMs: 250,
  /** A reader at the right rate answers `11 FF` well within this. */
  baudTryMs: 500,
} as const;

export const STATUS = {
  ok: 0x90,
  found: 0x9f,
  checksumError: 0x10,
  lengthError: 0x11,
  badCommand: 0x21,
  notPermitted: 0x23,
  unrecognised: 0x24,
  cardRejectedSam: 0x31,
  samRejectedCard: 0x32,
  verificationError: 0x33,
  wrongCard: 0x40,
  readFailed: 0x41,
  randomFailed: 0x47,
  selfTestFailed: 0x60,
  notAuthorised: 0x66,
  noCard: 0x80,
  selectFailed: 0x81,
  noContent: 0x91,
} as const;

/** Name of a status for logs; one outside the table is told as unknown, with its value. */
export function statusName(sw3: number): string {
  const known = Object.entries(STATUS).find(([, code]) => code === sw3);
  return `${known ? known[0] : 'unknown status'} (${sw3.toString(16).padStart(2, '0').toUpperCase()})`;
}

export interface Command {
  readonly cmd: number;
  readonly para: number;
  readonly data?: readonly number[];
  readonly timeoutMs: number;
  /** SW3 of success, and the lengths of data that come with it. */
  readonly success: number;
  readonly lengths: (length: number) => boolean;
  /** Statuses that only this kind of command is answered with; anywhere else they are a late answer to another one. */
  readonly own: readonly number[];
}

const exactly = (n: number) => (length: number) => length === n;
/** The lengths of text, photograph and fingerprint, and some text. */
const blocks = (length: number) => length > 16;
const { ok, found, noCard, selectFailed, readFailed, noContent } = STATUS;
const find = [found, noCard];
const select = [selectFailed];
const read = [readFailed, noContent];

export const ADDRESS_BYTES = 70;

// biome-ignore format: a table
export const COMMANDS = {
  resetSam:      { cmd: 0x10, para: 0xff, timeoutMs: 1_000, success: ok,    lengths: exactly(0),  own: [] },
  samStatus:     { cmd: 0x11, para: 0xff, timeoutMs: 1_000, success: ok,    lengths: exactly(0),  own: [] },
  samId:         { cmd: 0x12, para: 0xff, timeoutMs: 1_000, success: ok,    lengths: exactly(16), own: [] },
  findCard:      { cmd: 0x20, para: 0x01, timeoutMs: 1_000, success: found, lengths: exactly(4),  own: find },
  selectCard:    { cmd: 0x20, para: 0x02, timeoutMs: 1_000, success: ok,    lengths: exactly(8),  own: select },
  textAndPhoto:  { cmd: 0x30, para: 0x01, timeoutMs: 3_000, success: ok,    lengths: blocks,     own: read },
  newestAddress: { cmd: 0x30, para: 0x03, timeoutMs: 3_000, success: ok,    own: read,
                   lengths: (n) => n > 0 && n <= 4 * ADDRESS_BYTES && n % ADDRESS_BYTES === 0 },
  textPhotoPrint: { cmd: 0x30, para: 0x10, timeoutMs: 3_000, success: ok,   lengths: blocks,    own: read },
  maxRfBytes:    { cmd: 0x61, para: 0xff, data: [0x50], timeoutMs: 1_000, success: ok, lengths: exactly(0), own: [] },
} as const satisfies Record<string, Command>;

/** The photograph: 1024 bytes in a closed format (WLT), 102 x 126 once a vendor's program has decoded it. */
export const PHOTO = {
  /** A person waits meanwhile, and gets on without it. */
  decodeMs: 2_000,
  /** Who wants the photograph of a card that was read asks for it within this time: it is not kept for as long as the card may lie there. */
  keptMs: 2_000,
  pictures: [
    { type: 'image/bmp', begins: [0x42, 0x4d] },
    { type: 'image/png', begins: [0x89, 0x50, 0x4e, 0x47] },
    { type: 'image/jpeg', begins: [0xff, 0xd8, 0xff] },
  ],
} as const;

/** Every status that belongs to one kind of command only. */
const OWNED: ReadonlySet<number> = new Set([...find, ...select, ...read]);

interface Answered {
  readonly sw1: number;
  readonly sw2: number;
  readonly sw3: number;
  readonly data: Uint8Array;
}

/** Whether a reply says that this command was done. */
export function succeeded(command: Command, reply: Answered): boolean {
  return reply.sw1 === 0 && reply.sw2 === 0 && looksDone(command, reply);
}

function looksDone(command: Command, reply: Answered): boolean {
  return reply.sw3 === command.success && command.lengths(reply.data.length);
}

/** Whether a reply can be the answer to this command; if not, it answers an earlier one and came late. */
export function answers(command: Command, reply: Answered): boolean {
  if (reply.sw3 === command.success || reply.sw3 === STATUS.ok) return looksDone(command, reply);
  return command.own.includes(reply.sw3) || !OWNED.has(reply.sw3);
}
