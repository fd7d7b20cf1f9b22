import type { IdCard } from '#contract/devices.ts';
import { maskNumber } from '../intake/mask.ts';

/** A card as the command line shows it: its numbers masked, and the birth date too, whose digits the ID number holds. */
export function maskedCard(card: IdCard): IdCard {
  const masked = { birth: maskBirth(card.birth), number: maskNumber(card.number) };
  return card.kind === 'hk-macao-taiwan'
    ? { ...card, ...masked, passNumber: maskNumber(card.passNumber) }
    : { ...card, ...masked };
}

/** The year stays. */
function maskBirth(birth: string): string {
  return birth.slice(0, 4) + birth.slice(4).replaceAll(/\d/g, '*');
}
