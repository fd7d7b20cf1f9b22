import { createHash } from 'node:crypto';
import { unreachable } from '#contract/result.ts';

/** What every chip holds beside its 256-byte text block. */
interface Chip {
  /** 1024 bytes in the closed WLT format; synthetic noise when not given. */
  readonly photo?: Uint8Array;
  /** 512 or 1024 bytes; none when not given. */
  readonly fingerprint?: Uint8Array;
  /** Up to four addresses that were written later than the card, each at most 35 UTF-16 units. */
  readonly newestAddresses?: readonly string[];
  /** 28 bytes. */
  readonly managementNumber?: Uint8Array;
}

/** A resident identity card. Dates are `YYYYMMDD`; `validTo` may be `长期`. */
export interface ResidentCard extends Chip {
  readonly kind: 'resident';
  readonly name: string;
  readonly sex: string;
  readonly nation: string;
  readonly birth: string;
  readonly address: string;
  readonly number: string;
  readonly authority: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** A residence permit for Hong Kong, Macao and Taiwan residents. */
export interface PermitCard extends Chip {
  readonly kind: 'J';
  readonly name: string;
  readonly sex: string;
  readonly birth: string;
  readonly address: string;
  readonly number: string;
  readonly authority: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly passNumber: string;
  readonly issueCount: string;
}

/** A foreigner's permanent residence card of 2023. */
export interface Foreign2023Card extends Chip {
  readonly kind: 'Y';
  readonly name: string;
  readonly sex: string;
  readonly renewalCount: string;
  readonly birth: string;
  /** At most 46 UTF-16 units: 35 in its first place, the rest in its second. */
  readonly englishName: string;
  readonly number: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly country: string;
}

/** A foreigner's permanent residence card of 2017. */
export interface Foreign2017Card extends Chip {
  readonly kind: 'I';
  /** In English. */
  readonly name: string;
  readonly sex: string;
  readonly country: string;
  readonly birth: string;
  readonly number: string;
  readonly chineseName: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly version: string;
  readonly authorityCode: string;
}

export type SimulatedCard = ResidentCard | PermitCard | Foreign2023Card | Foreign2017Card;

/** One place in the text block: offset in bytes, length in bytes, content. */
type Place = readonly [offset: number, length: number, text: string];

/** The table of the text block, kind by kind (devices.md, section 1). */
function places(card: SimulatedCard): readonly Place[] {
  switch (card.kind) {
    case 'resident':
      return [
        [0, 30, card.name],
        [30, 2, card.sex],
        [32, 4, card.nation],
        [36, 16, card.birth],
        [52, 70, card.address],
        [122, 36, card.number],
        [158, 30, card.authority],
        [188, 16, card.validFrom],
        [204, 16, card.validTo],
      ];
    case 'J':
      return [
        [0, 30, card.name],
        [30, 2, card.sex],
        [36, 16, card.birth],
        [52, 70, card.address],
        [122, 36, card.number],
        [158, 30, card.authority],
        [188, 16, card.validFrom],
        [204, 16, card.validTo],
        [220, 18, card.passNumber],
        [238, 4, card.issueCount],
        [248, 2, 'J'],
      ];
    case 'Y':
      return [
        [0, 30, card.name],
        [30, 2, card.sex],
        [32, 4, card.renewalCount],
        [36, 16, card.birth],
        [52, 70, card.englishName.slice(0, 35)],
        [122, 36, card.number],
        [188, 16, card.validFrom],
        [204, 16, card.validTo],
        [220, 22, card.englishName.slice(35)],
        [242, 6, card.country],
        [248, 2, 'Y'],
      ];
    case 'I':
      return [
        [0, 120, card.name],
        [120, 2, card.sex],
        [122, 30, card.number],
        [152, 6, card.country],
        [158, 30, card.chineseName],
        [188, 16, card.validFrom],
        [204, 16, card.validTo],
        [220, 16, card.birth],
        [236, 4, card.version],
        [240, 8, card.authorityCode],
        [248, 2, 'I'],
      ];
    default:
      return unreachable(card);
  }
}

const TEXT_BYTES = 256;
const ADDRESS_BYTES = 70;
const PHOTO_BYTES = 1024;

/** UTF-16LE in exactly `bytes` bytes, padded with spaces. Throws when the text does not fit: no real card would hold it. */
function padded(text: string, bytes: number): Buffer {
  if (text.length * 2 > bytes) throw new RangeError(`a text of ${text.length} units for a place of ${bytes / 2}`);
  return Buffer.from(text.padEnd(bytes / 2, ' '), 'utf16le');
}

/** The 256 bytes of a card's text. */
export function textBlock(card: SimulatedCard): Uint8Array {
  const block = padded('', TEXT_BYTES);
  for (const [offset, length, text] of places(card)) padded(text, length).copy(block, offset);
  return block;
}

/** The bytes of the newest addresses: 70 each, without a length in front. */
export function newestAddressBlock(card: SimulatedCard): Uint8Array {
  const addresses = card.newestAddresses ?? [];
  if (addresses.length > 4) throw new RangeError('a card holds four newer addresses');
  return Buffer.concat(addresses.map((address) => padded(address, ADDRESS_BYTES)));
}

/** 1024 bytes that belong to this card alone and show nobody. */
export function photo(card: SimulatedCard): Uint8Array {
  return card.photo ?? noise(`photo ${card.number}`, PHOTO_BYTES);
}

/** The 28 bytes of the card management number. */
export function managementNumber(card: SimulatedCard): Uint8Array {
  return card.managementNumber ?? noise(`management ${card.number}`, 28);
}

/** Bytes that look random and are the same for the same seed. */
function noise(seed: string, bytes: number): Uint8Array {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}
