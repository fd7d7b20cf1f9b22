/** ESC/POS as its table reads (devices.md, section 2). Not checked on a physical printer. */

/** Dots across the paper, and the cell of a Latin character; a Chinese one is two cells wide. */
export const DOTS: Readonly<Record<58 | 80, number>> = { 58: 384, 80: 576 };
export const CELL_DOTS = 12;
/** White between two lines of text. */
export const LEADING_DOTS = 6;

export const BAUD_RATES: readonly number[] = [115_200, 9_600, 19_200, 38_400, 57_600];

type Alignment = 0 | 1 | 2;
const word = (n: number) => [n & 0xff, n >> 8] as const;

// biome-ignore format: a table
export const COMMANDS = {
  initialise:               [0x1b, 0x40],
  chineseOn:                [0x1c, 0x26],
  size: (times: number) =>  [0x1d, 0x21, ((times - 1) << 4) | (times - 1)],
  align: (to: Alignment) => [0x1b, 0x61, to],
  bold: (on: boolean) =>    [0x1b, 0x45, on ? 1 : 0],
  lineEnd:                  [0x0a],
  feed: (lines: number) =>  [0x1b, 0x64, lines],
  qrModel2:                 [0x1d, 0x28, 0x6b, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00],
  qrSize: (dots: number) => [0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x43, dots],
  qrLevelM:                 [0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x45, 0x31],
  qrStore: (data: Uint8Array) => [0x1d, 0x28, 0x6b, ...word(data.length + 3), 0x31, 0x50, 0x30, ...data],
  qrPrint:                  [0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x51, 0x30],
  /** Rows of dots, eight to a byte, the first in its highest bit; `across` in bytes. */
  raster: (across: number, down: number) => [0x1d, 0x76, 0x30, 0x00, ...word(across), ...word(down)],
  feedDots: (dots: number) => [0x1b, 0x4a, dots],
  cut:                      [0x1d, 0x56, 0x41, 0x03],
  automaticStatus:          [0x1d, 0x61, 0xff],
  /** Answered at once, ahead of what waits to be printed. */
  realTimeStatus: (n: StatusKind) => [0x10, 0x04, n],
  /**
   * Empties the printer's buffers at once, ahead of what stands in them: DLE ENQ 2, which leaves an error behind, and DLE DC4
   * function 8, which needs no error and is answered.
   */
  clear:                    [0x10, 0x05, 0x02, 0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08],
  /** Answered when everything before it was printed. */
  paperStatus:              [0x1d, 0x72, 0x01],
  /** Answered with its four printable bytes when everything before it was printed. */
  processId: (id: string) => [0x1d, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, ...Buffer.from(id, 'latin1')],
} as const;

/** What a byte of a command may be: one value, or any from the first to the last. */
type Place = number | readonly [first: number, last: number];
/** A command in a stream; the bytes of the receipt itself that follow some commands are counted by it. */
export interface Form {
  readonly bytes: readonly Place[];
  readonly data?: (command: readonly number[]) => number;
}
const ANY: Place = [0x00, 0xff];
const LETTER: Place = [0x41, 0x4a];

/** What a stream of ours is taken apart by: every command above, with all values that its parameters may have. */
// biome-ignore format: a table
export const FORMS: readonly Form[] = [
  { bytes: COMMANDS.initialise },
  { bytes: COMMANDS.chineseOn },
  { bytes: [0x1d, 0x21, [0x00, 0x77]] },
  { bytes: [0x1b, 0x61, [0, 2]] },
  { bytes: [0x1b, 0x45, [0, 1]] },
  { bytes: COMMANDS.lineEnd },
  { bytes: [0x1b, 0x64, ANY] },
  { bytes: COMMANDS.qrModel2 },
  { bytes: [0x1d, 0x28, 0x6b, 0x03, 0x00, 0x31, 0x43, [1, 16]] },
  { bytes: COMMANDS.qrLevelM },
  { bytes: [0x1d, 0x28, 0x6b, ANY, ANY, 0x31, 0x50, 0x30], data: ([, , , low = 0, high = 0]) => low + 256 * high - 3 },
  { bytes: COMMANDS.qrPrint },
  { bytes: [0x1d, 0x76, 0x30, 0x00, ANY, ANY, ANY, ANY],
    data: ([, , , , x = 0, xHigh = 0, y = 0, yHigh = 0]) => (x + 256 * xHigh) * (y + 256 * yHigh) },
  { bytes: [0x1b, 0x4a, ANY] },
  { bytes: COMMANDS.cut },
  { bytes: COMMANDS.automaticStatus },
  { bytes: [0x10, 0x04, [1, 4]] },
  { bytes: COMMANDS.clear },
  { bytes: COMMANDS.paperStatus },
  { bytes: [0x1d, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, LETTER, LETTER, LETTER, LETTER] },
];

