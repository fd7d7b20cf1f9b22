import { sha256 } from '../journal/entry.ts';

/** Crockford's base 32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** How long a one-time code admits a terminal. */
export const CODE_LIFE_MS = 15 * 60 * 1000;

/** A one-time enrolment code of 80 bits, `XXXX-XXXX-XXXX-XXXX`. @param random at least 16 random bytes. */
export function enrolCode(random: Uint8Array): string {
  const letters = Array.from(random.subarray(0, 16), (byte) => ALPHABET[byte % 32]).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

/** What the store keeps of a code; letters that Crockford's base 32 reads alike hash alike. */
export function enrolCodeHash(code: string): string {
  const letters = code.toUpperCase().replaceAll('-', '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return sha256(`yichuang-enrol-code-1\n${letters}`);
}
