/** Scanners as their tables read (devices.md, section 4), one for each way they are plugged in. Not checked on a physical scanner. */

/** The rate in baud that serial scanners (8N1) are delivered with most; a device that never speaks by itself can't be asked for its own. */
export const DEFAULT_BAUD = 9_600;

/** CR, LF or both end a scan on a line. Neither is a part of a longer character, in UTF-8 or in GB 18030. */
export const SUFFIXES: ReadonlySet<number> = new Set([0x0d, 0x0a]);

/** Bytes of the longest scan, its suffix not counted; the largest QR code holds 2953. */
export const SCAN_MAX = 4_096;

/** Milliseconds. */
export const TIMING = {
  /** Silence of this length ends a scan that has no suffix; a byte at 9600 baud takes about one. */
  silenceMs: 100,
  /** What came in while the process was busy is heard within this time, and before the silence counts. */
  graceMs: 10,
  /** A port that stays open for so long has a scanner behind it, although it says nothing. */
  steadyMs: 2_000,
} as const;

/** HID-POS: a bar code scanner of the HID point-of-sale usage tables, and its report of scanned data. */
export const HID_POS = {
  collection: { usagePage: 0x8c, usage: 0x02 },
  /** The report's number; the system hands it on as the first byte, so that every place below is one more than in the device's own count. */
  report: 2,
  at: {
    /** Bytes of data in this report. */
    length: 1,
    /** Three characters: `]`, the symbology, its modifier. */
    aim: 2,
    data: 5,
    /** Further names of the symbology, then this: not zero when the scan goes on in the next report. */
    more: 63,
  },
  aimBytes: 3,
  dataMax: 56,
} as const;

/** Every AIM identifier begins with it (ISO/IEC 15424). */
export const AIM_FLAG = 0x5d;

/** The kernel's `struct input_event` on 64 bits, little-endian. */
export const INPUT_EVENT = {
  bytes: 24,
  at: { seconds: 0, microseconds: 8, type: 16, code: 18, value: 20 },
  type: { synchronisation: 0, key: 1 },
  /** A synchronisation's code: the kernel's queue was full, and events are lost. */
  dropped: 3,
  /** A key's value; 2 repeats one that is held, which no scanner does. */
  press: 1,
} as const;

/** What tells a scanner from a person at a keyboard. */
export const PACE = {
  /** Milliseconds between one event of a key, pressed or let go, and the next; a person holds a key for longer already. */
  gapMs: 40,
  /** Characters of the shortest scan. */
  least: 3,
} as const;

/** Keys that end a scan: Enter, Tab, and Enter of the number pad. */
export const END_KEYS: ReadonlySet<number> = new Set([28, 15, 96]);
export const SHIFT_KEYS: ReadonlySet<number> = new Set([42, 54]);
/**
 * What is pressed with Ctrl is a control character, and those are lost in any scan. With Alt or Meta it is a part of a character that this
 * table has not (Alt and digits of the number pad, as some scanners write Chinese): such a scan is dropped, never told in part.
 */
export const CONTROL_KEYS: ReadonlySet<number> = new Set([29, 97]);
export const COMPOSING_KEYS: ReadonlySet<number> = new Set([56, 100, 125, 126]);

/** Characters of consecutive key codes (`KEY_1`, `KEY_Q`, ...) on a US layout: from which code on, as they are, with shift. */
const ROWS: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [2, '1234567890-=', '!@#$%^&*()_+'],
  [16, 'qwertyuiop[]', 'QWERTYUIOP{}'],
  [30, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [43, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
  [57, ' ', ' '],
  // The number pad types digits, whatever its lock says.
  [55, '*', '*'],
  [71, '789-456+1230.', '789-456+1230.'],
  [98, '/', '/'],
];

/** The character codes of each key: plain, and with shift. */
export const KEYS: ReadonlyMap<number, readonly [plain: number, shifted: number]> = new Map(
  ROWS.flatMap(([first, plain, shifted]) =>
    Array.from(plain, (_, i) => [first + i, [plain.charCodeAt(i), shifted.charCodeAt(i)]] as const),
  ),
);

/** What our own papers carry as a code. Whether a check character or a signature is right is judged where the paper is looked up. */
export const FORMS = {
  /** `RRRRRR-TTTTII-YYMMDD-SSSS-C` */
  receipt: /^\d{6}-\d{6,}-\d{6}-\d{4,}-[\dX]$/,
  /** `YC1.<receipt number>.<C|N>.<digest>.<signature>` */
  document: /^YC1\.[\dX-]+\.[CN]\.[\w-]{43}\.[\w-]{86}$/,
} as const;
