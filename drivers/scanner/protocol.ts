/** A serial scanner as its table reads (devices.md, section 4): 8N1, text, a suffix. Not checked on a physical scanner. */

/** The rate in baud that scanners are delivered with most; a device that never speaks by itself can't be asked for its own. */
export const DEFAULT_BAUD = 9_600;

/** CR, LF or both end a scan. Neither is a part of a longer character, in UTF-8 or in GB 18030. */
export const SUFFIXES: ReadonlySet<number> = new Set([0x0d, 0x0a]);

/** Bytes of the longest scan, its suffix not counted; the largest QR code holds 2953. */
export const SCAN_MAX = 4_096;

/** Milliseconds. */
export const TIMING = {
  /** Silence of this length ends a scan that has no suffix; a byte at 9600 baud takes about one. */
  silenceMs: 100,
  /** What came in while the process was busy is heard within this time, and before the silence counts. */
  graceMs: 10,
} as const;

/** What our own papers carry as a code. Whether a check character or a signature is right is judged where the paper is looked up. */
export const FORMS = {
  /** `RRRRRR-TTTTII-YYMMDD-SSSS-C` */
  receipt: /^\d{6}-\d{6,}-\d{6}-\d{4,}-[\dX]$/,
  /** `YC1.<receipt number>.<C|N>.<digest>.<signature>` */
  document: /^YC1\.[\dX-]+\.[CN]\.[\w-]{43}\.[\w-]{86}$/,
} as const;
