import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdCard } from '#contract/devices.ts';
import { decodeCard, decodeNewestAddress } from '#drivers/id-card/fields.ts';
import { block, RESIDENT, textAndPhoto } from './cards.ts';

describe('the four kinds of card', () => {
  it('resident', () => {
    expect(decodeCard(textAndPhoto(RESIDENT))).toEqual({
      kind: 'resident',
      name: '测试甲',
      sex: '2',
      nation: '01',
      birth: '1990-01-01',
      address: '天津市和平区测试路1号',
      number: '110101199001010015',
      authority: '测试市公安局',
      validFrom: '2020-02-29',
      validTo: 'long-term',
    });
  });

  it('residence permit for Hong Kong, Macao and Taiwan', () => {
    const pieces = {
      0: '测试乙',
      30: '1',
      36: '19850412',
      52: '测试路2号',
      122: '810000198504120017',
      158: '测试分局',
      188: '20240101',
      204: '20290101',
      220: 'H12345678',
      238: '02',
    };
    expect(decodeCard(textAndPhoto(block('J', pieces)))).toEqual({
      kind: 'hk-macao-taiwan',
      name: '测试乙',
      sex: '1',
      birth: '1985-04-12',
      address: '测试路2号',
      number: '810000198504120017',
      authority: '测试分局',
      validFrom: '2024-01-01',
      validTo: '2029-01-01',
      passNumber: 'H12345678',
      issueCount: '02',
    });
  });

  it('foreigner, 2023: the English name goes on in its second field', () => {
    const pieces = {
      0: '测试丙',
      30: '1',
      32: '01',
      36: '19800630',
      52: 'SAMPLE, PERSON WITH A VERY LONG NAM',
      122: '911156198006300012',
      188: '20231201',
      204: '20331201',
      220: 'E INDEED',
      242: 'FRA',
    };
    expect(decodeCard(textAndPhoto(block('Y', pieces)))).toEqual({
      kind: 'foreign-2023',
      name: '测试丙',
      sex: '1',
      renewalCount: '01',
      birth: '1980-06-30',
      englishName: 'SAMPLE, PERSON WITH A VERY LONG NAME INDEED',
      number: '911156198006300012',
      validFrom: '2023-12-01',
      validTo: '2033-12-01',
      country: 'FRA',
    });
  });

  it('foreigner, 2017', () => {
    const pieces = {
      0: 'SAMPLE, PERSON',
      120: '2',
      122: 'FRA110080063001',
      152: 'FRA',
      158: '测试丁',
      188: '20180101',
      204: '20280101',
      220: '19800630',
      236: '01',
      240: '1500',
    };
    expect(decodeCard(textAndPhoto(block('I', pieces)))).toEqual({
      kind: 'foreign-2017',
      name: 'SAMPLE, PERSON',
      sex: '2',
      number: 'FRA110080063001',
      country: 'FRA',
      chineseName: '测试丁',
      validFrom: '2018-01-01',
      validTo: '2028-01-01',
      birth: '1980-06-30',
      version: '01',
      authorityCode: '1500',
    });
  });
});

describe('what a card may hold', () => {
  it('keeps unknown codes and what is no day of the calendar', () => {
    const text = block('?', { 0: '某', 30: '7', 32: '99', 36: '20230230', 204: '待定' });
    expect(decodeCard(textAndPhoto(text))).toMatchObject({
      kind: 'resident',
      sex: '7',
      nation: '99',
      birth: '20230230',
      validTo: '待定',
    });
  });

  it('keeps characters outside the basic plane, dots and inner spaces', () => {
    expect(decodeCard(textAndPhoto(block(' ', { 0: '𠮷·买 买' })))).toMatchObject({ name: '𠮷·买 买' });
  });

  it('reads the lengths: another size of photograph, a longer text', () => {
    expect(decodeCard(textAndPhoto(RESIDENT, 0))?.name).toBe('测试甲');
    expect(decodeCard(textAndPhoto(Buffer.concat([RESIDENT, RESIDENT]), 2048))?.name).toBe('测试甲');
  });

  it('refuses lengths that do not add up', () => {
    expect(decodeCard(textAndPhoto(RESIDENT).subarray(0, 1200))).toBeNull();
    expect(decodeCard(textAndPhoto(RESIDENT.subarray(0, 100)))).toBeNull();
    expect(decodeCard(new Uint8Array(3))).toBeNull();
  });

  it('takes the last address that is not blank', () => {
    const address = (text: string) => Buffer.from(text.padEnd(35, ' '), 'utf16le');
    expect(decodeNewestAddress(Buffer.concat([address('旧'), address('新'), address('')]))).toBe('新');
    expect(decodeNewestAddress(address(''))).toBeNull();
  });

  it('makes a card of any bytes, or none, and never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        fc.constantFrom('I', 'Y', 'J', ' '),
        (bytes, flag) => {
          const text = Buffer.from(bytes);
          text.write(flag, 248, 'utf16le');
          expect(IdCard.safeParse(decodeCard(textAndPhoto(text, 3))).success).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        decodeCard(bytes);
        decodeNewestAddress(bytes);
      }),
      { numRuns: 20_000 },
    );
  });
});
