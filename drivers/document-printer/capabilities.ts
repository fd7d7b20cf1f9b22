import { type IppAnswer, valuesOf, wordsOf } from './ipp.ts';
import { MEDIA, type Meaning, NO_A4, NO_PDF, PDF, TWO_SIDED } from './protocol.ts';

/** A toner, ink or drum as the printer names it. */
export interface Supply {
  readonly name: string;
  /** How full it is, 0..100; null where the printer does not know (RFC 3805 writes -1 to -3 there). */
  readonly percent: number | null;
}

/** What keeps a printer from ever printing our documents; what it does not say is taken for granted. */
export function unfit(answer: IppAnswer): Meaning | undefined {
  const lacks = (name: string, wanted: string) => {
    const supported = wordsOf(answer, name);
    return supported.length > 0 && !supported.includes(wanted);
  };
  if (lacks('document-format-supported', PDF)) return NO_PDF;
  return lacks('media-supported', MEDIA) ? NO_A4 : undefined;
}

/** Whether it prints on both sides by itself. */
export function printsBothSides(answer: IppAnswer): boolean {
  return wordsOf(answer, 'sides-supported').includes(TWO_SIDED);
}

/** By the printer's own words where it has them, else by those of CUPS; what belongs together stands at the same place of each list. */
export function suppliesOf(answer: IppAnswer): Supply[] {
  const own = wordsOf(answer, 'printer-supply').map(fieldsOf);
  if (own.length > 0) {
    const names = wordsOf(answer, 'printer-supply-description');
    return own.map((fields, i) => ({
      name: names[i] ?? fields.get('type') ?? '',
      percent: percentOf(Number(fields.get('level') ?? -1), Number(fields.get('maxcapacity') ?? 100)),
    }));
  }
  const levels = valuesOf(answer, 'marker-levels');
  return wordsOf(answer, 'marker-names').map((name, i) => ({ name, percent: percentOf(Number(levels[i] ?? -1), 100) }));
}

/** `type=toner;maxcapacity=100;level=25;` */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').map((field) => {
      const [name = '', value = ''] = field.split('=', 2);
      return [name.trim().toLowerCase(), value.trim()] as const;
    }),
  );
}

function percentOf(level: number, of: number): number | null {
  const percent = Math.round((level / of) * 100);
  return level >= 0 && percent >= 0 && percent <= 100 ? percent : null;
}
