import { z } from 'zod';
import { JobProblem, PHOTO_MOST_BYTES, ReaderState } from './devices.ts';
import { ZoneFormat, ZoneProblem } from './person.ts';
import { Language, Text } from './text.ts';

/** How the screen shows itself to this resident; it falls back to the terminal's own when the visit ends. */
export const Display = z.strictObject({
  language: Language,
  mode: z.enum(['standard', 'elder', 'large']),
  theme: z.enum(['standard', 'contrast', 'dark']),
  /** `low`: every control in the lower half of an upright picture, for who sits or reaches no higher (R29). */
  reach: z.enum(['full', 'low']),
  /** The hand that touches: the main action lies on its side. */
  hand: z.enum(['right', 'left']),
  /** Whether screens and controls are read aloud. */
  speech: z.enum(['off', 'on']),
});
export type Display = z.infer<typeof Display>;

/** The time that is left on this screen, in milliseconds at the moment of sending (R28). */
export const Deadline = z.strictObject({
  phase: z.enum(['running', 'warning']),
  leftMs: z.number(),
  totalMs: z.number(),
  extensionsLeft: z.int(),
});
export type Deadline = z.infer<typeof Deadline>;

/** A call for a worker; `seen` once a worker has signed in or answered at the terminal. */
export const Help = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('none') }),
  z.strictObject({ state: z.literal('called'), openNow: z.boolean(), opens: z.string(), phone: z.string() }),
  z.strictObject({ state: z.literal('seen'), worker: z.string() }),
]);
export type Help = z.infer<typeof Help>;

export const ItemCard = z.strictObject({
  id: z.string(),
  group: z.string(),
  title: Text,
  summary: Text,
  /** A reason in words why the item can't be done now; the terminal says it before the resident starts. */
  unavailable: z
    .enum(['reader-away', 'receipt-printer-away', 'document-printer-away', 'needs-network', 'withdrawn'])
    .nullable(),
});

export const ItemGuide = ItemCard.extend({
  conditions: z.array(Text),
  materials: z.array(z.strictObject({ name: Text, how: z.enum(['card', 'seen', 'later']), note: Text.optional() })),
  promised: z.strictObject({ value: z.int(), unit: z.enum(['minutes', 'working-days', 'days']) }),
  feeFen: z.int(),
  feeBasis: Text,
  responsible: Text,
  place: Text,
  serves: Text,
  legalBasis: z.array(z.string()),
  complaintPhone: z.string(),
  offline: z.enum(['F', 'S', 'A', 'N']),
});
export type ItemGuide = z.infer<typeof ItemGuide>;

const Option = z.strictObject({ value: z.string(), label: Text });

/** A question as it stands on the screen now; hidden questions are left out. An ID number's value is masked. */
export const FieldView = z.strictObject({
  id: z.string(),
  label: Text,
  hint: Text.optional(),
  required: z.boolean(),
  /** The screen shows the question only when this answer stands among the form's answers. */
  when: z.strictObject({ field: z.string(), is: z.string() }).optional(),
  input: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fixed') }),
    z.strictObject({ kind: z.literal('choice'), options: z.array(Option) }),
    z.strictObject({ kind: z.literal('number'), digits: z.int(), suffix: Text.optional() }),
    z.strictObject({ kind: z.literal('phone') }),
    z.strictObject({ kind: z.literal('month'), notAfter: z.string(), notBefore: z.string() }),
  ]),
  value: z.string(),
});
export type FieldView = z.infer<typeof FieldView>;

/** What is wrong with an answer; the words stand in the translation files. */
export const FieldProblem = z.enum([
  'required',
  'not-a-choice',
  'not-a-number',
  'too-long',
  'not-a-phone',
  'not-a-month',
  'in-the-future',
]);
export type FieldProblem = z.infer<typeof FieldProblem>;

/** Why something could not be written down. */
const StoreProblem = z.enum(['disk-full', 'store-failed']);

/** Why a case was not accepted; `withdrawn`: the district takes nothing from this terminal any more. */
const SubmitProblem = z.enum([...StoreProblem.options, 'withdrawn']);

const Row = z.strictObject({ label: Text, value: Text });

/** Why a card or a document can't be used: it has expired, its number fails the check, or it names nobody. */
const Refusal = z.enum(['expired', 'number', 'kind']);

/** Print truth (R25): only `confirmed` says that the paper is out. */
export const PrintState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('queued') }),
  z.strictObject({ state: z.literal('printing') }),
  z.strictObject({ state: z.literal('confirmed') }),
  z.strictObject({ state: z.literal('unknown') }),
  z.strictObject({ state: z.literal('failed'), problem: JobProblem }),
  z.strictObject({ state: z.literal('held') }),
]);
export type PrintState = z.infer<typeof PrintState>;

export const PrintView = z.strictObject({
  id: z.string(),
  document: z.enum(['receipt', 'certificate', 'acceptance-notice']),
  title: Text,
  print: PrintState,
});
export type PrintView = z.infer<typeof PrintView>;

const SigningIn = z.strictObject({
  at: z.literal('signing-in'),
  problem: z.enum(['pin-wrong', 'locked']).nullable(),
  lockedForMs: z.number(),
});
export type SigningIn = z.infer<typeof SigningIn>;

