import type { IdCard } from '#contract/devices.ts';
import type { Person, ZoneDocument } from '#contract/person.ts';
import { unreachable } from '#contract/result.ts';
import { checkCharacter } from './receipt-number.ts';

/** Whether the last of 18 characters is the check character over the 17 before (GB 11643, ISO 7064 MOD 11-2; R15). */
export function hasRightCheck(number: string): boolean {
  return /^\d{17}[\dX]$/.test(number) && checkCharacter(number.slice(0, 17)) === number.charAt(17);
}

/** Whether `YYYYMMDD` or `YYYY-MM-DD` is a day of the calendar. */
export function isCalendarDay(text: string): boolean {
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < 1000) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** A resident's ID number: form, real date of birth, check character. Prefixes of all provinces and retired ones are valid (R16, R17). */
export function isResidentNumber(number: string): boolean {
  return hasRightCheck(number) && isCalendarDay(number.slice(6, 14));
}

/** Why a card that was read can't be used for an application. */
export type Refusal = 'expired' | 'number' | 'kind';

/**
 * Judges a card or a document at acceptance (R15, R17); the numbers of a zone were judged by its check digits.
 * @param today the local day, `YYYY-MM-DD`; a card is valid through its last day.
 */
export function refusal(card: Person | ZoneDocument, today: string): Refusal | null {
  if (card.name.trim() === '') return 'kind';
  if (card.kind !== 'travel-document' && !numberFits(card)) return 'number';
  if (card.validTo === 'long-term') return null;
  return isCalendarDay(card.validTo) && card.validTo >= today ? null : 'expired';
}

/** Whether the number is one of its kind of card. */
export function numberFits(card: IdCard): boolean {
  switch (card.kind) {
    case 'resident':
      return isResidentNumber(card.number);
    case 'hk-macao-taiwan':
      return /^8[123]0000/.test(card.number) && isResidentNumber(card.number);
    case 'foreign-2023':
      return card.number.startsWith('9') && hasRightCheck(card.number);
    case 'foreign-2017':
      return /^[A-Z]{3}\d{12}$/.test(card.number);
    default:
      return unreachable(card);
  }
}
