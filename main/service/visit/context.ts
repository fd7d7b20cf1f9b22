import type { CallInput, CallName } from '#contract/calls.ts';
import type { Item } from '#contract/catalogue.ts';
import type { Person } from '#contract/person.ts';
import type { Sensitive } from '#contract/sensitive.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import type { Text } from '#contract/text.ts';
import type { Display, FieldProblem, Step } from '#contract/visit.ts';
import type { Picture } from '#drivers/index.ts';
import type { AcceptedCase, Application, StoreProblem, SubmitProblem } from '../intake/case-desk.ts';
import type { Answers } from '../intake/form.ts';
import type { Refusal } from '../intake/id-number.ts';
import type { ScannedZone, ZoneDraft } from '../intake/zone-draft.ts';
import type { PrintChange } from '../print/print-desk.ts';
import type { Worker } from '../staff/sign-in.ts';
import type { VisitPorts } from './ports.ts';

type Leaving = Extract<Step, { at: 'leaving' }>;
type Done = Extract<Step, { at: 'done' }>;

/** A paper of the visit under the name that it came about with; the visit may go on to another item. */
export interface VisitPaper extends PrintChange {
  readonly title: Text;
}

const TITLES = {
  receipt: { zh: '收件回执', en: 'Receipt' },
  certificate: { zh: '证明', en: 'Certificate' },
  'acceptance-notice': { zh: '受理通知书', en: 'Acceptance notice' },
} as const satisfies Record<PrintChange['document'], Text>;

/** @returns the visit's papers with one that is new or has changed. */
export function withPaper({ item, prints }: VisitContext, change: PrintChange): VisitPaper[] {
  if (prints.some(({ job }) => job === change.job)) {
    return prints.map((paper) => (paper.job === change.job ? { ...paper, ...change } : paper));
  }
  const title = change.document === 'certificate' && item ? item.title : TITLES[change.document];
  return [...prints, { ...change, title }];
}

/** What one visit knows. Personal data stands in `Sensitive` only and is wiped by the transition that ends the visit. */
export interface VisitContext {
  readonly ports: VisitPorts;
  /** UUID of the visit; null while nobody is there. */
  readonly visit: string | null;
  readonly display: Display;
  /** Whether larger letters were offered; who once chose a size, or answered, is not asked again. */
  readonly letters: 'unasked' | 'offered' | 'settled';
  readonly item: Item | null;
  readonly person: Sensitive<Person> | null;
  /** The photograph of the person's card, for a worker to compare; null where no vendor's program gives one. */
  readonly photo: Picture | null;
  /** Why the card or the document that was read last can't be used. */
  readonly refused: Refusal | null;
  /** The zone that a worker is entering. */
  readonly zone: Sensitive<ZoneDraft> | null;
  readonly step: number;
  readonly answers: Sensitive<Answers> | null;
  readonly problems: Readonly<Record<string, FieldProblem>>;
  readonly submitProblem: SubmitProblem | null;
  readonly accepted: AcceptedCase | null;
  readonly application: Sensitive<Application> | null;
  readonly acknowledged: boolean;
  /** Every paper of the visit, oldest first. */
  readonly prints: readonly VisitPaper[];
  readonly notice: 'none' | 'ordered';
  readonly rating: Done['rating'];
  readonly worker: Worker | null;
  readonly signInProblem: 'pin-wrong' | 'locked' | null;
  /** Why a worker's decision was not written down. */
  readonly verifyProblem: StoreProblem | null;
  readonly help: { readonly ticket: string; readonly worker: string | null } | null;
  readonly card: Leaving['card'];
  readonly deadline: {
    readonly phase: 'running' | 'warning';
    readonly endsAtMs: number;
    readonly totalMs: number;
  } | null;
  /** Ids of the alerts that this person has read. */
  readonly alertsRead: readonly string[];
  readonly extensionsLeft: number;
  /** The deadline passed: nobody stands there any more. */
  readonly timedOut: boolean;
}

type CallEvent = {
  [N in CallName]: { readonly type: N } & (CallInput<N> extends Record<string, never> ? unknown : CallInput<N>);
}[CallName];

/** Calls of the screen and what devices, papers and the district tell. */
export type VisitEvent =
  | Exclude<CallEvent, { type: 'screen.ready' | 'speech.say' }>
  | { readonly type: 'print.changed'; readonly change: PrintChange }
  | { readonly type: 'district.acknowledged'; readonly case: string }
  | { readonly type: 'alerts.changed' }
  | { readonly type: 'card.lies' }
  | { readonly type: 'card.gone' }
  | { readonly type: 'zone.scanned'; readonly scan: Sensitive<ScannedZone> }
  | { readonly type: 'time.up' }
  /** The visit's personal part is over: the card should go now. */
  | { readonly type: 'visit.over' };

type Change = { [K in keyof Display]?: Display[K] | undefined };

/** @returns `display` with what `change` names; members that are undefined change nothing. */
function withDisplay(display: Display, change: Change): Display {
  return {
    language: change.language ?? display.language,
    mode: change.mode ?? display.mode,
    theme: change.theme ?? display.theme,
    reach: change.reach ?? display.reach,
    hand: change.hand ?? display.hand,
    speech: change.speech ?? display.speech,
  };
}

/** The display that a person wants. */
export function redisplay(
  { display, letters }: VisitContext,
  change: Change,
): Pick<VisitContext, 'display' | 'letters'> {
  return { display: withDisplay(display, change), letters: change.mode === undefined ? letters : 'settled' };
}

/** The alert that covers the screen: the gravest that this person has not read. */
export function coveringAlert({ alertsRead, ports }: VisitContext): string | null {
  return ports.graveAlerts().find((id) => !alertsRead.includes(id)) ?? null;
}

/** R28: at least ten. */
export const MOST_EXTENSIONS = 12;

const NO_CASE = {
  item: null,
  step: 0,
  answers: null,
  problems: {},
  submitProblem: null,
  accepted: null,
  application: null,
  acknowledged: false,
  notice: 'none',
  rating: { state: 'open' },
  worker: null,
  signInProblem: null,
  verifyProblem: null,
} as const satisfies Partial<VisitContext>;

/** Nobody is there. */
export function emptyContext(ports: VisitPorts): VisitContext {
  return {
    ...NO_CASE,
    ports,
    visit: null,
    display: STANDARD_DISPLAY,
    letters: 'unasked',
    person: null,
    photo: null,
    refused: null,
    zone: null,
    prints: [],
    help: null,
    card: 'taken',
    deadline: null,
    alertsRead: [],
    extensionsLeft: MOST_EXTENSIONS,
    timedOut: false,
  };
}

/** Wipes one case's personal data; the person who stands there stays known. */
export function withoutCase(context: VisitContext): Partial<VisitContext> {
  context.answers?.wipe();
  context.application?.wipe();
  return NO_CASE;
}

/** Whose card was read may be looked for on the reader again; who showed a document to a worker may not (R17). */
export function hasCard({ person }: VisitContext): boolean {
  return person !== null && person.reveal().kind !== 'travel-document';
}

/** Lets go of who is there. The photograph goes with the person, by whatever way. */
export function withNobody({ person, photo }: VisitContext): Pick<VisitContext, 'person' | 'photo'> {
  person?.wipe();
  photo?.bytes.wipe();
  return { person: null, photo: null };
}

/** Wipes every personal datum of the visit (R25); papers and the item's name stay for the last page. */
export function withoutPerson(context: VisitContext): Partial<VisitContext> {
  context.zone?.wipe();
  return { ...withoutCase(context), ...withNobody(context), item: context.item, zone: null };
}
