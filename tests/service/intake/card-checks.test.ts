import { describe, expect, it } from 'vitest';
import type { IdCard } from '#contract/devices.ts';
import { checkCard } from '#main/service/intake/card-checks.ts';
import { withCheckDigit } from '#tests/simulators/index.ts';

const base = { name: '测试甲', sex: '2', birth: '1950-02-28', validFrom: '2012-03-15', validTo: 'long-term' };
const resident = (more: object = {}): IdCard => ({
  kind: 'resident',
  ...base,
  nation: '01',
  address: '',
  authority: '',
  number: withCheckDigit('12010319500228002'),
  ...more,
});

describe('a card by itself', () => {
  it.each([
    [withCheckDigit('12010319500228002'), 'right'],
    [withCheckDigit('12010319500230002'), 'no-such-day'],
    ['120103195002280020', 'wrong-check'],
    ['12010319500228002', 'wrong-form'],
  ])('has the number %s: %s', (number, finding) => {
    expect(checkCard(resident({ number }), '2026-11-25').number).toBe(finding);
  });

  it('has a number of its own kind', () => {
    const permit = {
      ...base,
      kind: 'hk-macao-taiwan',
      address: '',
      authority: '',
      passNumber: '',
      issueCount: '',
    } as const;
    const of = (number: string) => checkCard({ ...permit, number }, '2026-11-25');
    expect(of(withCheckDigit('81000019880512001'))).toMatchObject({ number: 'right', region: null });
    expect(of(withCheckDigit('12010319880512001')).number).toBe('wrong-form');
    const foreign = { ...base, kind: 'foreign-2023', renewalCount: '', englishName: '', country: '' } as const;
    expect(checkCard({ ...foreign, number: withCheckDigit('81012019880512001') }, '2026-11-25').number).toBe(
      'wrong-form',
    );
  });

  it.each([
    ['2012-03-15', 'long-term', 'long-term'],
    ['2012-03-15', '2026-11-25', 'valid'],
    ['2012-03-15', '2026-11-24', 'expired'],
    ['2027-01-01', '2037-01-01', 'not-yet'],
    ['2012-03-15', '20260230', 'unreadable'],
  ])('is from %s to %s: %s', (validFrom, validTo, finding) => {
    expect(checkCard(resident({ validFrom, validTo }), '2026-11-25').validity).toBe(finding);
  });

  it.each([
    ['120103', '河西区', false],
    ['120107', '塘沽区', true],
    ['110101', null, false],
  ])('was given in %s: %s', (code, name, retired) => {
    const number = withCheckDigit(`${code}19500228002`);
    expect(checkCard(resident({ number }), '2026-11-25').region).toEqual({ code, name, retired });
  });

  it('has no region when its number has none', () => {
    expect(checkCard(resident({ number: 'X' }), '2026-11-25').region).toBeNull();
  });
});
