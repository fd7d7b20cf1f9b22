import { assign, fromCallback, fromPromise, setup } from 'xstate';
import type { IdCard } from '#contract/devices.ts';
import { Sensitive } from '#contract/sensitive.ts';
import type { Picture } from '#drivers/index.ts';
import type { AcceptedCase, Application } from '../intake/case-desk.ts';
import { acceptStep, type FormContext } from '../intake/form.ts';
import { zoneIn } from '../intake/zone-draft.ts';
import type { SignIn, Worker } from '../staff/sign-in.ts';
import { localDay } from '../time/clock.ts';
import { coveringAlert, emptyContext, redisplay, type VisitContext, type VisitEvent, withNobody } from './context.ts';
import type { VisitPorts } from './ports.ts';
import { usableDocument } from './zone.ts';

/** Milliseconds. */
const times = {
  standard: { patience: 90_000, grace: 30_000, goodbye: 5_000, ended: 4_000 },
  elder: { patience: 180_000, grace: 60_000, goodbye: 10_000, ended: 10_000 },
  otherWays: 15_000,
  cardLeftBehind: 10_000,
  /** How long a visit waits in memory while an alert covers it. */
  alertUnread: 300_000,
  cardPoll: 400,
  readerRetry: 1_000,
} as const;

export function patienceOf(context: VisitContext): { readonly [K in keyof typeof times.standard]: number } {
  const { mode, speech } = context.display;
  return mode === 'standard' && speech === 'off' ? times.standard : times.elder;
}

function delay(ports: VisitPorts, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = ports.timers.after(ms, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      resolve();
    });
  });
}

/** What was read; without a vendor's program, or when it fails, there is no photograph. */
type ReadCard = { readonly person: Sensitive<IdCard>; readonly photo: Picture | null };

/** Looks for a card until one was read; a reader that is away is waited for. */
const readCard = fromPromise<ReadCard, VisitPorts>(async ({ input: ports, signal }) => {
  while (!signal.aborted) {
    const read = await ports.reader.read(signal);
    if (read.ok) {
      // At once: the reader keeps the photograph only while the card lies there.
      const decoded = await ports.reader.photo();
      const photo = decoded.ok ? decoded.value : null;
      if (!signal.aborted) return { person: read.value, photo };
      read.value.wipe();
      photo?.bytes.wipe();
    } else if (read.error.code !== 'aborted') {
      await delay(ports, times.readerRetry, signal);
    }
  }
  throw new Error('nobody waits for a card any more');
});

const askPresence = fromPromise<'present' | 'absent' | 'unknown', VisitPorts>(({ input: ports }) =>
  ports.reader.presence(),
);

/** Tells whether a card lies on the reader, again and again. A reader that does not answer counts as empty. */
const watchCard = fromCallback<VisitEvent, VisitPorts>(({ input: ports, sendBack }) => {
  const stop = new AbortController();
  void (async () => {
    while (!stop.signal.aborted) {
      const presence = await ports.reader.presence();
      if (stop.signal.aborted) return;
      sendBack({ type: presence === 'present' ? 'card.lies' : 'card.gone' });
      await delay(ports, times.cardPoll, stop.signal);
    }
  })();
  return () => stop.abort();
});

/** Hears the scanner, where there is one; what is no zone and no line of one is passed over. */
const hearScans = fromCallback<VisitEvent, VisitPorts>(({ input: ports, sendBack }) =>
  ports.scanner?.onScan((scan) => {
    const given = scan.reveal();
    const zone = given.kind === 'text' ? zoneIn(given.text) : null;
    scan.wipe();
    if (zone) sendBack({ type: 'zone.scanned', scan: new Sensitive(zone) });
  }),
);

type SubmitInput = { readonly ports: VisitPorts; readonly application: Sensitive<Application> };

const submit = fromPromise<ReturnType<VisitPorts['cases']['submit']>, SubmitInput>(async ({ input }) =>
  input.ports.cases.submit(input.application.reveal()),
);

const signIn = fromPromise<SignIn, { ports: VisitPorts; pin: string }>(({ input }) =>
  input.ports.staff.signIn(input.pin),
);

type RefuseInput = SubmitInput & { readonly accepted: AcceptedCase; readonly worker: Worker };
type ConfirmInput = RefuseInput & { readonly seen: readonly string[] };

