import type { Person } from '#contract/person.ts';
import type { Sensitive } from '#contract/sensitive.ts';
import { localDay } from '../time/clock.ts';
import type { VisitContext } from './context.ts';

/** Who is an elder: the Law on Protection of the Rights and Interests of the Elderly, article 2. */
const ELDER_YEARS = 60;

/** Full years on a day. @param birth `YYYY-MM-DD`, or as much of it as a document tells: then counted from its latest day */
export function yearsOn(day: string, birth: string): number {
  const [year, rest] = [day.slice(0, 4), day.slice(5)];
  const birthday = /^\d{4}-\d{2}-\d{2}$/.test(birth) ? birth.slice(5) : '12-31';
  return Number(year) - Number(birth.slice(0, 4)) - (rest < birthday ? 1 : 0);
}

/** Offers larger letters to an elder who has chosen none. */
export function offerLetters(
  { display, letters, ports }: VisitContext,
  person: Sensitive<Person>,
): Pick<VisitContext, 'letters'> {
  const years = yearsOn(localDay(ports.clock.wall()), person.reveal().birth);
  const offers = letters === 'unasked' && display.mode === 'standard' && years >= ELDER_YEARS;
  return { letters: offers ? 'offered' : letters };
}
