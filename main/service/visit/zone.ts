import type { IdCard } from '#contract/devices.ts';
import type { ZoneDocument } from '#contract/person.ts';
import type { Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import { type Refusal, refusal } from '../intake/id-number.ts';
import { readZone, type ZoneFault } from '../intake/mrz.ts';
import { EMPTY_DRAFT, linesOf, type ZoneDraft } from '../intake/zone-draft.ts';
import { localDay } from '../time/clock.ts';
import type { VisitContext } from './context.ts';

/** Why a card or a document can't be used today. */
export function refusalOf(context: VisitContext, given: IdCard | ZoneDocument): Refusal | null {
  return refusal(given, localDay(context.ports.clock.wall()));
}

/** What the zone that was entered says, or what is wrong with it; null while nobody enters one. */
export function readDraft(context: VisitContext): Result<ZoneDocument, ZoneFault> | null {
  if (!context.zone) return null;
  const { format, text } = context.zone.reveal();
  return readZone(format, text, localDay(context.ports.clock.wall()));
}

/** The document that was entered, when it is right and can be used. */
export function usableDocument(context: VisitContext): ZoneDocument | null {
  const read = readDraft(context);
  return read?.ok && refusalOf(context, read.value) === null ? read.value : null;
}

/** Behind the first character that is wrong; where the cursor stands when none is. */
export function behindMistake(context: VisitContext, draft: ZoneDraft): ZoneDraft {
  const read = readDraft(context);
  const mistake = read?.ok === false ? read.error.problems[0] : undefined;
  if (!mistake) return draft;
  return { ...draft, cursor: mistake.line * linesOf(draft).length + mistake.column + 1 };
}

/** Changes the draft; the one before is wiped. */
export function redraft(context: VisitContext, change: (draft: ZoneDraft) => ZoneDraft): Partial<VisitContext> {
  const zone = new Sensitive(change(context.zone?.reveal() ?? EMPTY_DRAFT));
  context.zone?.wipe();
  const read = readDraft({ ...context, zone });
  return { zone, refused: read?.ok ? refusalOf(context, read.value) : null };
}
