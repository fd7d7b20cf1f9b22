import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdCard } from '#contract/devices.ts';
import { hasRightCheck, isResidentNumber, refusal } from '#main/service/intake/id-number.ts';
import { RESIDENT } from '../visit/stage.ts';

/** GB 11643 as it is printed, weight by weight: a second way to the same answer. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
function checkByTable(digits: string): string {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(digits.charAt(i)), 0);
  return '10X98765432'.charAt(sum % 11);
}

describe('an ID number', () => {
  it.each(['120101195002280002', '120107195002280000', '12022519400229000X'])('of the vectors is valid: %s', (text) => {
    expect(isResidentNumber(text)).toBe(true);
  });

  it('agrees with the table of the standard', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{17}$/), (body) => hasRightCheck(body + checkByTable(body))),
      { numRuns: 2_000 },
    );
  });

  it('is invalid with any digit changed', () => {
    for (const text of ['120101195002280002', '12022519400229000X']) {
      for (let i = 0; i < 18; i += 1) {
        for (const digit of '0123456789X') {
          const changed = text.slice(0, i) + digit + text.slice(i + 1);
          if (changed !== text) expect(isResidentNumber(changed), changed).toBe(false);
        }
      }
    }
  });

  it.each(['19500230', '19501301', '19000229', '00000000'])('with the birth date %s is invalid', (birth) => {
    const body = `120101${birth}000`;
    expect(isResidentNumber(body + checkByTable(body))).toBe(false);
  });
});

const today = '2026-11-23';
const permit: IdCard = {
  kind: 'hk-macao-taiwan',
  name: '陈示例',
  sex: '1',
  birth: '1988-05-12',
  number: `81000019880512001${checkByTable('81000019880512001')}`,
  address: '天津市河西区示例路1号',
  authority: '天津市公安局河西分局',
  validFrom: '2022-06-01',
  validTo: '2027-06-01',
  passNumber: 'H00000001',
  issueCount: '01',
};

describe('a card', () => {
  it.each([
    ['long-term', null],
    ['2026-11-23', null],
    ['2026-11-22', 'expired'],
    ['2026-02-30', 'expired'],
    ['', 'expired'],
  ] as const)('valid to %s is judged by the day', (validTo, expected) => {
    expect(refusal({ ...RESIDENT, validTo }, today)).toBe(expected);
  });

  it('of another province or with a retired prefix is valid', () => {
    for (const region of ['310101', '120225']) {
      const body = `${region}19500228000`;
      expect(refusal({ ...RESIDENT, number: body + checkByTable(body) }, today)).toBeNull();
    }
  });

  it('of a Hong Kong resident is valid; with another region it is not one', () => {
    expect(refusal(permit, today)).toBeNull();
    expect(refusal({ ...permit, number: RESIDENT.number }, today)).toBe('number');
  });

  it('of a foreigner is checked by its own form', () => {
    const { kind: _, address: _a, authority: _b, passNumber: _c, issueCount: _d, ...base } = permit;
    const body = '91101562019850401';
    const y: IdCard = {
      ...base,
      kind: 'foreign-2023',
      number: body + checkByTable(body),
      renewalCount: '01',
      englishName: 'EXAMPLE, ANNA',
      country: '156',
    };
    expect(refusal(y, today)).toBeNull();
    expect(refusal({ ...y, number: RESIDENT.number }, today)).toBe('number');
    const i: IdCard = {
      ...base,
      kind: 'foreign-2017',
      number: 'XXX120100000001',
      chineseName: '',
      country: 'XXX',
      version: '01',
      authorityCode: '1500',
    };
    expect(refusal(i, today)).toBeNull();
    expect(refusal({ ...i, number: 'XX1201000000011' }, today)).toBe('number');
  });
});
