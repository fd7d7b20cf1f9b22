import { z } from 'zod';
import { IdCard } from './devices.ts';

/**
 * A chipless document by its machine-readable zone (机读码; ICAO Doc 9303), every check digit right, and the original seen by a
 * worker (R17). It has no address, no nation and no authority, and its number is no ID number.
 */
export const TravelDocument = z.strictObject({
  kind: z.literal('travel-document'),
  document: z.enum(['passport', 'hk-macao-permit', 'taiwan-permit', 'other']),
  /** `SURNAME GIVEN NAMES` as in the zone, which has no Chinese characters and cuts long names. */
  name: z.string(),
  /** GB/T 2261.1: 1 male, 2 female, 9 not stated. */
  sex: z.enum(['1', '2', '9']),
  /** `YYYY-MM-DD`, or as much of it as the zone knows. */
  birth: z.string(),
  number: z.string(),
  /** `YYYY-MM-DD`. */
  validTo: z.string(),
  /** Who issued it and whose national the person is: the zone's codes, mostly ISO 3166 alpha-3. */
  issuer: z.string(),
  nationality: z.string(),
  /** Id of the worker who compared the original and the person. */
  confirmedBy: z.string(),
});
export type TravelDocument = z.infer<typeof TravelDocument>;

/** What a zone says; whose it is says the worker who sees the original. */
export type ZoneDocument = Omit<TravelDocument, 'confirmedBy'>;

/** Who stands there: by the chip of a card, or by a document that a worker confirmed. */
export type Person = IdCard | TravelDocument;

/** The layouts of Doc 9303: cards with three lines of 30 characters, with two of 36, and passports with two of 44. */
export const ZoneFormat = z.enum(['td1', 'td2', 'td3']);
export type ZoneFormat = z.infer<typeof ZoneFormat>;

export const ZoneField = z.enum([
  'document',
  'issuer',
  'name',
  'number',
  'nationality',
  'birth',
  'sex',
  'expiry',
  'optional',
  'composite',
]);
export type ZoneField = z.infer<typeof ZoneField>;

/** What is wrong at a place of the zone; line and column count from 0. A wrong check digit's place is its own. */
export const ZoneProblem = z.strictObject({
  field: ZoneField,
  /** `kind`: no document that says who somebody is, such as a visa. */
  why: z.enum(['check', 'characters', 'day', 'kind']),
  line: z.int(),
  column: z.int(),
});
export type ZoneProblem = z.infer<typeof ZoneProblem>;
