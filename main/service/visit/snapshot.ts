import type { SnapshotFrom } from 'xstate';
import type { Item } from '#contract/catalogue.ts';
import type { Text } from '#contract/text.ts';
import type { DocumentView, Help, PrintView, SigningIn, Step, VisitSnapshot, WorkerView } from '#contract/visit.ts';
import { documentRows } from '../intake/card.ts';
import { stepView } from '../intake/form.ts';
import { type Row, rowsOf } from '../intake/values.ts';
import { isOpen, PHOTOGRAPH, timeOfDay } from '../intake/words.ts';
import { EMPTY_DRAFT, linesOf } from '../intake/zone-draft.ts';
import { coveringAlert, type VisitContext, type VisitPaper } from './context.ts';
import type { visitMachine } from './machine.ts';
import { formContext } from './setup.ts';
import { readDraft, usableDocument } from './zone.ts';

export type VisitState = SnapshotFrom<typeof visitMachine>;

/** All that the screen shows of a visit. */
export function visitSnapshot(state: VisitState, revision: number): VisitSnapshot {
  const { context } = state;
  const { deadline } = context;
  return {
    revision,
    display: context.display,
    offer: context.letters === 'offered' && state.matches({ scene: 'form' }) ? 'large-letters' : 'none',
    deadline: deadline && {
      phase: deadline.phase,
      leftMs: Math.max(deadline.endsAtMs - context.ports.clock.monotonicMs(), 0),
      totalMs: deadline.totalMs,
      extensionsLeft: context.extensionsLeft,
    },
    help: helpView(context),
    alert: coveringAlert(context),
    step: stepOf(state),
  };
}

function helpView({ help, ports }: VisitContext): Help {
  if (!help) return { state: 'none' };
  if (help.worker !== null) return { state: 'seen', worker: help.worker };
  const { opens, phone } = ports.community;
  return { state: 'called', openNow: isOpen(ports.community, ports.clock.wall()), opens, phone };
}

function stepOf(state: VisitState): Step {
  const { context } = state;
  const { scene } = state.value;
  if (typeof scene === 'object') {
    if ('identity' in scene) return identityStep(state);
    if ('check' in scene) return checkStep(context, scene.check === 'submitting');
    if ('done' in scene) return doneStep(state);
    if ('leaving' in scene) return { at: 'leaving', card: context.card, papers: papersOf(context.prints) };
    return { at: 'attract' };
  }
  switch (scene) {
    case 'clearing':
      return { at: 'clearing' };
    case 'home':
      return homeStep(context);
    case 'item':
      return itemStep(context, requireItem(context));
    case 'consent':
      return consentStep(context, requireItem(context));
    case 'form':
      return formStep(context, requireItem(context));
    case 'ended':
      return { at: 'ended' };
    default:
      return scene satisfies never;
  }
}

function requireItem({ item }: VisitContext): Item {
  if (!item) throw new Error('a scene about an item without an item');
  return item;
}

function titleOf(context: VisitContext): { title: Text } {
  return { title: requireItem(context).title };
}

function homeStep({ ports }: VisitContext): Step {
  const { groups, items } = ports.catalogue.content;
  return { at: 'home', groups, items: items.map((item) => itemCard(item, ports)) };
}

function itemCard(item: Item, ports: VisitContext['ports']): Extract<Step, { at: 'home' }>['items'][number] {
  const { id, group, title, summary } = item;
  return { id, group, title, summary, unavailable: ports.unavailable(item) };
}

function itemStep({ ports }: VisitContext, item: Item): Step {
  return {
    at: 'item',
    item: {
      ...itemCard(item, ports),
      conditions: item.conditions,
      materials: item.materials.map(({ name, how, note }) => ({ name, how, ...(note ? { note } : {}) })),
      promised: item.limits.promised,
      feeFen: item.fee.amountFen,
      feeBasis: item.fee.basis,
      responsible: item.responsible.name,
      place: item.place,
      serves: item.serves,
      legalBasis: item.legalBasis,
      complaintPhone: item.complaintPhone,
      offline: item.offline,
    },
  };
}

/** The photograph is the terminal's own doing, whatever the item asks for. */
function consentStep({ ports }: VisitContext, item: Item): Step {
  const { purpose, retention } = item.consent;
  const data = ports.reader.decodesPhotos ? [...item.consent.data, PHOTOGRAPH] : item.consent.data;
  return { at: 'consent', item: { title: item.title }, purpose, data, retention, responsible: item.responsible.name };
}

type At = Parameters<VisitState['matches']>[0];

