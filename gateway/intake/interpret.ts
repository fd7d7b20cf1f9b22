import type { z } from 'zod';
import type { CataloguePackage } from '#contract/catalogue.ts';
import type { Material } from '#contract/materials.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import {
  CaseOpen,
  CaseSealed,
  EntryBody,
  ErasureOpen,
  HelpOpen,
  KeyOpen,
  PrintOpen,
  RatingOpen,
  type SealedPart,
  VerificationOpen,
} from '#contract/wire.ts';
import type { Finding, IntakeCode, JournalEntry, Meaning, Refusal, SealedDayKey, WaitingCode } from '../store/store.ts';
import { faultOfCase } from './case-form.ts';
import { type DistrictOpeners, openSealedPart, unwrapCaseKey } from './unseal.ts';

/** Finds a terminal's day key, opened; null when it never came, or which key of the district would open it. */
export interface DayKeys {
  find(dayKey: string): Promise<Uint8Array | { readonly sealedTo: string } | null>;
  /** Remembers one that has just come. */
  add(dayKey: string, key: Uint8Array): void;
}

/** Finds a version of the catalogue; a store that never had any checks no case by one. */
export interface Catalogues {
  find(version: string): Promise<CataloguePackage | 'nothing' | 'no-version-at-all'>;
}

/** Has the materials of a case, and hands them to the desk. */
export interface CaseMaterials {
  /** @returns why the case can't be used yet, or can't be at all */
  take(
    materials: readonly Material[],
    of: { readonly case: string; readonly caseKey: { readonly id: string; readonly key: Uint8Array } },
  ): Promise<Refusal | null>;
}

export interface Interpreter {
  readonly terminal: string;
  readonly suite: Suite;
  /** Of the terminal's suite. */
  readonly openers: DistrictOpeners;
  readonly dayKeys: DayKeys;
  readonly catalogues: Catalogues;
  readonly materials: CaseMaterials;
}

/** What one entry of a terminal's journal means for the desk. Personal parts are opened, checked and let go. */
export async function interpret(entry: JournalEntry, context: Interpreter): Promise<Finding> {
  const body = EntryBody.safeParse(parseJson(entry.body));
  if (!body.success) return invalid('body');
  const { open, sealed } = body.data;
  if (entry.kind !== 'case' && sealed !== null) return invalid('sealed');

  switch (entry.kind) {
    case 'key': {
      const key = shapes.key.safeParse(open);
      return key.success ? await receiveDayKey(key.data, context) : invalid('open');
    }
    case 'case': {
      const found = shapes.case.safeParse(open);
      if (!found.success) return invalid('open');
      // Nobody opens its personal part or its materials any more; that it was accepted, the desk knows all the same.
      if (entry.isErased) return caseMeaning(entry, found.data, {}, context);
      const { materials = [] } = found.data;
      const meaning = await interpretCase(entry, found.data, sealed, context);
      return materials.length === 0 ? meaning : { ...meaning, materials };
    }
    case 'verification': {
      const found = shapes.verification.safeParse(open);
      if (!found.success) return invalid('open');
      const state = found.data.outcome === 'confirmed' ? 'verified' : 'refused';
      return { what: 'verification', case: found.data.case, state };
    }
    case 'rating': {
      const found = shapes.rating.safeParse(open);
      return found.success ? { what: 'rating', case: found.data.case, level: found.data.level } : invalid('open');
    }
    case 'erasure': {
      const found = shapes.erasure.safeParse(open);
      return found.success ? { what: 'erasure', entries: found.data.entries } : invalid('open');
    }
    case 'help':
      return shapes.help.safeParse(open).success ? { what: 'nothing' } : invalid('open');
    case 'print':
      return shapes.print.safeParse(open).success ? { what: 'nothing' } : invalid('open');
    default:
      return unreachable(entry.kind);
  }
}

