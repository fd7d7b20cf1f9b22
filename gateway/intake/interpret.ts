import { unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import {
  CaseOpen,
  CaseSealed,
  EntryBody,
  HelpOpen,
  KeyOpen,
  PrintOpen,
  RatingOpen,
  type SealedPart,
  VerificationOpen,
} from '#contract/wire.ts';
import type { Finding, IntakeCode, JournalEntry, SealedDayKey } from '../store/store.ts';
import { type DayKeyOpener, openSealedPart, unwrapCaseKey } from './unseal.ts';

/** Finds a terminal's day key, opened; `no-day-key` when it never came. */
export interface DayKeys {
  find(dayKey: string): Promise<Uint8Array | null>;
  /** Remembers one that has just come. */
  add(dayKey: string, key: Uint8Array): void;
}

export interface Interpreter {
  readonly terminal: string;
  readonly suite: Suite;
  /** Of the terminal's suite, as the opener is. */
  readonly districtKeyId: string;
  readonly opener: DayKeyOpener;
  readonly dayKeys: DayKeys;
}

/** What one entry of a terminal's journal means for the desk. Personal parts are opened, checked and let go. */
export async function interpret(entry: JournalEntry, context: Interpreter): Promise<Finding> {
  const body = EntryBody.safeParse(parseJson(entry.body));
  if (!body.success) return invalid('body');
  const { open, sealed } = body.data;
  if (entry.kind !== 'case' && sealed !== null) return invalid('sealed');

  switch (entry.kind) {
    case 'key': {
      const key = KeyOpen.safeParse(open);
      return key.success ? await receiveDayKey(key.data, context) : invalid('open');
    }
    case 'case': {
      const found = CaseOpen.safeParse(open);
      if (!found.success) return invalid('open');
      const refused = await checkPersonalPart(entry, sealed, context);
      if (refused) return refused;
      const { receiptNumber, item, acceptedAt } = found.data;
      return { what: 'case', case: found.data.case, receiptNumber, item, acceptedAt };
    }
    case 'verification': {
      const found = VerificationOpen.safeParse(open);
      if (!found.success) return invalid('open');
      const state = found.data.outcome === 'confirmed' ? 'verified' : 'refused';
      return { what: 'verification', case: found.data.case, state };
    }
    case 'rating': {
      const found = RatingOpen.safeParse(open);
      return found.success ? { what: 'rating', case: found.data.case, level: found.data.level } : invalid('open');
    }
    case 'help':
      return HelpOpen.safeParse(open).success ? { what: 'nothing' } : invalid('open');
    case 'print':
      return PrintOpen.safeParse(open).success ? { what: 'nothing' } : invalid('open');
    default:
      return unreachable(entry.kind);
  }
}

function invalid(code: Exclude<IntakeCode, 'no-day-key'>): Finding {
  return { what: 'invalid', code };
}

async function receiveDayKey(key: SealedDayKey, context: Interpreter): Promise<Finding> {
  if (key.districtKeyId !== context.districtKeyId) return invalid('district-key');
  const opened = await context.opener.open(context.terminal, key);
  if (!opened) return invalid('day-key');
  context.dayKeys.add(key.dayKey, opened);
  return { what: 'day-key', key };
}

/** @returns why the personal part of a case can't be read or isn't one, or null. */
async function checkPersonalPart(
  entry: JournalEntry,
  sealed: SealedPart | null,
  { terminal, suite, dayKeys }: Interpreter,
): Promise<Finding | null> {
  if (!sealed) return invalid('sealed');
  const wrapped = entry.keys.find(({ caseKey }) => caseKey === sealed.caseKey);
  if (!wrapped) return invalid('no-case-key');
  const dayKey = await dayKeys.find(wrapped.dayKey);
  if (!dayKey) return { what: 'invalid', code: 'no-day-key', dayKey: wrapped.dayKey };
  const caseKey = unwrapCaseKey({ suite, terminal }, wrapped, dayKey);
  if (!caseKey) return invalid('case-key');
  const opened = openSealedPart({ suite, terminal, id: entry.id, kind: entry.kind }, sealed, caseKey);
  caseKey.fill(0);
  if (!opened.ok) return invalid(opened.error);
  return CaseSealed.safeParse(opened.value).success ? null : invalid('sealed');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
