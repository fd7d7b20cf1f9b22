import type { Language } from '#contract/text.ts';

/** What one voice of espeak-ng says in one go. */
export interface Part {
  readonly voice: 'cmn-latn-pinyin' | 'en-gb';
  readonly text: string;
}

const DIGITS = '零一二三四五六七八九';
const UNITS = ['', '十', '百', '千'];

/**
 * How words are said. Chinese is written as pinyin with numbers for tones, because espeak-ng reads characters badly; Latin words
 * among it, and all of English, go to an English voice.
 */
export async function partsOf(language: Language, words: string): Promise<Part[]> {
  // espeak-ng takes what stands between double brackets for phonemes.
  const plain = words.replaceAll(/[[\]\p{C}]/gu, ' ');
  if (language === 'en') return [{ voice: 'en-gb', text: inSingleDigits(plain) }];
  // Some 300 kB that only a terminal that reads aloud needs.
  const { pinyin } = await import('pinyin-pro');
  return plain
    .split(/([A-Za-z]+(?:[ '’-]+[A-Za-z]+)*)/)
    .map((run, at): Part => {
      if (at % 2 === 1) return { voice: 'en-gb', text: run };
      const read = pinyin(numbersInWords(run), { toneType: 'num', type: 'array', nonZh: 'consecutive', v: true });
      // The voice knows the neutral tone as the fifth.
      return { voice: 'cmn-latn-pinyin', text: read.map(spoken).join(' ') };
    })
    .filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
}

/** A syllable, or marks between syllables: those that end a sentence or part it stay, for the pauses. */
function spoken(piece: string): string {
  if (/^[a-z]+\d$/.test(piece)) return piece.replace(/0$/, '5');
  return piece
    .replaceAll(/[。！？!?；;：:]/g, '.')
    .replaceAll(/[，、,—…（）()“”]/g, ',')
    .replaceAll(/[^.,\p{L}\p{N} ]/gu, ' ');
}

/** `第2步` as `第二步`; years, telephone, house and receipt numbers digit by digit. */
function numbersInWords(text: string): string {
  return text
    .replaceAll(/\*+/g, '，隐去几位，')
    .replaceAll(/(\d{1,2}):(\d{2})/g, (_, hour: string, minute: string) => clock(Number(hour), Number(minute)))
    .replaceAll(/\d+(?:[- ]\d+)+|\d{5,}|\d{4}(?=年)|(?<!\d)0\d+/g, inDigits)
    .replaceAll(/\d+/g, (number) => inWords(Number(number)));
}

function inDigits(groups: string): string {
  return groups.replaceAll(/[- ]/g, '，').replaceAll(/\d/g, (digit) => DIGITS[Number(digit)] ?? '');
}

function clock(hour: number, minute: number): string {
  return `${inWords(hour)}点${minute === 0 ? '' : `${minute < 10 ? '零' : ''}${inWords(minute)}分`}`;
}

/** A number below 10,000 in Chinese. */
function inWords(number: number): string {
  const digits = Array.from(String(number), Number);
  let words = '';
  for (const [at, digit] of digits.entries()) {
    if (digit > 0) words += `${DIGITS[digit]}${UNITS[digits.length - 1 - at]}`;
    else if (!words.endsWith('零')) words += '零';
  }
  return words.replace(/(.)零$/, '$1').replace(/^一十/, '十');
}

/** Long numbers digit by digit: nobody can write down a number of millions by ear. */
function inSingleDigits(text: string): string {
  return text.replaceAll(/\d{5,}|(?<![\d.])0\d+/g, (digits) => digits.replaceAll(/\d/g, ' $& '));
}
