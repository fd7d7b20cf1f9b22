import { z } from 'zod';

/** GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated; another code is kept as it stands on the card. */
const SexCode = z.string();

const CardBase = {
  /** The name as it stands on the card, at most 15 UTF-16 units there; non-BMP characters and `·` occur (R18). */
  name: z.string(),
  sex: SexCode,
  /** `YYYY-MM-DD`, or as printed on the card where it is no calendar date. */
  birth: z.string(),
  number: z.string(),
  validFrom: z.string(),
  /** `YYYY-MM-DD` or `long-term` (长期). */
  validTo: z.string(),
};

/** Bytes of the largest decoded photograph; one of 102 x 126 takes 39 KB as a plain bitmap. What is longer is none. */
export const PHOTO_MOST_BYTES = 262_144;

/** What a SAM_V reader reads from a chip (devices.md, text block). The photograph stays in its closed format. */
export const IdCard = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('resident'),
    ...CardBase,
    /** GB/T 3304 code, 01..56, 97 or 98; an unknown code is kept. */
    nation: z.string(),
    address: z.string(),
    authority: z.string(),
  }),
  z.strictObject({
    kind: z.literal('hk-macao-taiwan'),
    ...CardBase,
    address: z.string(),
    authority: z.string(),
    passNumber: z.string(),
    issueCount: z.string(),
  }),
  z.strictObject({
    kind: z.literal('foreign-2023'),
    ...CardBase,
    renewalCount: z.string(),
    englishName: z.string(),
    country: z.string(),
  }),
  z.strictObject({
    kind: z.literal('foreign-2017'),
    ...CardBase,
    chineseName: z.string(),
    country: z.string(),
    version: z.string(),
    authorityCode: z.string(),
  }),
]);
export type IdCard = z.infer<typeof IdCard>;

/** Why a card that lies on the reader was not read; every one is mended by lifting it and laying it down again. */
export const UnreadableWhy = z.enum(['lifted', 'read-failed', 'rejected', 'garbled', 'wrong-kind']);
export type UnreadableWhy = z.infer<typeof UnreadableWhy>;

/** Why a device does not serve, with `detail` for staff (never personal data). */
const Fault = { why: z.string(), remedy: z.string() };

/** The ID-card reader as everyone sees it. */
export const ReaderState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('away'), ...Fault }),
  z.strictObject({ state: z.literal('ready') }),
  /** Asks for a card; none lies there yet. */
  z.strictObject({ state: z.literal('looking') }),
  z.strictObject({ state: z.literal('reading') }),
  z.strictObject({ state: z.literal('card') }),
  z.strictObject({ state: z.literal('unreadable'), why: UnreadableWhy }),
  z.strictObject({ state: z.literal('fault'), ...Fault }),
]);
export type ReaderState = z.infer<typeof ReaderState>;

/** A scanner as everyone sees it; it never speaks by itself, so that `ready` means an open port. */
export const ScannerState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('away'), ...Fault }),
  z.strictObject({ state: z.literal('ready') }),
]);
export type ScannerState = z.infer<typeof ScannerState>;

/** A camera as everyone sees it; `ready` means that it is there, gives pictures and may be opened. */
export const CameraState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('away'), ...Fault }),
  z.strictObject({ state: z.literal('ready') }),
]);
export type CameraState = z.infer<typeof CameraState>;

/**
 * What was scanned, by its form alone: `receipt` has the form of our receipt numbers (its check character is not judged yet),
 * `document` that of the code on our sheets (its signature is not). Any of them may be personal data.
 */
export const Scan = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('receipt'), number: z.string() }),
  z.strictObject({ kind: z.literal('document'), code: z.string() }),
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
]);
export type Scan = z.infer<typeof Scan>;

/** What keeps a printer from printing; all but `fault` are mended by a hand at the terminal. */
export const PrinterProblem = z.enum(['paper-out', 'cover-open', 'jam', 'cutter', 'paused', 'supply-empty', 'fault']);
export type PrinterProblem = z.infer<typeof PrinterProblem>;

/** Why a print job failed: what is wrong with the printer, or `missing-glyph`, a character that no font can draw. */
export const JobProblem = PrinterProblem.or(z.enum(['away', 'missing-glyph']));
export type JobProblem = z.infer<typeof JobProblem>;

/** A printer as everyone sees it. `low` means that paper or toner runs out soon. */
export const PrinterState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('away'), ...Fault }),
  z.strictObject({ state: z.literal('ready'), low: z.array(z.enum(['paper', 'toner'])) }),
  z.strictObject({ state: z.literal('printing') }),
  z.strictObject({ state: z.literal('blocked'), problem: PrinterProblem, remedy: z.string() }),
]);
export type PrinterState = z.infer<typeof PrinterState>;

/**
 * How a print job ended. `confirmed` needs an answer that stands behind the job in the printer's own order; `unknown` means
 * that bytes went out and no such answer came; `failed` means that the printer refused or stopped.
 */
export const PrintOutcome = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('confirmed') }),
  z.strictObject({ outcome: z.literal('unknown'), why: z.string() }),
  z.strictObject({ outcome: z.literal('failed'), problem: JobProblem, why: z.string() }),
]);
export type PrintOutcome = z.infer<typeof PrintOutcome>;

const Align = z.enum(['left', 'centre', 'right']);

/** A receipt, line by line; widths are the printer's business. */
export const ReceiptLine = z.discriminatedUnion('line', [
  z.strictObject({
    line: z.literal('text'),
    text: z.string(),
    align: Align.default('left'),
    /** Character size as a multiple of the printer's own, 1..4. */
    size: z.int().min(1).max(4).default(1),
    bold: z.boolean().default(false),
  }),
  /** A label at the left and a value at the right of one line; it wraps when both do not fit. */
  z.strictObject({ line: z.literal('pair'), label: z.string(), value: z.string() }),
  z.strictObject({ line: z.literal('rule') }),
  z.strictObject({
    line: z.literal('qr'),
    data: z.string().min(1).max(700),
    moduleDots: z.int().min(3).max(12).default(6),
  }),
  z.strictObject({ line: z.literal('feed'), lines: z.int().min(1).max(20) }),
]);
export type ReceiptLine = z.infer<typeof ReceiptLine>;

export const Receipt = z.strictObject({ lines: z.array(ReceiptLine).min(1).max(500) });
export type Receipt = z.infer<typeof Receipt>;
