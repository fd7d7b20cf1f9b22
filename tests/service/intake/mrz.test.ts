import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ZoneFormat, ZoneProblem } from '#contract/person.ts';
import { readZone, zoneCheckDigit } from '#main/service/intake/mrz.ts';
import { LAYOUTS } from '#main/service/intake/mrz-layouts.ts';
import { checkOver, type MadeUp, madeUp, zoneOf } from './zones.ts';

const TODAY = '2026-11-25';

const read = (format: ZoneFormat, lines: readonly string[], today = TODAY) => readZone(format, lines.join(''), today);

function problems(format: ZoneFormat, lines: readonly string[]): readonly ZoneProblem[] {
  const given = read(format, lines);
  return given.ok ? [] : given.error.problems;
}

/** The specimens that ICAO Doc 9303 prints: parts 4, 5 and 6; Utopia does not exist. */
const specimens: Record<string, { format: ZoneFormat; lines: string[]; says: object }> = {
  passport: {
    format: 'td3',
    lines: ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'],
    says: { document: 'passport', name: 'ERIKSSON ANNA MARIA', number: 'L898902C3', validTo: '2012-04-15' },
  },
  'card of three lines': {
    format: 'td1',
    lines: ['I<UTOD231458907<<<<<<<<<<<<<<<', '7408122F1204159UTO<<<<<<<<<<<6', 'ERIKSSON<<ANNA<MARIA<<<<<<<<<<'],
    says: { document: 'other', name: 'ERIKSSON ANNA MARIA', number: 'D23145890', validTo: '2012-04-15' },
  },
  'card of two lines': {
    format: 'td2',
    lines: ['I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<', 'D231458907UTO7408122F1204159<<<<<<<6'],
    says: { document: 'other', name: 'ERIKSSON ANNA MARIA', number: 'D23145890', validTo: '2012-04-15' },
  },
  'card of three lines with a long number': {
    format: 'td1',
    lines: ['I<UTOD23145890<7349<<<<<<<<<<<', '3407127M9507122UTO<<<<<<<<<<<2', 'STEVENSON<<PETER<JOHN<<<<<<<<<'],
    says: { number: 'D23145890734', birth: '1934-07-12', sex: '1' },
  },
  'card of two lines with a long number': {
    format: 'td2',
    lines: ['I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<', 'D23145890<UTO3407127M95071227349<<<8'],
    says: { number: 'D23145890734', birth: '1934-07-12', sex: '1' },
  },
};

const PERSON: MadeUp = {
  code: 'P',
  issuer: 'UTO',
  nationality: 'UTO',
  number: 'E12345678',
  birth: '800101',
  sex: 'F',
  expiry: '300101',
  surname: 'EXAMPLE',
  given: 'MEI<LING',
  optional: 'ZE184226B',
};

const made = (format: ZoneFormat, change: Partial<MadeUp> = {}) =>
  zoneOf(format, { ...PERSON, ...(format === 'td3' ? {} : { code: 'I' }), ...change });

