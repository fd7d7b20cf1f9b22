import iconv from 'iconv-lite';

/** The Chinese characters that a printer holds in its own font. */
export type CharacterSet = 'gb2312' | 'gb18030';

/** GB 2312-80 in its two-byte form: the ranges of the rows that are not full; rows 16 to 55 and 56 to 87 are letters of one kind. */
// biome-ignore format: a table
const GB_2312: readonly (readonly [first: number, last: number])[] = [
  [0xa1a1, 0xa1fe], [0xa2b1, 0xa2e2], [0xa2e5, 0xa2ee], [0xa2f1, 0xa2fc], [0xa3a1, 0xa3fe], [0xa4a1, 0xa4f3],
  [0xa5a1, 0xa5f6], [0xa6a1, 0xa6b8], [0xa6c1, 0xa6d8], [0xa7a1, 0xa7c1], [0xa7d1, 0xa7f1], [0xa8a1, 0xa8ba],
  [0xa8c5, 0xa8e9], [0xa9a4, 0xa9ef], [0xb0a1, 0xd7f9], [0xd8a1, 0xf7fe],
];

/**
 * Whether a printer with this font prints the character. GB 2312 is what cheap printers hold. Of GB 18030 only its first plane is
 * counted on: no printer's sheet promises the others.
 * @param character one code point.
 */
export function holds(set: CharacterSet, character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) return true;
  if (set === 'gb18030') return point <= 0xffff && !/\p{Co}/u.test(character);
  gb2312 ??= lettersOf(GB_2312);
  return gb2312.has(point);
}

/** Made once, when it is first asked: to encode each character of a receipt by itself is slow. */
let gb2312: ReadonlySet<number> | undefined;

function lettersOf(ranges: typeof GB_2312): ReadonlySet<number> {
  const points = new Set<number>();
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code += 1) {
      const low = code & 0xff;
      if (low < 0xa1 || low > 0xfe) continue;
      points.add(iconv.decode(Buffer.of(code >> 8, low), 'gb18030').codePointAt(0) ?? 0);
    }
  }
  return points;
}