const confirm = fromPromise<ReturnType<VisitPorts['cases']['confirm']>, ConfirmInput>(async ({ input }) =>
  input.ports.cases.confirm(input.accepted, input.application.reveal(), input.worker, input.seen),
);

const refuse = fromPromise<ReturnType<VisitPorts['cases']['refuse']>, RefuseInput>(async ({ input }) =>
  input.ports.cases.refuse(input.accepted, input.worker),
);

/** What the form is filled in from, or null before the card was read. */
export function formContext(context: VisitContext): FormContext | null {
  if (!context.person) return null;
  const { clock, community } = context.ports;
  return { card: context.person.reveal(), estates: community.estates, today: localDay(clock.wall()) };
}

/** Checks answers against the step on the screen. */
export function accept(
  context: VisitContext,
  values: Readonly<Record<string, string>>,
): ReturnType<typeof acceptStep> | null {
  const form = formContext(context);
  if (!form || !context.item) return null;
  return acceptStep(context.item, context.step, context.answers?.reveal() ?? {}, values, form);
}

/** A rating that nobody gave is "not rated", never "satisfied" (R2). */
function closeRating({ accepted, ports, rating }: VisitContext): void {
  if (accepted && rating.state === 'open') ports.cases.rate(accepted, null, []);
}

/** Without a certificate the resident leaves with the acceptance notice, once; one that was not written may be asked for again. */
function orderNotice({ accepted, application, notice, ports, prints }: VisitContext): Partial<VisitContext> {
  const certified = prints.some((paper) => paper.case === accepted?.id && paper.document === 'certificate');
  if (!accepted || !application || notice === 'ordered' || certified) return {};
  if (application.reveal().item.offline !== 'S') return {};
  return ports.cases.orderNotice(accepted, application.reveal()).ok ? { notice: 'ordered' } : {};
}

/** One ticket at a time; a new one only after a worker has come. */
function openTicket(context: VisitContext, why: 'called' | 'verification'): Partial<VisitContext> {
  const { ports } = context;
  ports.screen({ event: 'sound', sound: 'attention' });
  if (context.help && context.help.worker === null) return {};
  const ticket = ports.random.uuid();
  ports.help.open(ticket, why);
  return { help: { ticket, worker: null } };
}

/** Types, actors, shared actions and delays that all parts of the machine share. */
export const visitSetup = setup({
  types: {
    context: {} as VisitContext,
    events: {} as VisitEvent,
    input: {} as VisitPorts,
  },
  actors: { readCard, askPresence, watchCard, hearScans, submit, signIn, confirm, refuse },
  actions: {
    closeRating: ({ context }) => closeRating(context),
    orderNotice: assign(({ context }) => orderNotice(context)),
    holdPapers: ({ context }) => context.ports.prints.hold(),
    /** Who comes now may be somebody else: neither the card nor an answer may show. */
    forgetPerson: assign(({ context }) => {
      context.answers?.wipe();
      return { ...withNobody(context), answers: null, refused: null };
    }),
    begin: assign(({ context, event }) => ({
      ...emptyContext(context.ports),
      visit: context.ports.random.uuid(),
      ...redisplay(emptyContext(context.ports), event.type === 'visit.begin' ? event.display : {}),
    })),
    forgetZone: assign(({ context }) => {
      context.zone?.wipe();
      return { zone: null, worker: null };
    }),
    callForHelp: assign(({ context }) => openTicket(context, 'called')),
    callToVerify: assign(({ context }) => openTicket(context, 'verification')),
  },
  guards: {
    documentIsUsable: ({ context }) => usableDocument(context) !== null,
    isCovered: ({ context }) => context.visit !== null && coveringAlert(context) !== null,
    noNotice: ({ context }) => context.notice === 'none',
    hasCertificate: ({ context }) => context.item?.documents.some(({ kind }) => kind === 'certificate') ?? false,
  },
  delays: {
    patience: ({ context }) => patienceOf(context).patience,
    grace: ({ context }) => patienceOf(context).grace,
    otherWays: times.otherWays,
    cardLeftBehind: times.cardLeftBehind,
    goodbye: ({ context }) => patienceOf(context).goodbye,
    alertUnread: times.alertUnread,
    ended: ({ context }) => patienceOf(context).ended,
    lock: ({ context }) => context.ports.staff.lockedForMs(),
  },
});
