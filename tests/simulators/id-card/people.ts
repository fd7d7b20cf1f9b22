import type { Foreign2017Card, Foreign2023Card, PermitCard, ResidentCard } from './cards.ts';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Completes 17 digits with their check character (ISO 7064 MOD 11-2, GB 11643). */
export function withCheckDigit(digits: string): string {
  if (!/^\d{17}$/.test(digits)) throw new RangeError('17 digits are needed');
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return digits + '10X98765432'.charAt(sum % 11);
}

/**
 * A resident who does not exist; the number fits the birth date and the sex unless it is given.
 * Without anything given: 王秀英, a woman born in 1950.
 */
export function syntheticResident(overrides: Partial<Omit<ResidentCard, 'kind'>> = {}): ResidentCard {
  const birth = overrides.birth ?? '19500228';
  const sex = overrides.sex ?? '2';
  return {
    kind: 'resident',
    name: '王秀英',
    sex,
    nation: '01',
    birth,
    address: '天津市河西区示例路1号示例小区2号楼3门401号',
    number: withCheckDigit(`120103${birth}00${sex === '1' ? 1 : 2}`),
    authority: '天津市公安局河西分局',
    validFrom: '20120315',
    validTo: '长期',
    ...overrides,
  };
}

/** A Hong Kong resident's permit; nobody real. */
export function syntheticPermit(overrides: Partial<Omit<PermitCard, 'kind'>> = {}): PermitCard {
  return {
    kind: 'J',
    name: '陈示例',
    sex: '1',
    birth: '19880512',
    address: '天津市河西区示例路1号示例小区5号楼1门102号',
    number: withCheckDigit('81000019880512001'),
    authority: '天津市公安局河西分局',
    validFrom: '20220601',
    validTo: '20270601',
    passNumber: 'H00000001',
    issueCount: '01',
    ...overrides,
  };
}

/** A foreigner's card of 2023 whose English name needs both of its places; nobody real. */
export function syntheticForeign2023(overrides: Partial<Omit<Foreign2023Card, 'kind'>> = {}): Foreign2023Card {
  return {
    kind: 'Y',
    name: '安娜示例',
    sex: '2',
    renewalCount: '00',
    birth: '19850704',
    englishName: 'EXAMPLEOVA-SPECIMENOVA ANNA ALEXANDROVNA',
    number: withCheckDigit('91212019850704002'),
    validFrom: '20240110',
    validTo: '20340109',
    country: 'RUS',
    ...overrides,
  };
}

/** A foreigner's card of 2017; nobody real. */
export function syntheticForeign2017(overrides: Partial<Omit<Foreign2017Card, 'kind'>> = {}): Foreign2017Card {
  return {
    kind: 'I',
    name: 'SPECIMEN, JOHN EXAMPLE',
    sex: '1',
    country: 'CAN',
    birth: '19811003',
    number: 'CAN120081100301',
    chineseName: '约翰示例',
    validFrom: '20180501',
    validTo: '20280430',
    version: '01',
    authorityCode: '1200',
    ...overrides,
  };
}