describe('a published specimen', () => {
  it.each(Object.entries(specimens))('is read: %s', (_, { format, lines, says }) => {
    expect(read(format, lines)).toMatchObject({ ok: true, value: { kind: 'travel-document', issuer: 'UTO', ...says } });
  });

  it.each(Object.entries(specimens))('is wrong with any other digit where a check digit stands: %s', (_, given) => {
    const { length, checks, longNumber } = LAYOUTS[given.format];
    const text = given.lines.join('');
    for (const { digit, field } of checks) {
      // The place of the digit of a number that is longer than its field says where the rest is.
      if (field === 'number' && longNumber && text.charAt((digit[0] - 1) * length + digit[1] - 1) === '<') continue;
      const at = (digit[0] - 1) * length + digit[1] - 1;
      for (const other of '0123456789A') {
        if (other === text.charAt(at)) continue;
        const broken = readZone(given.format, text.slice(0, at) + other + text.slice(at + 1), TODAY);
        expect(broken.ok).toBe(false);
        if (broken.ok) continue;
        const places = broken.error.problems.map((problem) => [problem.field, problem.line * length + problem.column]);
        expect(places).toContainEqual([field, at]);
      }
    }
  });

  it('with a long number is wrong when its own digit is, at its place', () => {
    const lines = [
      'I<UTOD23145890<7348<<<<<<<<<<<',
      '3407127M9507122UTO<<<<<<<<<<<2',
      'STEVENSON<<PETER<JOHN<<<<<<<<<',
    ];
    expect(problems('td1', lines)).toContainEqual({ field: 'number', why: 'check', line: 0, column: 18 });
  });

  it('with a number shorter than its field is wrong with a filler for a digit, whatever stands behind it', () => {
    const [number, rest] = ['D2345<<<<', '73'];
    const first = `I<UTO${number}<${rest}${checkOver(number + rest)}<<<<<<<<<<<<`;
    const second = '3407127M9507122UTO<<<<<<<<<<<';
    const composite = checkOver(first.slice(5) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18));
    const found = problems('td1', [first, second + composite, 'STEVENSON<<PETER<JOHN<<<<<<<<<']);
    expect(found).toEqual([{ field: 'number', why: 'check', line: 0, column: 14 }]);
  });

  it('with a filler for a digit and no rest of the number is wrong at the filler', () => {
    const lines = [
      'I<UTOD23145890<<<<<<<<<<<<<<<<',
      '3407127M9507122UTO<<<<<<<<<<<2',
      'STEVENSON<<PETER<JOHN<<<<<<<<<',
    ];
    expect(problems('td1', lines)).toContainEqual({ field: 'number', why: 'check', line: 0, column: 14 });
    expect(
      problems(
        'td3',
        made('td3').map((line) => line.replace(/^(E12345678)\d/, '$1<')),
      ),
    ).toContainEqual({
      field: 'number',
      why: 'check',
      line: 1,
      column: 9,
    });
  });
});

describe('a made-up document', () => {
  it('is read as it was printed', () => {
    fc.assert(
      fc.property(madeUp, ({ format, of }) => {
        const given = read(format, zoneOf(format, of));
        if (!given.ok) throw new Error(JSON.stringify(given.error));
        expect(given.value.number).toBe(of.number);
        expect(given.value.name).toBe(`${of.surname} ${of.given}`);
        expect(given.value.birth.slice(2).replaceAll('-', '')).toBe(of.birth);
        expect(given.value.birth <= TODAY).toBe(true);
        expect(given.value.validTo).toBe(`20${of.expiry.match(/../g)?.join('-')}`);
        expect(given.value.sex).toBe({ M: '1', F: '2', '<': '9' }[of.sex]);
      }),
    );
  });

  it('is wrong with a digit of number, birth or expiry changed, and names the field', () => {
    const fields = { number: 'number', birth: 'birth', expiry: 'expiry' } as const;
    fc.assert(
      fc.property(
        madeUp,
        fc.constantFrom(...Object.values(fields)),
        fc.nat(5),
        fc.nat(8),
        ({ format, of }, field, nth, by) => {
          const { fields: places, length } = LAYOUTS[format];
          const [line, from] = places[field];
          const text = zoneOf(format, of).join('');
          const at = (line - 1) * length + from - 1 + nth;
          const before = text.charAt(at);
          fc.pre(/\d/.test(before));
          const changed = text.slice(0, at) + String((Number(before) + 1 + by) % 10) + text.slice(at + 1);
          const given = readZone(format, changed, TODAY);
          expect(given.ok ? [] : given.error.problems.map((problem) => problem.field)).toContain(field);
        },
      ),
    );
  });

  it('never throws and never reads what is no zone', () => {
    const junk = fc.string({ unit: fc.constantFrom(...Array.from('A0<P1')), maxLength: 100 });
    fc.assert(
      fc.property(fc.constantFrom<ZoneFormat>('td1', 'td2', 'td3'), junk, (format, text) => {
        const { length, lines } = LAYOUTS[format];
        const given = readZone(format, text, TODAY);
        if (text.length !== length * lines) expect(given.ok).toBe(false);
      }),
    );
  });

  it('agrees on the check digit with the tests’ own', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ABCXYZ0159<')) }), (text) => {
        expect(zoneCheckDigit(text)).toBe(checkOver(text));
      }),
    );
  });
});

