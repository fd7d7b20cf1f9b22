import { hostname } from 'node:os';
import type { PrinterProblem } from '#contract/devices.ts';

/** IPP (RFC 8010, RFC 8011) as far as this driver speaks it: its operations, attributes, states and reasons. */
export const OPERATIONS = {
  'Print-Job': 0x0002,
  'Create-Job': 0x0005,
  'Send-Document': 0x0006,
  'Cancel-Job': 0x0008,
  'Get-Job-Attributes': 0x0009,
  'Get-Jobs': 0x000a,
  'Get-Printer-Attributes': 0x000b,
} as const;
export type Operation = keyof typeof OPERATIONS;

// biome-ignore format: a table
export const TAGS = {
  operation: 0x01, job: 0x02, end: 0x03, printer: 0x04,
  integer: 0x21, boolean: 0x22, enum: 0x23, octets: 0x30, text: 0x41, name: 0x42, keyword: 0x44, uri: 0x45, charset: 0x47,
  language: 0x48, mimeType: 0x49, textWithLanguage: 0x35, nameWithLanguage: 0x36,
} as const;

/** Syntax of each attribute that is sent. */
export const SYNTAX = {
  'attributes-charset': TAGS.charset,
  'attributes-natural-language': TAGS.language,
  'printer-uri': TAGS.uri,
  'job-id': TAGS.integer,
  'requesting-user-name': TAGS.name,
  'job-name': TAGS.name,
  'requested-attributes': TAGS.keyword,
  'document-format': TAGS.mimeType,
  'last-document': TAGS.boolean,
  'which-jobs': TAGS.keyword,
  'my-jobs': TAGS.boolean,
  limit: TAGS.integer,
  /** CUPS alone: the job's files and its record go. */
  'purge-job': TAGS.boolean,
  media: TAGS.keyword,
  sides: TAGS.keyword,
  copies: TAGS.integer,
} as const;
export type SentName = keyof typeof SYNTAX;

/** Statuses below this are successes. */
export const FIRST_ERROR = 0x0100;
export const STATUS = {
  notFound: 0x0406,
  gone: 0x0407,
  operationNotSupported: 0x0501,
  notAcceptingJobs: 0x0506,
  busy: 0x0507,
} as const;

export const MEDIA = 'iso_a4_210x297mm';
export const PDF = 'application/pdf';
export const TWO_SIDED = 'two-sided-long-edge';
/** Whose jobs they are: two terminals may share a printer. */
export const USER = `yichuang@${hostname()}`;

export const PRINTER_STATE = { idle: 3, processing: 4, stopped: 5 } as const;
// biome-ignore format: a table
export const JOB_STATE = {
  pending: 3, held: 4, processing: 5, stopped: 6, cancelled: 7, aborted: 8, completed: 9,
} as const;

/** The reason of a completed job that not all of was printed for. */
export const WITH_ERRORS = 'job-completed-with-errors';

/** `cups-version`, and the `device-uri` of the printer behind the queue, are told by CUPS alone. */
export const PRINTER_ATTRIBUTES = [
  'printer-state',
  'printer-state-reasons',
  'printer-state-message',
  'printer-is-accepting-jobs',
  'cups-version',
  'device-uri',
] as const;
/** Asked for with the first question: what the printer can do does not change while it is there. */
export const CAPABILITY_ATTRIBUTES = ['document-format-supported', 'media-supported', 'sides-supported'] as const;
/** A printer's own words for its supplies (PWG 5100.13), and those of CUPS. */
export const SUPPLY_ATTRIBUTES = [
  'printer-supply',
  'printer-supply-description',
  'marker-names',
  'marker-levels',
] as const;
export const JOB_ATTRIBUTES = ['job-state', 'job-state-reasons'] as const;
/** Jobs are listed so many at a time. */
export const LIST_LIMIT = 50;
export const LIST_ATTRIBUTES = ['job-id', 'job-originating-user-name'] as const;

export interface Meaning {
  readonly problem: PrinterProblem;
  readonly remedy: string;
}

const paperOut: Meaning = { problem: 'paper-out', remedy: 'put A4 paper into the printer' };
const jam: Meaning = { problem: 'jam', remedy: 'open the printer and take out the jammed sheet' };
const open: Meaning = { problem: 'cover-open', remedy: 'close the covers and doors of the printer' };
const supply: Meaning = { problem: 'supply-empty', remedy: 'put a new toner cartridge into the printer' };
const paused: Meaning = { problem: 'paused', remedy: 'resume the printer at its panel or in its queue' };
export const NO_PDF: Meaning = {
  problem: 'fault',
  remedy: 'name a printer or a queue that takes PDF; this one does not',
};
export const NO_A4: Meaning = {
  problem: 'fault',
  remedy: 'name a printer that takes A4 paper, or set its tray to A4; this one does not',
};
const FULL: Meaning = {
  problem: 'fault',
  remedy: 'delete old jobs from the printer; it has no room for another',
};
export const STOPPED: Meaning = { problem: 'fault', remedy: 'look at the printer’s panel and do what it asks for' };

/** Reasons, without their severity, that keep a printer from printing, the most telling first. */
export const BLOCKS: readonly (readonly [string, Meaning])[] = [
  ['media-jam', jam],
  ['cover-open', open],
  ['door-open', open],
  ['interlock-open', open],
  ['media-empty', paperOut],
  ['media-needed', paperOut],
  ['toner-empty', supply],
  ['marker-supply-empty', supply],
  ['spool-area-full', FULL],
  ['paused', paused],
];

/** Reasons by which a stopped queue says that it has lost its printer; `offline` says so by itself. */
export const UNREACHABLE: readonly string[] = ['timed-out', 'connecting-to-device'];

/** CUPS' words for a printer that it does not reach. They are in the language that a job was sent in, which is `en` here. */
export const UNREACHED = /^(the printer (may not exist|is unreachable|is not responding)|unable to locate printer)/i;
/** The addresses of printers that CUPS reaches by IPP. */
export const IPP_URI = /^(ipps?:|dnssd:.*_ipps?\._tcp)/;
/** CUPS' back end for IPP printers gives this reason once the printer has taken the whole job. */
export const TAKEN = 'cups-waiting-for-job-completed';

/** Reasons that announce the end of paper or toner. */
export const LOW: Readonly<Record<string, 'paper' | 'toner'>> = {
  'media-low': 'paper',
  'toner-low': 'toner',
  'marker-supply-low': 'toner',
};

/** Milliseconds. */
export const TIMING = {
  answerMs: 5_000,
  uploadMs: 30_000,
  idleMs: 3_000,
  followMs: 500,
  /** A job that the printer cannot go on with is cancelled after this, and one that never ends after that. */
  stuckMs: 10_000,
  longestMs: 180_000,
  /** A printer that is busy with another job is asked again for this long. */
  busyMs: 15_000,
  /** A printer that went away during a job is waited for this long. */
  awayMs: 15_000,
  /** A queue that has not reached its printer by then is said to be away. */
  silentMs: 5_000,
  /** CUPS has this long to stop its back end before the files of a job are left for the next look. */
  stopMs: 2_000,
} as const;
