import { z } from 'zod';
import { Day, Text } from './text.ts';

const Id = z.string().regex(/^[a-z][a-z0-9-]{1,60}$/, 'small letters, digits and hyphens, a letter first');

/** A condition over an earlier answer: the field is asked only when `field` has the value `is`. */
const When = z.strictObject({ field: Id, is: z.string() });

const FieldBase = {
  id: Id,
  label: Text,
  hint: Text.optional(),
  required: z.boolean().default(true),
  /** Personal fields are sealed for the district's eyes; the others stay readable in the journal. */
  personal: z.boolean().default(true),
  when: When.optional(),
};

/** One question of a form. Validators are named by the field's kind; packages bring no regular expressions. */
export const FormField = z.discriminatedUnion('kind', [
  /** Filled in from the card and shown, not asked. */
  z.strictObject({
    ...FieldBase,
    kind: z.literal('card'),
    from: z.enum(['name', 'sex', 'birth', 'number', 'address', 'validTo']),
  }),
  z.strictObject({
    ...FieldBase,
    kind: z.literal('choice'),
    options: z.array(z.strictObject({ value: Id, label: Text })).min(2),
  }),
  /** One of the community's estates, named in `terminal.yaml`. */
  z.strictObject({ ...FieldBase, kind: z.literal('estate') }),
  /** A number of at most `digits` digits, such as a building or a room. */
  z.strictObject({ ...FieldBase, kind: z.literal('number'), digits: z.int().min(1).max(8), suffix: Text.optional() }),
  /** A mainland mobile number or an area code with a fixed line. */
  z.strictObject({ ...FieldBase, kind: z.literal('phone') }),
  /** A month not after today, `YYYY-MM`. */
  z.strictObject({ ...FieldBase, kind: z.literal('month') }),
]);
export type FormField = z.infer<typeof FormField>;

const FormStep = z.strictObject({ id: Id, title: Text, fields: z.array(FormField).min(1).max(6) });

/** What a resident brings, told all at once (R9). */
const Material = z.strictObject({
  id: Id,
  name: Text,
  /** `card` is read from the chip; `seen` is shown to the worker; a `later` one may be brought afterwards. */
  how: z.enum(['card', 'seen', 'later']),
  note: Text.optional(),
});

const Limit = z.strictObject({ value: z.int().min(0), unit: z.enum(['minutes', 'working-days', 'days']) });

/** A document of an item. Its paragraphs name values of the case in braces, for instance `{name}`; the template sets them. */
const ItemDocument = z.strictObject({
  kind: z.enum(['certificate', 'acceptance-notice']),
  template: z.string().regex(/^[a-z-]+\.typ$/),
  title: z.string().min(1),
  paragraphs: z.array(z.string().min(1)).min(1),
});

/** One government-service item (事项, R5). */
export const Item = z.strictObject({
  id: Id,
  group: Id,
  title: Text,
  summary: Text,
  codes: z.strictObject({ basic: z.string(), implementation: z.string(), business: z.string() }),
  /** 01..10, 20 as in R5. */
  type: z.enum(['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '20']),
  legalBasis: z.array(z.string()).min(1),
  level: z.enum(['community', 'street', 'district', 'city']),
  responsible: z.strictObject({ name: Text, code: z.string() }),
  serves: Text,
  caseType: z.enum(['1', '2']),
  limits: z.strictObject({ statutory: Limit, promised: Limit }),
  conditions: z.array(Text).min(1),
  visits: z.int().min(0).max(5),
  fee: z.strictObject({ amountFen: z.int().min(0), basis: Text }),
  place: Text,
  complaintPhone: z.string(),
  range: z.enum(['community', 'street', 'district', 'city', 'cross-province']),
  /** F finished offline; S offline when staff verify and stamp; A accepted offline, finished after sync; N online only. */
  offline: z.enum(['F', 'S', 'A', 'N']),
  materials: z.array(Material).min(1),
  consent: z.strictObject({
    purpose: Text,
    /** What is collected, one line each. */
    data: z.array(Text).min(1),
    retention: Text,
    /** Kept readable at the terminal for this many days after it was acknowledged by the district. */
    retentionDays: z.int().min(1),
  }),
  form: z.strictObject({ steps: z.array(FormStep).min(1) }),
  /** Lines that a worker ticks after having seen the evidence. */
  verification: z.array(z.strictObject({ id: Id, text: Text })).min(1),
  documents: z.array(ItemDocument).min(1),
  validFrom: Day,
  validTo: Day.optional(),
});
export type Item = z.infer<typeof Item>;

const Group = z.strictObject({
  id: Id,
  title: Text,
  summary: Text,
  icon: z.enum(['certificate', 'apply', 'proxy', 'request', 'progress', 'services']),
});

/** Ratings (R1, R3; GB/T 39734, 39735): levels 5..1 and the reason codes that belong to each. */
const Evaluation = z.strictObject({
  levels: z.record(z.enum(['1', '2', '3', '4', '5']), Text),
  reasons: z.record(z.enum(['1', '2', '3', '4', '5']), z.record(z.string().regex(/^\d{3}$/), Text)),
});

/** A catalogue package: everything about items that is data. Its version is the SHA-256 over its files. */
export const CataloguePackage = z.strictObject({
  format: z.literal(1),
  sequence: z.int().min(1),
  region: z.string().regex(/^\d{6}$/),
  date: Day,
  /** GB/T 2260 prefixes, current and retired; both stand in valid ID numbers (R16). */
  regions: z.record(z.string().regex(/^\d{6}$/), z.string()),
  nations: z.record(z.string().regex(/^\d{2}$/), z.string()),
  groups: z.array(Group).min(1).max(6),
  items: z.array(Item).min(1),
  evaluation: Evaluation,
});
export type CataloguePackage = z.infer<typeof CataloguePackage>;
