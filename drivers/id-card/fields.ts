import type { IdCard } from '#contract/devices.ts';
import { ADDRESS_BYTES } from './protocol.ts';

/** Offset and length in bytes within the text block, UTF-16LE, padded with spaces. */
type Field = readonly [offset: number, length: number];
type Kind = IdCard['kind'];
type Table<K extends Kind> = Record<Exclude<keyof Extract<IdCard, { kind: K }>, 'kind'>, Field | readonly Field[]>;

const TYPE_FLAG: Field = [248, 2];
const TYPES: ReadonlyMap<string, Kind> = new Map([
  ['I', 'foreign-2017'],
  ['Y', 'foreign-2023'],
  ['J', 'hk-macao-taiwan'],
]);

// biome-ignore format: tables
const FIELDS: { readonly [K in Kind]: Table<K> } = {
  resident: {
    name: [0, 30], sex: [30, 2], nation: [32, 4], birth: [36, 16], address: [52, 70], number: [122, 36],
    authority: [158, 30], validFrom: [188, 16], validTo: [204, 16],
  },
  'hk-macao-taiwan': {
    name: [0, 30], sex: [30, 2], birth: [36, 16], address: [52, 70], number: [122, 36],
    authority: [158, 30], validFrom: [188, 16], validTo: [204, 16], passNumber: [220, 18], issueCount: [238, 4],
  },
  'foreign-2023': {
    name: [0, 30], sex: [30, 2], renewalCount: [32, 4], birth: [36, 16], englishName: [[52, 70], [220, 22]],
    number: [122, 36], validFrom: [188, 16], validTo: [204, 16], country: [242, 6],
  },
  'foreign-2017': {
    name: [0, 120], sex: [120, 2], number: [122, 30], country: [152, 6], chineseName: [158, 30],
    validFrom: [188, 16], validTo: [204, 16], birth: [220, 16], version: [236, 4], authorityCode: [240, 8],
  },
};

const TEXT_MIN = TYPE_FLAG[0] + TYPE_FLAG[1];

/**
 * The card in the answer to `30 01`: textLen(2, big-endian) photoLen(2) text photo. The photograph is left to
 * {@link closedPhoto}. Null when the lengths do not add up or the text is too short for its fields.
 */
export function decodeCard(data: Uint8Array): IdCard | null {
  const block = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (block.length < 4) return null;
  const textLength = block.readUInt16BE(0);
  const photoLength = block.readUInt16BE(2);
  if (textLength < TEXT_MIN || 4 + textLength + photoLength !== block.length) return null;
  return decodeText(block.subarray(4, 4 + textLength));
}

/** The closed photograph in the answer to `30 01` that {@link decodeCard} has judged, as bytes of its own; null when there is none. */
export function closedPhoto(data: Uint8Array): Uint8Array | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const at = 4 + view.getUint16(0);
  return view.getUint16(2) === 0 ? null : data.slice(at, at + view.getUint16(2));
}

/** The newest address in the answer to `30 03`: up to four of 70 bytes, the last one written last; null when all are blank. */
export function decodeNewestAddress(data: Uint8Array): string | null {
  const block = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let at = block.length - ADDRESS_BYTES; at >= 0; at -= ADDRESS_BYTES) {
    const address = text(block, [at, ADDRESS_BYTES]);
    if (address !== '') return address;
  }
  return null;
}

function decodeText(block: Buffer): IdCard {
  const kind = TYPES.get(text(block, TYPE_FLAG)) ?? 'resident';
  const card: Record<string, string> = { kind };
  for (const [name, place] of Object.entries(FIELDS[kind])) {
    const value = parts(place).reduce((joined, field) => joined + raw(block, field), '');
    card[name] = DATES.has(name) ? day(clean(value)) : clean(value);
  }
  return card as IdCard;
}

const DATES: ReadonlySet<string> = new Set(['birth', 'validFrom', 'validTo']);

function parts(place: Field | readonly Field[]): readonly Field[] {
  return typeof place[0] === 'number' ? [place as Field] : (place as readonly Field[]);
}

function raw(block: Buffer, [offset, length]: Field): string {
  return block.toString('utf16le', offset, offset + length);
}

function text(block: Buffer, field: Field): string {
  return clean(raw(block, field));
}

function clean(value: string): string {
  return value.replace(/[\0 \u3000]+$/, '').toWellFormed();
}

/** `YYYYMMDD` as `YYYY-MM-DD` when it is a day of the calendar; `长期` as `long-term`; anything else as it stands. */
function day(value: string): string {
  if (value === '长期') return 'long-term';
  const iso = value.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  const date = new Date(`${iso}T00:00:00Z`);
  return iso !== value && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : value;
}
