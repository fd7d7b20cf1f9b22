import { type CallAnswer, type CallError, type CallInput, calls, isCallName } from '#contract/calls.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { VisitContext, VisitEvent } from './context.ts';

export const TAKEN: CallAnswer = { ok: true };

export function notTaken(code: CallError['code']): CallAnswer {
  return { ok: false, error: { code } };
}

type CallEvent = VisitEvent | { type: 'screen.ready' } | ({ type: 'speech.say' } & CallInput<'speech.say'>);

/** Checks a call's name and input; a call comes from the screen and is not trusted. */
export function readCall(name: string, input: unknown): Result<CallEvent, CallError['code']> {
  if (!isCallName(name)) return err('unknown-call');
  const parsed = calls[name].safeParse(input ?? {});
  if (!parsed.success) return err('invalid');
  // The schema of each name is the event's shape; TypeScript can't see the pair in a record.
  return ok({ type: name, ...parsed.data } as CallEvent);
}

/** What a schema alone can't see: codes that have to fit the item or the catalogue. */
export function fits(event: VisitEvent, context: VisitContext): boolean {
  if (event.type === 'visit.rate') {
    const level = String(event.level) as '1' | '2' | '3' | '4' | '5';
    const reasons = context.ports.catalogue.content.evaluation.reasons[level];
    return isSet(event.reasons) && event.reasons.every((code) => Object.hasOwn(reasons, code));
  }
  if (event.type === 'worker.confirm') {
    const wanted = context.item?.verification.map(({ id }) => id) ?? [];
    return isSet(event.seen) && event.seen.length === wanted.length && wanted.every((id) => event.seen.includes(id));
  }
  // A touch is no signature.
  return event.type !== 'visit.submit' || event.signature.strokes.some((stroke) => stroke.length >= 6);
}

function isSet(list: readonly string[]): boolean {
  return new Set(list).size === list.length;
}