function identityStep(state: VisitState): Step {
  const { context } = state;
  return {
    at: 'identity',
    item: titleOf(context),
    reader: context.ports.readerState(),
    refused: context.refused,
    // Who once waited long enough finds the other ways again.
    otherWays: !state.matches({ scene: { identity: { atReader: 'looking' } } }),
    worker: documentView(state),
  };
}

function documentView(state: VisitState): DocumentView {
  const { context } = state;
  const at = (desk: object | string) => state.matches({ scene: { identity: desk } } as At);
  const worker = context.worker?.name ?? '';
  if (at('signingIn')) return signingInView(context);
  if (at({ document: 'comparing' })) {
    const read = usableDocument(context);
    return { at: 'comparing', worker, rows: read ? documentRows(read) : [] };
  }
  return at('document') && context.zone ? enteringView(context, worker) : { at: 'none' };
}

function enteringView(context: VisitContext, worker: string): DocumentView {
  const draft = context.zone?.reveal() ?? EMPTY_DRAFT;
  const read = readDraft(context);
  return {
    at: 'entering',
    worker,
    scanner: context.ports.scanner?.state.state ?? null,
    format: draft.format,
    ...linesOf(draft),
    problem: read?.ok === false ? (read.error.problems[0] ?? null) : null,
    right: read?.ok ?? false,
    refused: context.refused,
  };
}

function signingInView({ ports, signInProblem }: VisitContext): SigningIn {
  return { at: 'signing-in', problem: signInProblem, lockedForMs: ports.staff.lockedForMs() };
}

function formStep(context: VisitContext, item: Item): Step {
  const form = formContext(context);
  const step = item.form.steps[context.step];
  if (!form || !step) throw new Error('a form without a card or a step');
  return {
    at: 'form',
    item: { title: item.title },
    title: step.title,
    step: context.step + 1,
    steps: item.form.steps.length,
    fields: stepView(item, context.step, context.answers?.reveal() ?? {}, form),
    problems: context.problems,
  };
}

const DECLARATION: Text = {
  zh: '以上内容真实，由我本人填写；我同意按告知的用途使用这些信息。',
  en: 'The above is true and was entered by me; I agree that it is used as I was told.',
};

function allRows(context: VisitContext): Row[] {
  const form = formContext(context);
  return form ? rowsOf(requireItem(context), context.answers?.reveal() ?? {}, form) : [];
}

function checkStep(context: VisitContext, submitting: boolean): Step {
  return {
    at: 'check',
    item: titleOf(context),
    rows: allRows(context),
    declaration: DECLARATION,
    submitting,
    problem: context.submitProblem,
  };
}

function doneStep(state: VisitState): Step {
  const { context } = state;
  const { accepted, ports } = context;
  if (!accepted) throw new Error('done without a case');
  const { levels, reasons } = ports.catalogue.content.evaluation;
  return {
    at: 'done',
    item: titleOf(context),
    receiptNumber: accepted.receiptNumber,
    acceptedAt: timeOfDay(accepted.acceptedAt),
    prints: papersOf(context.prints.filter((paper) => paper.case === accepted.id)),
    worker: workerView(state),
    collect: accepted.collect,
    sync: context.acknowledged ? 'acknowledged' : 'waiting',
    rating: context.rating,
    levels: (['5', '4', '3', '2', '1'] as const).map((level) => ({
      level: Number(level),
      title: levels[level],
      reasons: Object.entries(reasons[level]).map(([code, title]) => ({ code, title })),
    })),
  };
}

function workerView(state: VisitState): WorkerView {
  const { context } = state;
  const at = (desk: string) => state.matches({ scene: { done: desk } } as At);
  const worker = context.worker?.name ?? '';
  if (at('called')) return { at: 'called' };
  if (at('signingIn')) return signingInView(context);
  if (at('confirming'))
    return {
      at: 'confirming',
      worker,
      rows: allRows(context),
      photo: photoView(context),
      checks: requireItem(context).verification,
      problem: context.verifyProblem,
    };
  if (at('confirmed')) return { at: 'confirmed', worker };
  if (at('refused')) return { at: 'refused', worker };
  return { at: 'none' };
}

/** The page takes pictures from addresses only, and no file and no server may hold this one. */
function photoView({ photo }: VisitContext): string | null {
  if (!photo) return null;
  const { buffer, byteOffset, byteLength } = photo.bytes.reveal();
  return `data:${photo.type};base64,${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
}

function papersOf(papers: readonly VisitPaper[]): PrintView[] {
  return papers.map(({ job, document, title, print }) => ({ id: job, document, title, print }));
}
