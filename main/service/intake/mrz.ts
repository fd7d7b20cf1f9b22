import type { TravelDocument, ZoneDocument, ZoneField, ZoneFormat, ZoneProblem } from '#contract/person.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { isCalendarDay } from './id-number.ts';
import {
  CHARACTERS,
  CHINESE_PERMITS,
  LAYOUTS,
  type Layout,
  type Place,
  SEX,
  type TextField,
  WEIGHTS,
} from './mrz-layouts.ts';

export interface ZoneFault {
  /** Characters that are still to come. */
  readonly missing: number;
  /** What is wrong in the part that is there, in the order of its places. */
  readonly problems: readonly ZoneProblem[];
}

/** A part of the zone that is there, with the index of its first character. */
interface Part {
  readonly text: string;
  readonly at: number;
}

/**
 * Reads a zone (ICAO Doc 9303). Nothing is guessed or corrected: a zone is right when every check digit is, and every field is made
 * of what it may be made of.
 * @param text the lines one after another, without breaks; it may be a beginning
 * @param today the local day, `YYYY-MM-DD`: nobody was born after it
 */
export function readZone(format: ZoneFormat, text: string, today: string): Result<ZoneDocument, ZoneFault> {
  const layout = LAYOUTS[format];
  const missing = layout.lines * layout.length - text.length;
  const found = [...problemsOfFields(layout, text, today), ...problemsOfChecks(layout, text)];
  if (missing !== 0 || found.length > 0) {
    const problems = found
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, field, why }) => ({ field, why, line: Math.floor(at / layout.length), column: at % layout.length }));
    return err({ missing, problems });
  }
  const value = (field: TextField) => whole(layout, text, layout.fields[field]).text;
  return ok({
    kind: 'travel-document',
    document: documentOf(value('document'), value('issuer')),
    name: words(value('name')),
    sex: SEX[value('sex')] ?? '9',
    birth: birthDay(value('birth'), today),
    number: words(numberOf(layout, text).number),
    validTo: expiryDay(value('expiry')),
    issuer: words(value('issuer')),
    nationality: words(value('nationality')),
  });
}

/** The check digit over characters of a zone: digits count as they are, letters from 10, fillers nothing (part 3, 4.9). */
export function zoneCheckDigit(text: string): string {
  let sum = 0;
  for (const [place, character] of Array.from(text).entries()) {
    sum += (character === '<' ? 0 : Number.parseInt(character, 36)) * (WEIGHTS[place % WEIGHTS.length] ?? 0);
  }
  return String(sum % 10);
}

interface Found {
  readonly field: ZoneField;
  readonly why: ZoneProblem['why'];
  readonly at: number;
}

function problemsOfFields(layout: Layout, text: string, today: string): Found[] {
  const found: Found[] = [];
  for (const [field, place] of Object.entries(layout.fields) as [TextField, Place][]) {
    const part = partOf(layout, text, place);
    if (part) {
      const why = problemOf(field, part.text, layout, today);
      if (why !== null) found.push({ field, why, at: part.at });
    }
  }
  return found;
}

function problemOf(field: TextField, text: string, layout: Layout, today: string): ZoneProblem['why'] | null {
  if (!CHARACTERS[field].test(text)) return 'characters';
  if (field === 'document') return layout.codes.includes(text.charAt(0)) ? null : 'kind';
  if (field === 'expiry') return isCalendarDay(expiryDay(text)) ? null : 'day';
  if (field !== 'birth' || text.includes('<')) return null;
  return isCalendarDay(birthDay(text, today)) ? null : 'day';
}

function problemsOfChecks(layout: Layout, text: string): Found[] {
  return layout.checks.flatMap((check): Found[] => {
    const { field } = check;
    const digit = partOf(layout, text, check.digit);
    const over = check.over.map((place) => partOf(layout, text, place)?.text);
    if (!digit || over.includes(undefined)) return [];
    if (field === 'number' && digit.text === '<') return problemOfLongNumber(layout, text, digit.at);
    const covered = over.join('');
    if (digit.text === zoneCheckDigit(covered)) return [];
    if (check.mayBeEmpty && digit.text === '<' && /^<*$/.test(covered)) return [];
    return [{ field, why: 'check', at: digit.at }];
  });
}

function problemOfLongNumber(layout: Layout, text: string, at: number): Found[] {
  if (layout.longNumber && !partOf(layout, text, layout.longNumber)) return [];
  const { number, digit, digitAt } = numberOf(layout, text);
  return digit === zoneCheckDigit(number) ? [] : [{ field: 'number', why: 'check', at: digitAt ?? at }];
}

/** The number with its check digit, where it is longer than its field too. `digitAt` is null where it has no digit. */
function numberOf(layout: Layout, text: string): { number: string; digit: string; digitAt: number | null } {
  const { text: short, at } = whole(layout, text, layout.fields.number);
  const digitAt = at + short.length;
  const digit = text.charAt(digitAt);
  if (digit !== '<' || !layout.longNumber) return { number: short, digit, digitAt };
  const more = whole(layout, text, layout.longNumber);
  const [rest = ''] = more.text.split('<');
  // Only a number that fills its field goes on behind it.
  if (rest === '' || short.includes('<')) return { number: short, digit: '', digitAt: null };
  return { number: short + rest.slice(0, -1), digit: rest.slice(-1), digitAt: more.at + rest.length - 1 };
}

/** @returns null while not all of it is there. */
function partOf(layout: Layout, text: string, place: Place): Part | null {
  const part = whole(layout, text, place);
  return part.text.length === place[2] - place[1] + 1 ? part : null;
}

function whole({ length }: Layout, text: string, [line, from, to]: Place): Part {
  const at = (line - 1) * length + from - 1;
  return { text: text.slice(at, at + to - from + 1), at };
}

function documentOf(code: string, issuer: string): TravelDocument['document'] {
  if (code.startsWith('P')) return 'passport';
  return issuer === 'CHN' ? (CHINESE_PERMITS[code] ?? 'other') : 'other';
}

/** Fillers stand for what is between words, and at the end for nothing. */
function words(text: string): string {
  return text.split(/<+/).filter(Boolean).join(' ');
}

/** The latest such day that is not in the future; what the zone does not know is left out. */
function birthDay(text: string, today: string): string {
  const known = text.replaceAll('<', '');
  if (known === '') return '';
  const inCentury = (century: string) => century + (known.match(/\d\d/g) ?? []).join('-');
  const late = inCentury('20');
  return late <= today.slice(0, late.length) ? late : inCentury('19');
}

/** Documents of the last century have expired long since: the year is 20YY. */
function expiryDay(text: string): string {
  return `20${(text.match(/\d\d/g) ?? []).join('-')}`;
}
