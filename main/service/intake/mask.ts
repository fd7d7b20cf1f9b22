/**
 * `120101********0002`: six at the front and four at the end stay; numbers of passports and permits keep two at each end
 * (`E1*****34`), and shorter ones one (R25).
 */
export function maskNumber(number: string): string {
  const [head, tail] = number.length >= 14 ? [6, 4] : number.length >= 7 ? [2, 2] : [1, 1];
  const hidden = Math.max(number.length - head - tail, 0);
  return number.slice(0, head) + '*'.repeat(hidden) + number.slice(head + hidden);
}

/** Separators within names; they stay, so that a mask of a long name still reads as a name (R18). */
const SEPARATORS = /([·•‧・ ]+)/u;
const MOST_STARS = 3;

/** `张*`; the first character stays, every part after it becomes at most three stars: `阿***·***`, `J*** ***`. */
export function maskName(name: string): string {
  return name
    .trim()
    .split(SEPARATORS)
    .map((part, i) => {
      if (i % 2 === 1) return part;
      const characters = Array.from(part);
      const kept = i === 0 ? characters.slice(0, 1) : [];
      return kept.join('') + '*'.repeat(Math.min(characters.length - kept.length, MOST_STARS));
    })
    .join('');
}
