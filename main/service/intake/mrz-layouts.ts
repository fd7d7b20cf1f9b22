import type { TravelDocument, ZoneField, ZoneFormat } from '#contract/person.ts';

/**
 * The machine-readable zones of ICAO Doc 9303 as tables: part 5 (TD1), part 6 (TD2), part 4 (TD3). Lines and columns count from 1,
 * both ends included, as there. The codes of Chinese permits were not checked on a physical document.
 */
export type Place = readonly [line: 1 | 2 | 3, from: number, to: number];

interface Check {
  readonly field: Extract<ZoneField, 'number' | 'birth' | 'expiry' | 'optional' | 'composite'>;
  readonly over: readonly Place[];
  /** Where its digit stands. */
  readonly digit: Place;
  /** A digit over nothing but fillers may be a filler itself. */
  readonly mayBeEmpty?: true;
}

/** A field that stands in the zone as text. */
export type TextField = Exclude<ZoneField, 'composite' | 'optional'>;

export interface Layout {
  readonly lines: 2 | 3;
  readonly length: 30 | 36 | 44;
  /** First letters of documents that say who somebody is; a `V` is a visa. */
  readonly codes: readonly string[];
  readonly fields: Readonly<Record<TextField, Place>>;
  /** Where a number of more than nine characters goes on, with its check digit behind it; the digit's own place is a filler then. */
  readonly longNumber: Place | null;
  readonly checks: readonly Check[];
}

export const LAYOUTS: Readonly<Record<ZoneFormat, Layout>> = {
  td1: {
    lines: 3,
    length: 30,
    codes: ['A', 'C', 'I'],
    fields: {
      document: [1, 1, 2],
      issuer: [1, 3, 5],
      number: [1, 6, 14],
      birth: [2, 1, 6],
      sex: [2, 8, 8],
      expiry: [2, 9, 14],
      nationality: [2, 16, 18],
      name: [3, 1, 30],
    },
    longNumber: [1, 16, 30],
    checks: [
      { field: 'number', over: [[1, 6, 14]], digit: [1, 15, 15] },
      { field: 'birth', over: [[2, 1, 6]], digit: [2, 7, 7] },
      { field: 'expiry', over: [[2, 9, 14]], digit: [2, 15, 15] },
      {
        field: 'composite',
        over: [
          [1, 6, 30],
          [2, 1, 7],
          [2, 9, 15],
          [2, 19, 29],
        ],
        digit: [2, 30, 30],
      },
    ],
  },
  td2: {
    lines: 2,
    length: 36,
    codes: ['A', 'C', 'I'],
    fields: {
      document: [1, 1, 2],
      issuer: [1, 3, 5],
      name: [1, 6, 36],
      number: [2, 1, 9],
      nationality: [2, 11, 13],
      birth: [2, 14, 19],
      sex: [2, 21, 21],
      expiry: [2, 22, 27],
    },
    longNumber: [2, 29, 35],
    checks: [
      { field: 'number', over: [[2, 1, 9]], digit: [2, 10, 10] },
      { field: 'birth', over: [[2, 14, 19]], digit: [2, 20, 20] },
      { field: 'expiry', over: [[2, 22, 27]], digit: [2, 28, 28] },
      {
        field: 'composite',
        over: [
          [2, 1, 10],
          [2, 14, 20],
          [2, 22, 35],
        ],
        digit: [2, 36, 36],
      },
    ],
  },
  td3: {
    lines: 2,
    length: 44,
    codes: ['P'],
    fields: {
      document: [1, 1, 2],
      issuer: [1, 3, 5],
      name: [1, 6, 44],
      number: [2, 1, 9],
      nationality: [2, 11, 13],
      birth: [2, 14, 19],
      sex: [2, 21, 21],
      expiry: [2, 22, 27],
    },
    longNumber: null,
    checks: [
      { field: 'number', over: [[2, 1, 9]], digit: [2, 10, 10] },
      { field: 'birth', over: [[2, 14, 19]], digit: [2, 20, 20] },
      { field: 'expiry', over: [[2, 22, 27]], digit: [2, 28, 28] },
      { field: 'optional', over: [[2, 29, 42]], digit: [2, 43, 43], mayBeEmpty: true },
      {
        field: 'composite',
        over: [
          [2, 1, 10],
          [2, 14, 20],
          [2, 22, 43],
        ],
        digit: [2, 44, 44],
      },
    ],
  },
};

/** What a field may be made of. */
export const CHARACTERS: Readonly<Record<TextField, RegExp>> = {
  document: /^[A-Z][A-Z<]$/,
  issuer: /^[A-Z<]{3}$/,
  name: /^[A-Z][A-Z<]*$/,
  number: /^[A-Z0-9][A-Z0-9<]*$/,
  nationality: /^[A-Z<]{3}$/,
  // Day, or day and month, may be unknown.
  birth: /^(\d{6}|\d{4}<<|\d{2}<<<<|<{6})$/,
  sex: /^[MFX<]$/,
  expiry: /^\d{6}$/,
};

export const SEX: Readonly<Record<string, TravelDocument['sex']>> = { M: '1', F: '2', X: '9', '<': '9' };

/** Permits that China issues to residents of Hong Kong and Macao (港澳居民来往内地通行证) and of Taiwan (台湾居民来往大陆通行证). */
export const CHINESE_PERMITS: Readonly<Record<string, TravelDocument['document']>> = {
  CR: 'hk-macao-permit',
  CT: 'taiwan-permit',
  'C<': 'taiwan-permit',
};

/** Weights of the check digits, again and again (part 3, 4.9). */
export const WEIGHTS = [7, 3, 1] as const;
