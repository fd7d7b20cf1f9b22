import type { Concealer } from '../common/traffic.ts';
import { SUFFIXES } from './protocol.ts';

/** What stands for the bytes from each of these on; digits, letters and suffixes apart. */
// biome-ignore format: a table
const FILLERS: readonly (readonly [from: number, filler: number])[] = [
  [0xf5, 0xf8],  // in UTF-8 nothing
  [0xf0, 0xf1],  // the first of four bytes
  [0xe0, 0xe1],  // of three
  [0xc2, 0xc3],  // of two
  [0xc0, 0xf8],  // nothing
  [0x80, 0xb0],  // a later byte
  [0x00, 0x2a],
];

/**
 * Replaces a scan byte for byte: 0 for a digit, A for a letter, * for anything else of ASCII. A longer character stays one of as many
 * bytes, in UTF-8 and in GB 18030, so that a replay finds the same encoding. What ends a scan stays.
 */
export class ScanConcealer implements Concealer {
  #last = 0;

  take(bytes: Uint8Array): Uint8Array[] {
    return [bytes.map((byte) => this.#shown(byte))];
  }

  #shown(byte: number): number {
    const last = this.#last;
    this.#last = byte;
    if (SUFFIXES.has(byte)) return byte;
    if (byte >= 0x30 && byte <= 0x39) return 0x30;
    // The second byte of a character in GB 18030 may be of ASCII, and not only a letter.
    const ascii = byte >= 0x40 && byte < 0x7f;
    if (ascii && (last >= 0x80 || /[A-Za-z]/.test(String.fromCharCode(byte)))) return 0x41;
    return FILLERS.find(([from]) => byte >= from)?.[1] ?? 0x2a;
  }
}
