import type { IdCard } from '#contract/devices.ts';
import { hasRightCheck, isCalendarDay, numberFits } from './id-number.ts';

/** What can be checked on a card by itself; a finding is data, and who asked decides what it means. */
export interface CardChecks {
  /** The number's form, check character and day of birth, as its kind of card wants them (R15, R17). */
  readonly number: 'right' | 'wrong-check' | 'no-such-day' | 'wrong-form';
  readonly validity: 'valid' | 'long-term' | 'expired' | 'not-yet' | 'unreadable';
  /** Where a resident's number was given (GB/T 2260), and whether that region is no more (R16); its name where it is one of Tianjin's. */
  readonly region: { readonly code: string; readonly name: string | null; readonly retired: boolean } | null;
}

/** Regions of Tianjin that are no more; they stand in people's numbers and stay valid. */
const RETIRED: Readonly<Record<string, string>> = {
  '120107': '塘沽区',
  '120108': '汉沽区',
  '120109': '大港区',
  '120221': '宁河县',
  '120222': '武清县',
  '120223': '静海县',
  '120224': '宝坻县',
  '120225': '蓟县',
};

const CURRENT: Readonly<Record<string, string>> = {
  '120101': '和平区',
  '120102': '河东区',
  '120103': '河西区',
  '120104': '南开区',
  '120105': '河北区',
  '120106': '红桥区',
  '120110': '东丽区',
  '120111': '西青区',
  '120112': '津南区',
  '120113': '北辰区',
  '120114': '武清区',
  '120115': '宝坻区',
  '120116': '滨海新区',
  '120117': '宁河区',
  '120118': '静海区',
  '120119': '蓟州区',
};

/** @param today the local day, `YYYY-MM-DD`. */
export function checkCard(card: IdCard, today: string): CardChecks {
  return { number: checkNumber(card), validity: checkValidity(card, today), region: regionOf(card) };
}

function checkNumber(card: IdCard): CardChecks['number'] {
  if (numberFits(card)) return 'right';
  if (!/^\d{17}[\dX]$/.test(card.number)) return 'wrong-form';
  if (!hasRightCheck(card.number)) return 'wrong-check';
  const birth = card.kind === 'resident' || card.kind === 'hk-macao-taiwan';
  return birth && !isCalendarDay(card.number.slice(6, 14)) ? 'no-such-day' : 'wrong-form';
}

function checkValidity({ validFrom, validTo }: IdCard, today: string): CardChecks['validity'] {
  if (isCalendarDay(validFrom) && validFrom > today) return 'not-yet';
  if (validTo === 'long-term') return 'long-term';
  if (!isCalendarDay(validTo)) return 'unreadable';
  return validTo >= today ? 'valid' : 'expired';
}

function regionOf(card: IdCard): CardChecks['region'] {
  if (card.kind !== 'resident' || !/^\d{6}/.test(card.number)) return null;
  const code = card.number.slice(0, 6);
  return { code, name: CURRENT[code] ?? RETIRED[code] ?? null, retired: code in RETIRED };
}
