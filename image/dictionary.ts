/**
 * Writes the words that the screen's keyboard knows: Jieba's words with their frequencies, and for each the readings of pinyin-pro.
 * Words that hardly anybody writes are left out; of single characters none is.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pinyin } from 'pinyin-pro';
import { root, SetupError } from './setup.mjs';

/** Of a word of several characters: how often it stands in Jieba's corpus, at least. */
const LEAST_FREQUENCY = 8;
const LONGEST = 8;
/** What a character's second and further readings cost more, in nats, and what one costs that the corpus does not have. */
const OTHER_READING = 2.5;
const UNSEEN = 1;
/** No terminal proposes these to anybody: a word with one of them has to be written character by character. */
const UNSEEMLY = /[妓娼嫖婊屌屄肏]/u;
/** The characters that GB 2312 and its first extensions order: Unicode's first block of them, as of 1993. */
const [FIRST, LAST] = [0x4e_00, 0x9f_a5];

interface Word {
  readonly word: string;
  readonly cost: number;
}

/**
 * The dictionary as text, a line for each reading in the order of code units: syllables with blanks between, then a tab before each
 * word and a tab before its cost, the most frequent first. A cost is the negative logarithm of the frequency, in tenths of a nat.
 * @param frequencies lines of Jieba's dictionary: word, frequency, part of speech
 */
export function dictionary(frequencies: string): string {
  const known = new Map<string, number>();
  for (const line of frequencies.split('\n')) {
    const [word = '', count = '0'] = line.split(' ');
    const length = Array.from(word).length;
    const proposed = length <= LONGEST && Number(count) >= LEAST_FREQUENCY && !UNSEEMLY.test(word);
    if ((length === 1 || proposed) && /^\p{Script=Han}+$/u.test(word)) known.set(word, Number(count));
  }
  for (let code = FIRST; code <= LAST; code += 1) {
    const character = String.fromCodePoint(code);
    if (!known.has(character)) known.set(character, UNSEEN);
  }
  const total = [...known.values()].reduce((sum, count) => sum + count, 0);
  const readings = new Map<string, Word[]>();
  for (const [word, count] of known) {
    const cost = Math.log(total / Math.max(count, UNSEEN));
    for (const [index, reading] of readingsOf(word).entries()) {
      const words = readings.get(reading) ?? [];
      readings.set(reading, [...words, { word, cost: cost + (index === 0 ? 0 : OTHER_READING) }]);
    }
  }
  return `${[...readings].map(lineOf).sort().join('\n')}\n`;
}

function lineOf([reading, words]: readonly [string, readonly Word[]]): string {
  const sorted = [...words].sort((one, other) => one.cost - other.cost);
  return [reading, ...sorted.flatMap(({ word, cost }) => [word, Math.round(cost * 10)])].join('\t');
}

/** One reading of a word, the likeliest first of a character; none where pinyin-pro knows none. `v` stands for ü. */
function readingsOf(word: string): readonly string[] {
  const single = Array.from(word).length === 1;
  const found = pinyin(word, { toneType: 'none', type: 'array', v: true, multiple: single });
  const readings = single ? [...new Set(found)] : [found.join(' ')];
  // A syllable has a vowel: the sounds that are written `m` and `ng` would be taken for initials.
  return readings.filter((reading) => /^[a-z]*[aeiouv][a-z]*( [a-z]*[aeiouv][a-z]*)*$/.test(reading));
}

/** Writes the dictionary, and the licences of what it is made of. @param folder where they stand, below the repository's */
export async function writeDictionary(folder: string): Promise<void> {
  const [jieba, readings] = ['node_modules/@node-rs/jieba', 'node_modules/pinyin-pro'];
  const text = dictionary(await readFile(path.join(root, jieba, 'dict.txt'), 'utf8'));
  if (!text.includes('hu kou ben\t')) throw new SetupError('the dictionary of the keyboard has no words');
  const licences = await Promise.all(
    [jieba, readings].map(async (of) => `${of}\n\n${await readFile(path.join(root, of, 'LICENSE'), 'utf8')}`),
  );
  await mkdir(path.join(root, folder), { recursive: true });
  await writeFile(path.join(root, folder, 'pinyin.txt'), text);
  await writeFile(path.join(root, folder, 'pinyin-licences.txt'), licences.join('\n'));
}
