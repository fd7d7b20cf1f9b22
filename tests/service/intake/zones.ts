import fc from 'fast-check';
import type { ZoneFormat } from '#contract/person.ts';

/** Doc 9303 part 3, 4.9, written a second time: the tests' own way to a check digit. */
export function checkOver(text: string): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const weighed = Array.from(
    text,
    (character, i) => Math.max(alphabet.indexOf(character), 0) * ([7, 3, 1][i % 3] ?? 0),
  );
  return String(weighed.reduce((sum, value) => sum + value, 0) % 10);
}

export interface MadeUp {
  readonly code: string;
  readonly issuer: string;
  readonly nationality: string;
  readonly number: string;
  /** `YYMMDD`. */
  readonly birth: string;
  readonly sex: 'M' | 'F' | '<';
  readonly expiry: string;
  readonly surname: string;
  readonly given: string;
  readonly optional: string;
}

const withCheck = (text: string) => text + checkOver(text);
const fill = (text: string, length: number) => text.slice(0, length).padEnd(length, '<');

/** The lines of a zone as an office that keeps the standard would print them. */
export function zoneOf(format: ZoneFormat, of: MadeUp): string[] {
  const name = `${of.surname}<<${of.given}`;
  const head = fill(of.code, 2) + fill(of.issuer, 3);
  const nationality = fill(of.nationality, 3);
  const long = of.number.length > 9 && format !== 'td3';
  const number = long ? `${of.number.slice(0, 9)}<` : withCheck(fill(of.number, 9));
  const more = long ? `${of.number.slice(9)}${checkOver(of.number)}<` : of.optional;
  const [birth, expiry] = [withCheck(of.birth), withCheck(of.expiry)];
  switch (format) {
    case 'td1': {
      const first = head + number + fill(more, 15);
      const second = birth + of.sex + expiry + nationality + fill('', 11);
      const composite = checkOver(first.slice(5) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18));
      return [first, second + composite, fill(name, 30)];
    }
    case 'td2': {
      const second = number + nationality + birth + of.sex + expiry + fill(more, 7);
      const composite = checkOver(second.slice(0, 10) + second.slice(13, 20) + second.slice(21));
      return [head + fill(name, 31), second + composite];
    }
    case 'td3': {
      const second = number + nationality + birth + of.sex + expiry + withCheck(fill(of.optional, 14));
      const composite = checkOver(second.slice(0, 10) + second.slice(13, 20) + second.slice(21));
      return [head + fill(name, 39), second + composite];
    }
  }
}

const letters = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')), minLength, maxLength });
const signs = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')), minLength, maxLength });
const day = fc
  .date({ min: new Date('2027-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(2, 10).replaceAll('-', ''));

/** People who do not exist, with documents that are valid for long. */
export const madeUp: fc.Arbitrary<{ format: ZoneFormat; of: MadeUp }> = fc
  .constantFrom<ZoneFormat>('td1', 'td2', 'td3')
  .chain((format) =>
    fc.record({
      format: fc.constant(format),
      of: fc.record({
        code: format === 'td3' ? fc.constantFrom('P', 'PO', 'PD') : fc.constantFrom('I', 'C', 'CR', 'CT', 'AC'),
        issuer: fc.constantFrom('UTO', 'CHN', 'D', 'HKG'),
        nationality: fc.constantFrom('UTO', 'CHN', 'D', 'XXA'),
        number: signs(5, format === 'td3' ? 9 : 13),
        birth: day,
        sex: fc.constantFrom('M', 'F', '<'),
        expiry: day,
        surname: letters(1, 10),
        given: letters(1, 10),
        optional: signs(0, 5),
      }),
    }),
  );
