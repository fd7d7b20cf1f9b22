import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldKind, Pinyin } from '#renderer/input/pinyin/pinyin.ts';
import { dictionary } from '../../../image/dictionary.ts';

const text = readFileSync('out/dictionary/pinyin.txt', 'utf8');
const pinyin = new Pinyin(text);
pinyin.learn(['社区居住证明', '中小学生社区实践活动证明']);

/** Every reading of every character, as the dictionary has them. */
const readings = new Map<string, string[]>();
for (const line of text.split('\n')) {
  const [reading = '', ...words] = line.split('\t');
  if (reading === '' || reading.includes(' ')) continue;
  for (let at = 0; at < words.length; at += 2) {
    const character = words[at] ?? '';
    readings.set(character, [...(readings.get(character) ?? []), reading]);
  }
}

const first = (typed: string, field: FieldKind = 'text') => pinyin.candidates(typed, field)[0]?.text;
/** Sounds with flat tongue and front nasal, and ü as v: what the engine itself takes for the same is the same here. */
const plain = (sound: string) =>
  sound
    .replace(/^([zcs])h/, '$1')
    .replace(/ng$/, 'n')
    .replaceAll('v', 'u');

describe('the words of the counter come first', () => {
  it.each([
    ['hukoubenbuban', '户口本补办'],
    ['hkbbb', '户口本补办'],
    ['canjirenzheng', '残疾人证'],
    ['cjrz', '残疾人证'],
    ['yibaobaoxiao', '医保报销'],
    ['ybbx', '医保报销'],
    ['xingming', '姓名'],
    ['jiatingzhuzhi', '家庭住址'],
    ['dibao', '低保'],
    ['shequjuzhuzhengming', '社区居住证明'],
    ['sqjzzm', '社区居住证明'],
  ])('%s', (typed, text) => {
    expect(first(typed)).toBe(text);
    expect(first(typed, 'search')).toBe(text);
  });

  it('before they are written to their end', () => {
    expect(
      pinyin
        .candidates('canjir', 'search')
        .slice(0, 6)
        .map(({ text }) => text),
    ).toContain('残疾人证');
  });

  it('and those of the field before others', () => {
    expect(first('wang', 'name')).toBe('王');
    expect(first('li', 'name')).toBe('李');
    expect(first('li', 'address')).toBe('里');
    expect(first('lu', 'address')).toBe('路');
    expect(first('sihaolousandanyuan', 'address')).toBe('四号楼三单元');
    expect(first('lixiulan', 'name')).toBe('李秀兰');
  });
});

describe('sentences', () => {
  it.each([
    ['wodehukoubendiulexiangyaobuban', '我的户口本丢了想要补办'],
    ['womenyaoquyiyuankanbing', '我们要去医院看病'],
    ['zhongguorenmin', '中国人民'],
    ["xi'an", '西安'],
    ['nver', '女儿'],
    ['lvshi', '律师'],
    ['tianjinshihexiqu', '天津市河西区'],
  ])('%s', (typed, text) => expect(first(typed)).toBe(text));

  it('are found by those who do not tell flat from curled tongues, or front from back nasals', () => {
    expect(first('canjirenzeng', 'search')).toBe('残疾人证');
    expect(first('xinming')).toBe('姓名');
    expect(pinyin.candidates('nuer', 'text').map(({ text }) => text)).toContain('女儿');
  });
});

describe('whatever is typed', () => {
  const letters = fc.string({ unit: fc.constantFrom(...Array.from("abcdefghijklmnopqrstuvwxyz'")), maxLength: 24 });
  const syllables = fc
    .array(fc.constantFrom(...[...new Set([...readings.values()].flat())].filter((one) => one.length > 1)), {
      maxLength: 6,
    })
    .map((all) => all.join(''));
  const field = fc.constantFrom<FieldKind>('search', 'name', 'address', 'text');

  it('choice after choice stands for all of it, and each for the letters that it takes', () => {
    fc.assert(
      fc.property(fc.oneof(letters, syllables), field, fc.infiniteStream(fc.nat()), (typed, field, picks) => {
        let rest = typed;
        while (/[a-z]/.test(rest)) {
          const offered = pinyin.candidates(rest, field);
          const chosen = offered[(picks.next().value ?? 0) % offered.length];
          if (!chosen) throw new Error(`nothing is offered for ${rest}`);
          expect(chosen.typed).toBeGreaterThan(0);
          expect(chosen.pieces.join('')).toBe(rest.slice(0, chosen.typed).replaceAll("'", ''));
          const characters = Array.from(chosen.text);
          expect(characters.length).toBeGreaterThanOrEqual(chosen.pieces.length);
          for (const [at, piece] of chosen.pieces.entries()) {
            const character = characters[at] ?? '';
            const sounds = [character, ...(readings.get(character) ?? [])];
            expect(sounds.some((sound) => sound.startsWith(piece) || plain(sound).startsWith(plain(piece)))).toBe(true);
          }
          rest = rest.slice(chosen.typed);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is offered once, and the whole of it first', () => {
    fc.assert(
      fc.property(fc.oneof(letters, syllables), field, (typed, field) => {
        const offered = pinyin.candidates(typed, field);
        expect(new Set(offered.map(({ text }) => text)).size).toBe(offered.length);
        if (/[a-z]/.test(typed)) expect(offered[0]?.typed).toBe(typed.length);
        else expect(offered).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

it('titles are read as they are spoken', () => {
  const [read] = pinyin.learn(['重要的B超银行']);
  expect(read).toEqual(['zhong', 'yao', 'de', 'b', 'chao', 'yin', 'hang']);
});

describe('the dictionary', () => {
  const made = dictionary('户口 100 n\n户口本 24 n\n稀 9 n\n少见 7 n\n女 50 n\nB超 90 n\n行 500 v\n');

  it('has frequent words with their readings, the cheaper first, and every character', () => {
    expect(made).toMatch(/^hu kou\t户口\t\d+$/m);
    expect(made).toMatch(/^nv\t女\t\d+/m);
    expect(made).not.toContain('少见');
    expect(made).not.toContain('B超');
    expect(made).toMatch(/^xing\t行\t/m);
    expect(made).toMatch(/^hang\t行\t/m);
    expect(made).toContain('\t龘\t');
  });

  it('is small enough to be read at a terminal’s start', () => expect(text.length).toBeLessThan(3_000_000));
});