/** A photograph that stands in the page's own address: nothing is fetched for it. */
const PhotoUrl = z
  .string()
  .regex(/^data:image\/(bmp|png|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/)
  .max('data:image/jpeg;base64,'.length + 4 * Math.ceil(PHOTO_MOST_BYTES / 3));

/** A worker at the terminal, over the resident's last page; the visit goes on below it. */
export const WorkerView = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('none') }),
  z.strictObject({ at: z.literal('called') }),
  SigningIn,
  z.strictObject({
    at: z.literal('confirming'),
    worker: z.string(),
    /** What the worker compares: the card's and the form's values in full, but the ID number masked. */
    rows: z.array(Row),
    /** The photograph of the card, where the terminal can decode it; nobody but a worker who has signed in sees it. */
    photo: PhotoUrl.nullable(),
    checks: z.array(z.strictObject({ id: z.string(), text: Text })),
    /** Why the decision was not written down. */
    problem: StoreProblem.nullable(),
  }),
  z.strictObject({ at: z.literal('confirmed'), worker: z.string() }),
  z.strictObject({ at: z.literal('refused'), worker: z.string() }),
]);
export type WorkerView = z.infer<typeof WorkerView>;

/** A worker who takes in a chipless document, over the page that waits for a card (R17). */
export const DocumentView = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('none') }),
  SigningIn,
  /** The zone is scanned or typed, character by character. */
  z.strictObject({
    at: z.literal('entering'),
    worker: z.string(),
    /** The terminal's scanner; null where it has none. */
    scanner: z.enum(['away', 'ready']).nullable(),
    format: ZoneFormat,
    /** Every line of the layout, as far as it is written. */
    lines: z.array(z.string()),
    /** Characters of a whole line. */
    length: z.int(),
    /** Where the next character goes, from 0. */
    cursor: z.strictObject({ line: z.int(), column: z.int() }),
    /** The first thing that is wrong in what is written. */
    problem: ZoneProblem.nullable(),
    /** The zone is whole and every check digit right. */
    right: z.boolean(),
    /** Why a right one can't be used all the same. */
    refused: Refusal.nullable(),
  }),
  /** The document's values, its number masked, beside the original. */
  z.strictObject({ at: z.literal('comparing'), worker: z.string(), rows: z.array(Row) }),
]);
export type DocumentView = z.infer<typeof DocumentView>;

const Rating = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('open') }),
  z.strictObject({ state: z.literal('rated'), level: z.int().min(1).max(5) }),
  z.strictObject({ state: z.literal('skipped') }),
]);

/** Where the visit stands: one screen each. */
export const Step = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('attract') }),
  /** A new visit needs an empty reader first (R17). */
  z.strictObject({ at: z.literal('clearing') }),
  z.strictObject({
    at: z.literal('home'),
    groups: z.array(z.strictObject({ id: z.string(), title: Text, summary: Text, icon: z.string() })),
    items: z.array(ItemCard),
  }),
  z.strictObject({ at: z.literal('item'), item: ItemGuide }),
  z.strictObject({
    at: z.literal('consent'),
    item: z.strictObject({ title: Text }),
    purpose: Text,
    data: z.array(Text),
    retention: Text,
    responsible: Text,
  }),
  z.strictObject({
    at: z.literal('identity'),
    item: z.strictObject({ title: Text }),
    reader: ReaderState,
    refused: Refusal.nullable(),
    /** After 15 s without a card: chipless documents and the way by a worker (R17). */
    otherWays: z.boolean(),
    worker: DocumentView,
  }),
  z.strictObject({
    at: z.literal('form'),
    item: z.strictObject({ title: Text }),
    title: Text,
    step: z.int(),
    steps: z.int(),
    fields: z.array(FieldView),
    problems: z.record(z.string(), FieldProblem),
  }),
  z.strictObject({
    at: z.literal('check'),
    item: z.strictObject({ title: Text }),
    rows: z.array(Row),
    /** What the resident declares with the signature. */
    declaration: Text,
    submitting: z.boolean(),
    problem: SubmitProblem.nullable(),
  }),
  z.strictObject({
    at: z.literal('done'),
    item: z.strictObject({ title: Text }),
    receiptNumber: z.string(),
    /** Local time, `HH:MM`. */
    acceptedAt: z.string(),
    prints: z.array(PrintView),
    worker: WorkerView,
    /** When and where the certificate is collected without a worker now. */
    collect: z.strictObject({ when: Text, where: Text }),
    sync: z.enum(['waiting', 'acknowledged']),
    rating: Rating,
    levels: z.array(
      z.strictObject({
        level: z.int(),
        title: Text,
        reasons: z.array(z.strictObject({ code: z.string(), title: Text })),
      }),
    ),
  }),
  /** Card and papers are to be taken; the reader says when the card is gone. */
  z.strictObject({
    at: z.literal('leaving'),
    card: z.enum(['taken', 'on-reader', 'left-behind']),
    papers: z.array(PrintView),
  }),
  z.strictObject({ at: z.literal('ended') }),
]);
export type Step = z.infer<typeof Step>;

/** All that a screen shows of a visit; pushed whole at each change. */
export const VisitSnapshot = z.strictObject({
  /** Counts snapshots, so that a late one can't overtake. */
  revision: z.int(),
  display: Display,
  /** Large letters are offered once, by the age that the card tells; never forced. */
  offer: z.enum(['none', 'large-letters']),
  deadline: Deadline.nullable(),
  help: Help,
  /** The alert that covers the screen until it is read. */
  alert: z.uuid().nullable(),
  step: Step,
});
export type VisitSnapshot = z.infer<typeof VisitSnapshot>;
