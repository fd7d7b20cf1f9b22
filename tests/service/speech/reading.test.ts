import { expect, it } from 'vitest';
import { partsOf } from '#main/service/speech/reading.ts';

const zh = (text: string) => ({ voice: 'cmn-latn-pinyin', text });
const en = (text: string) => ({ voice: 'en-gb', text });

it.each([
  ['请放身份证。', [zh('qing3 fang4 shen1 fen4 zheng4 .')]],
  ['银行行长', [zh('yin2 hang2 hang2 zhang3')]],
  ['绿色的', [zh('lv4 se4 de5')]],
  ['第2步，共12步', [zh('di4 er4 bu4 , gong4 shi2 er4 bu4')]],
  ['105号', [zh('yi4 bai3 ling2 wu3 hao4')]],
  ['2019年5月', [zh('er4 ling2 yi1 jiu3 nian2 wu3 yue4')]],
  ['022-5550', [zh('ling2 er4 er4 , wu3 wu3 wu3 ling2')]],
  ['09:00—17:30', [zh('jiu3 dian3 , shi2 qi1 dian3 san1 shi2 fen1')]],
  ['0', [zh('ling2')]],
  ['点English吧', [zh('dian3'), en('English'), zh('ba5')]],
  ['[[x]]', [en('x')]],
  ['……', []],
])('%s', async (words, parts) => {
  expect(await partsOf('zh', words)).toEqual(parts);
});

it('reads long numbers in English digit by digit', async () => {
  expect(await partsOf('en', 'Call 02255500107 or 5.')).toEqual([en('Call  0  2  2  5  5  5  0  0  1  0  7  or 5.')]);
});