describe('a zone that is being written', () => {
  it('says how much is missing, and a wrong digit as soon as it stands there', () => {
    const text = made('td3').join('');
    expect(readZone('td3', '', TODAY)).toEqual({ ok: false, error: { missing: 88, problems: [] } });
    expect(readZone('td3', text.slice(0, 53), TODAY)).toEqual({ ok: false, error: { missing: 35, problems: [] } });
    expect(readZone('td3', `${text.slice(0, 53)}A`, TODAY)).toEqual({
      ok: false,
      error: { missing: 34, problems: [{ field: 'number', why: 'check', line: 1, column: 9 }] },
    });
  });

  it('waits with a long number until all of it can be there', () => {
    const text = made('td1', { number: 'D23145890734' }).join('');
    expect(readZone('td1', text.slice(0, 20), TODAY)).toMatchObject({ error: { problems: [] } });
    expect(readZone('td1', text, TODAY)).toMatchObject({ ok: true, value: { number: 'D23145890734' } });
  });

  it('with more than it holds is no zone', () => {
    expect(read('td3', [...made('td3'), 'X'])).toMatchObject({ ok: false, error: { missing: -1 } });
  });
});

describe('the years of two digits', () => {
  it.each([
    ['261125', '2026-11-25'],
    ['261126', '1926-11-26'],
    ['000229', '2000-02-29'],
    ['990101', '1999-01-01'],
  ])('of birth are never in the future: %s', (birth, day) => {
    expect(read('td3', made('td3', { birth }))).toMatchObject({ ok: true, value: { birth: day } });
  });

  it.each([
    ['7408<<', '1974-08'],
    ['74<<<<', '1974'],
    ['26<<<<', '2026'],
    ['<<<<<<', ''],
  ])('of a birth that is not wholly known say what is known: %s', (birth, known) => {
    expect(read('td3', made('td3', { birth }))).toMatchObject({ ok: true, value: { birth: known } });
  });
});

describe('what is no day, no letter or no document', () => {
  it.each([
    [{ birth: '740230' }, { field: 'birth', why: 'day', line: 1, column: 13 }],
    [{ birth: '74<212' }, { field: 'birth', why: 'characters', line: 1, column: 13 }],
    [{ expiry: '301301' }, { field: 'expiry', why: 'day', line: 1, column: 21 }],
    [{ expiry: '<<<<<<' }, { field: 'expiry', why: 'characters', line: 1, column: 21 }],
    [{ surname: 'EXAMP1E' }, { field: 'name', why: 'characters', line: 0, column: 5 }],
    [
      { surname: '', given: '' },
      { field: 'name', why: 'characters', line: 0, column: 5 },
    ],
    [{ number: '' }, { field: 'number', why: 'characters', line: 1, column: 0 }],
    [{ issuer: 'U7O' }, { field: 'issuer', why: 'characters', line: 0, column: 2 }],
    [{ nationality: '1TO' }, { field: 'nationality', why: 'characters', line: 1, column: 10 }],
    [{ code: '1' }, { field: 'document', why: 'characters', line: 0, column: 0 }],
    [{ code: 'V' }, { field: 'document', why: 'kind', line: 0, column: 0 }],
  ] as const)('is told as such although every check digit is right: %o', (change, problem) => {
    expect(problems('td3', made('td3', change))).toEqual([problem]);
  });

  it('is a passport’s code on a card', () => {
    expect(problems('td1', made('td1', { code: 'P' }))).toMatchObject([{ field: 'document', why: 'kind' }]);
  });

  it('a personal number that is empty may have a filler for its digit, and no other may', () => {
    const [first = '', second = ''] = made('td3', { optional: '' });
    expect(second.charAt(42)).toBe('0');
    const filler = `${second.slice(0, 42)}<${second.slice(43)}`;
    expect(read('td3', [first, filler]).ok).toBe(true);
    const [, full = ''] = made('td3');
    expect(problems('td3', [first, `${full.slice(0, 42)}<${full.slice(43)}`])).toMatchObject([
      { field: 'optional', why: 'check', column: 42 },
      { field: 'composite', why: 'check', column: 43 },
    ]);
  });
});

describe('permits', () => {
  it.each([
    ['CR', 'CHN', 'hk-macao-permit'],
    ['CT', 'CHN', 'taiwan-permit'],
    ['C', 'CHN', 'taiwan-permit'],
    ['CR', 'UTO', 'other'],
    ['I', 'CHN', 'other'],
  ])('of the code %s by %s are: %s', (code, issuer, document) => {
    expect(read('td1', made('td1', { code, issuer }))).toMatchObject({ ok: true, value: { document } });
  });
});