/** A later release may tell more than this one knows: that is kept with the entry's bytes and passed over (docs/wire.md, Bodies). */
const shapes = {
  key: KeyOpen.loose(),
  case: CaseOpen.loose(),
  verification: VerificationOpen.loose(),
  rating: RatingOpen.loose(),
  help: HelpOpen.loose(),
  print: PrintOpen.loose(),
  erasure: ErasureOpen.loose(),
} as const;
const PersonalPart = CaseSealed.loose().extend({ signature: CaseSealed.shape.signature.loose() });

function invalid(code: Exclude<IntakeCode, WaitingCode>): Meaning {
  return { what: 'invalid', code };
}

async function receiveDayKey(key: SealedDayKey, context: Interpreter): Promise<Finding> {
  const opener = context.openers.get(key.districtKeyId);
  if (!opener) return { what: 'invalid', code: 'district-key', waitsFor: key.districtKeyId };
  const opened = await opener.open(context.terminal, key);
  if (!opened) return invalid('day-key');
  context.dayKeys.add(key.dayKey, opened);
  return { what: 'day-key', key };
}

type OpenCase = z.infer<typeof shapes.case>;

async function interpretCase(
  entry: JournalEntry,
  open: OpenCase,
  sealed: SealedPart | null,
  context: Interpreter,
): Promise<Meaning> {
  const caseKey = await caseKeyOf(entry, sealed, context);
  if (!caseKey.ok) return { what: 'invalid', ...caseKey.error };
  try {
    const personal = personalAnswers(entry, caseKey.value, context);
    if (!personal.ok) return { what: 'invalid', ...personal.error };
    const meaning = await caseMeaning(entry, open, personal.value, context);
    if (meaning.what === 'invalid') return meaning;
    const trouble = await context.materials.take(open.materials ?? [], { case: open.case, caseKey: caseKey.value });
    return trouble ? { what: 'invalid', ...trouble } : meaning;
  } finally {
    caseKey.value.key.fill(0);
  }
}

async function caseMeaning(
  { catalogue: version }: JournalEntry,
  { case: id, receiptNumber, item, acceptedAt, answers }: OpenCase,
  personal: Readonly<Record<string, string>>,
  { catalogues }: Interpreter,
): Promise<Meaning> {
  const catalogue = await catalogues.find(version);
  if (catalogue === 'nothing') return { what: 'invalid', code: 'no-catalogue', waitsFor: version };
  const asked = { item, open: answers, sealed: personal };
  const fault = catalogue === 'no-version-at-all' ? null : faultOfCase(catalogue, asked);
  return fault ? invalid(fault) : { what: 'case', case: id, receiptNumber, item, acceptedAt };
}

interface CaseKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly part: SealedPart;
}

/** The key of a case's personal part, or why that can't be had. */
async function caseKeyOf(
  entry: JournalEntry,
  part: SealedPart | null,
  { terminal, suite, dayKeys }: Interpreter,
): Promise<Result<CaseKey, Refusal>> {
  if (!part) return err({ code: 'sealed' });
  const wrapped = entry.keys.find(({ caseKey }) => caseKey === part.caseKey);
  if (!wrapped) return err({ code: 'no-case-key' });
  const dayKey = await dayKeys.find(wrapped.dayKey);
  if (!dayKey) return err({ code: 'no-day-key', waitsFor: wrapped.dayKey });
  if ('sealedTo' in dayKey) return err({ code: 'district-key', waitsFor: dayKey.sealedTo });
  const key = unwrapCaseKey({ suite, terminal }, wrapped, dayKey);
  return key ? ok({ id: part.caseKey, key, part }) : err({ code: 'case-key' });
}

/** The answers of a case's personal part, or why that can't be read or isn't one. */
function personalAnswers(
  { id, kind }: JournalEntry,
  { key, part }: CaseKey,
  { terminal, suite }: Interpreter,
): Result<Readonly<Record<string, string>>, Refusal> {
  const opened = openSealedPart({ suite, terminal, id, kind }, part, key);
  if (!opened.ok) return err({ code: opened.error });
  const personal = PersonalPart.safeParse(opened.value);
  return personal.success ? ok(personal.data.answers) : err({ code: 'sealed' });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