/** 1 printer, 2 cause of being offline, 3 error, 4 paper. */
export type StatusKind = 1 | 2 | 3 | 4;
export const STATUS_KINDS: readonly StatusKind[] = [1, 2, 3, 4];

export type Flag =
  | 'offline'
  | 'coverOpen'
  | 'error'
  | 'cutter'
  | 'unrecoverable'
  | 'autoRecoverable'
  | 'paperLow'
  | 'paperOut';

type Bits = readonly (readonly [Flag, mask: number])[];

// biome-ignore format: tables
export const STATUS_BITS: Readonly<Record<StatusKind, Bits>> = {
  1: [['offline', 0x08], ['error', 0x20]],
  2: [['coverOpen', 0x04], ['paperOut', 0x20], ['error', 0x40]],
  3: [['error', 0x04], ['cutter', 0x08], ['unrecoverable', 0x20], ['autoRecoverable', 0x40]],
  4: [['paperLow', 0x0c], ['paperOut', 0x60]],
};

// biome-ignore format: a table
export const AUTOMATIC_BITS: readonly Bits[] = [
  [['offline', 0x08], ['coverOpen', 0x20]],
  [['cutter', 0x08], ['unrecoverable', 0x20], ['autoRecoverable', 0x40]],
  [['paperLow', 0x03], ['paperOut', 0x0c]],
  [],
];

/** What the names of our jobs are made of. */
const ID_LETTERS = 'ABCDEFGHIJ';

/** The fixed bits of each kind of answer: `(byte & mask) === value`. */
export const ANSWERS = {
  realTime: { mask: 0x93, value: 0x12 },
  automatic: { mask: 0x93, value: 0x10 },
  /** The second to fourth byte of an automatic status. */
  plain: { mask: 0x90, value: 0x00 },
  /** The answer to `1D 72 01`. */
  paper: { mask: 0xf0, value: 0x00 },
  /** `37 22` id(4) `00`; no letter of an id looks like the first byte of a status, which may stand behind an id that broke off. */
  process: { head: [0x37, 0x22], idBytes: 4, letters: ID_LETTERS, end: 0x00 },
  /** The answer to DLE DC4 function 8. */
  cleared: [0x37, 0x25, 0x00],
} as const;

/**
 * The name of a job behind it. Its letters share no bit pattern with a real-time status, which may come into the middle of the
 * answer: digits do.
 * @param number 0..9999.
 */
export function jobId(number: number): string {
  return String(number)
    .padStart(4, '0')
    .replace(/\d/g, (digit) => ID_LETTERS.charAt(Number(digit)));
}

/** The number of a job by its name. */
export function jobNumber(id: string): number {
  return Number(id.replace(/[A-J]/g, (letter) => String(ID_LETTERS.indexOf(letter))));
}

export function flagsOf(bits: Bits, byte: number): Flag[] {
  return bits.filter(([, mask]) => (byte & mask) !== 0).map(([flag]) => flag);
}

/** Milliseconds. */
export const TIMING = {
  statusMs: 1_000,
  /** Between two looks at an idle printer, and at one that prints. */
  idleMs: 2_000,
  printingMs: 500,
  /** A job is given this long, and this much more for each of its bytes (twice the time of a byte at 9600 baud). */
  jobMs: 20_000,
  byteMs: 2,
  /** The same for a printer that answers nothing: there is little to wait for. */
  muteJobMs: 3_000,
  /** The confirmation may stand right behind the news of a problem. */
  graceMs: 300,
  /** The answer to a clearing is waited for this long; a printer may know none. */
  clearMs: 500,
  /** A hot print head is waited for this long; it cools down by itself. */
  coolMs: 60_000,
  baudTryMs: 500,
} as const;
