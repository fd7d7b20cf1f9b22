import type { IdCard } from '#contract/devices.ts';
import { unreachable } from '#contract/result.ts';
import { maskName, maskNumber } from '../intake/mask.ts';

/** A card as it may be shown to anyone: kind, sex, nation, dates of validity and authority stay, what identifies is masked. */
export function maskedCard(card: IdCard): IdCard {
  const base = { name: maskName(card.name), birth: maskBirth(card.birth), number: maskNumber(card.number) };
  switch (card.kind) {
    case 'resident':
      return { ...card, ...base, address: maskAddress(card.address) };
    case 'hk-macao-taiwan':
      return { ...card, ...base, address: maskAddress(card.address), passNumber: maskNumber(card.passNumber) };
    case 'foreign-2023':
      return { ...card, ...base, englishName: maskName(card.englishName) };
    case 'foreign-2017':
      return { ...card, ...base, chineseName: maskName(card.chineseName) };
    default:
      return unreachable(card);
  }
}

/** The year stays. */
function maskBirth(birth: string): string {
  return birth.slice(0, 4) + birth.slice(4).replaceAll(/\d/g, '*');
}

/** City and district stay: six characters. */
function maskAddress(address: string): string {
  const characters = Array.from(address);
  return characters.slice(0, 6).join('') + '*'.repeat(Math.max(characters.length - 6, 0));
}
