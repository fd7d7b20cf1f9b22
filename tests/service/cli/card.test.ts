import { describe, expect, it } from 'vitest';
import type { IdCard } from '#contract/devices.ts';
import { maskedCard } from '#main/service/cli/card.ts';

const base = { sex: '2', birth: '1950-02-28', validFrom: '2020-01-01', validTo: 'long-term' };

const cards: readonly [IdCard, readonly string[], Partial<IdCard>][] = [
  [
    {
      ...base,
      kind: 'resident',
      name: '王秀英',
      number: '120103195002280004',
      nation: '01',
      address: '天津市河西区友谊路街道示范里1号楼',
      authority: '天津市公安局河西分局',
    },
    ['19500228', '02-28'],
    { name: '王秀英', number: '120103********0004', birth: '1950-**-**', nation: '01' },
  ],
  [
    {
      ...base,
      kind: 'hk-macao-taiwan',
      name: '陳大文',
      number: '810000199408230021',
      address: '天津市河西区友谊路街道示范里2号楼',
      authority: '天津市公安局河西分局',
      passNumber: 'H12345678',
      issueCount: '01',
    },
    ['19940823', '1234567'],
    { number: '810000********0021' },
  ],
  [
    {
      ...base,
      kind: 'foreign-2023',
      name: '示例',
      number: '931124198110165013',
      renewalCount: '00',
      englishName: 'DOE, JANE',
      country: 'CAN',
    },
    ['19811016'],
    { country: 'CAN' },
  ],
  [
    {
      ...base,
      kind: 'foreign-2017',
      name: 'JANE DOE',
      number: 'CAN110081101651',
      chineseName: '示例名',
      country: 'CAN',
      version: '01',
      authorityCode: '1500',
    },
    ['81101'],
    { version: '01' },
  ],
];

describe('a card on the command line', () => {
  it.each(cards)('hides its numbers: %#', (card, hidden, shown) => {
    const masked = maskedCard(card);
    const text = JSON.stringify(masked);
    for (const word of hidden) expect(text).not.toContain(word);
    expect(masked).toMatchObject(shown);
    expect(Object.keys(masked).toSorted()).toEqual(Object.keys(card).toSorted());
  });
});
