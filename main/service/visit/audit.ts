import type { Person } from '#contract/person.ts';
import type { AuditEventName } from '../audit-events.ts';
import type { AuditEvent } from '../store/audit.ts';
import type { VisitContext } from './context.ts';
import type { VisitState } from './snapshot.ts';

type Event = AuditEvent<AuditEventName>;

/** Compares two states of the machine and names what happened between them, so that no transition can forget to. */
export function auditOf(before: VisitState, after: VisitState): Event[] {
  const [from, to] = [sceneOf(before), sceneOf(after)];
  return [...ofScenes(before, after, from, to), ...ofCase(before, after), ...ofHelp(before.context, after.context)];
}

/** The scene with its inner state, such as `done.confirming.writing`. */
function sceneOf(state: VisitState): string {
  const path: string[] = [];
  let value: unknown = state.value.scene;
  while (typeof value === 'object' && value !== null) {
    const [key = '', inner] = Object.entries(value)[0] ?? [];
    path.push(key);
    value = inner;
  }
  return [...path, String(value)].join('.');
}

function ofScenes(before: VisitState, after: VisitState, from: string, to: string): Event[] {
  const events: Event[] = [];
  const visit = after.context.visit ?? before.context.visit ?? '';
  const item = before.context.item?.id ?? '';
  const arrives = (scene: string) => to.startsWith(scene) && !from.startsWith(scene);
  if (before.context.visit === null && after.context.visit !== null)
    events.push({ event: 'visit.began', subject: visit });
  if (arrives('clearing')) events.push({ event: 'visit.card-in-the-way', subject: visit });
  if (from === 'consent' && (arrives('identity') || arrives('form'))) {
    events.push({ event: 'visit.consented', subject: visit, detail: { item } });
  }
  if (from === 'consent' && to === 'home')
    events.push({ event: 'visit.consent-refused', subject: visit, detail: { item } });
  if (after.context.timedOut && !before.context.timedOut)
    events.push({ event: 'visit.timed-out', subject: visit, detail: { at: from } });
  if (arrives('leaving')) events.push({ event: 'visit.left', subject: visit });
  if (arrives('ended')) events.push({ event: 'visit.ended', subject: visit, detail: { from } });
  if (inCard(after, 'forgotten') && !inCard(before, 'forgotten'))
    events.push({ event: 'card.left-behind', subject: '' });
  return events;
}

function inCard(state: VisitState, inner: 'waiting' | 'forgotten'): boolean {
  return typeof state.value.card === 'object' && state.value.card.watching === inner;
}

function ofCase(before: VisitState, after: VisitState): Event[] {
  const [b, a] = [before.context, after.context];
  const events: Event[] = [];
  const visit = a.visit ?? b.visit ?? '';
  if (a.person && a.person !== b.person) {
    events.push(ofPerson(a.person.reveal(), visit));
  }
  if (a.refused && a.refused !== b.refused)
    events.push({ event: 'identity.refused', subject: visit, detail: { why: a.refused } });
  if (a.submitProblem && !b.submitProblem) {
    events.push({ event: 'case.not-accepted', subject: visit, detail: { why: a.submitProblem } });
  }
  if (a.accepted && a.accepted !== b.accepted) {
    events.push({ event: 'case.accepted', subject: a.accepted.id, detail: { item: a.item?.id ?? '', visit } });
  }
  const subject = (a.accepted ?? b.accepted)?.id ?? '';
  if (a.accepted && a.rating.state !== b.rating.state && a.rating.state !== 'open') {
    events.push({ event: 'case.rated', subject, detail: { state: a.rating.state } });
  } else if (b.accepted && !a.accepted && b.rating.state === 'open') {
    events.push({ event: 'case.rated', subject, detail: { state: 'not-rated' } });
  }
  return [...events, ...ofStaff(before, after, subject || visit)];
}

function ofPerson(person: Person, visit: string): Event {
  if (person.kind !== 'travel-document') {
    return { event: 'identity.read', subject: visit, detail: { kind: person.kind } };
  }
  const { confirmedBy, document } = person;
  return { event: 'identity.confirmed', subject: visit, detail: { kind: document, worker: confirmedBy } };
}

function ofStaff(before: VisitState, after: VisitState, subject: string): Event[] {
  const [from, to] = [sceneOf(before), sceneOf(after)];
  const worker = (after.context.worker ?? before.context.worker)?.id ?? '';
  if (from.endsWith('signingIn.checking')) {
    if (to.startsWith('done.confirming') || to.startsWith('identity.document'))
      return [{ event: 'staff.signed-in', subject, detail: { worker } }];
    if (to.endsWith('signingIn.waiting')) {
      return [{ event: after.context.signInProblem === 'locked' ? 'staff.locked' : 'staff.pin-wrong', subject }];
    }
  }
  if (from.startsWith('done.confirming')) {
    if (to === 'done.confirmed') return [{ event: 'case.confirmed', subject, detail: { worker } }];
    if (to === 'done.refused') return [{ event: 'case.refused', subject, detail: { worker } }];
    if (!to.startsWith('done.confirming')) return [{ event: 'staff.left', subject }];
  }
  // Who confirmed a document did what the worker came for.
  const confirmed = from === 'identity.document.comparing' && to === 'form';
  if (from.startsWith('identity.document') && !to.startsWith('identity.document') && !confirmed) {
    return [{ event: 'staff.left', subject }];
  }
  return [];
}

function ofHelp(before: VisitContext, after: VisitContext): Event[] {
  const { help, visit } = after;
  if (!help) return [];
  if (help.ticket !== before.help?.ticket) return [{ event: 'help.called', subject: help.ticket, detail: { visit } }];
  return help.worker !== null && before.help.worker === null
    ? [{ event: 'help.seen', subject: help.ticket, detail: { visit } }]
    : [];
}
