import { assign, raise } from 'xstate';
import type { Result } from '#contract/result.ts';
import type { StoreProblem } from '../intake/case-desk.ts';
import { emptyContext, hasCard, type VisitContext, withoutPerson } from './context.ts';
import { visitSetup } from './setup.ts';
import { signingIn } from './sign-in.ts';

/** The case is accepted. The resident rates, calls a worker or goes; a worker comes over the same page and never ends the visit. */
export const done = visitSetup.createStateConfig({
  id: 'done',
  initial: 'alone',
  on: {
    'visit.rate': {
      guard: ({ context }) => context.rating.state === 'open',
      // One that was not written stays open.
      actions: assign(({ context, event }) => {
        const { accepted, ports } = context;
        if (!accepted || !ports.cases.rate(accepted, event.level, event.reasons).ok) return {};
        return { rating: { state: 'rated', level: event.level } };
      }),
    },
    'visit.skipRating': {
      guard: ({ context }) => context.rating.state === 'open',
      actions: ['closeRating', assign({ rating: { state: 'skipped' } })],
    },
    'visit.another': { target: 'home', actions: ['closeRating', 'orderNotice'] },
    'visit.leave': { target: 'leaving', actions: ['closeRating', 'orderNotice'] },
    // Nobody stands there any more: no paper with a name goes into the tray (R25).
    'time.up': { target: 'leaving', actions: ['closeRating', 'holdPapers'] },
    'visit.end': { target: 'ended', actions: 'closeRating' },
  },
  states: {
    alone: {
      on: {
        'visit.callWorker': { guard: 'hasCertificate', target: 'called', actions: 'callToVerify' },
        'visit.collectLater': { guard: 'noNotice', target: 'alone', actions: 'orderNotice' },
        'worker.arrive': { guard: 'hasCertificate', target: 'signingIn' },
      },
    },
    called: {
      on: {
        'visit.collectLater': { guard: 'noNotice', target: 'alone', actions: 'orderNotice' },
        'worker.arrive': 'signingIn',
      },
    },
    signingIn: signingIn('#done.confirming', '#done.alone'),
    confirming: {
      initial: 'looking',
      entry: assign({ verifyProblem: null }),
      states: {
        looking: {
          on: {
            'worker.confirm': 'confirming',
            'worker.refuse': 'refusing',
            'worker.leave': { target: '#done.alone', actions: assign({ worker: null }) },
          },
        },
        confirming: {
          invoke: {
            src: 'confirm',
            input: ({ context, event }) => ({
              ...verification(context),
              seen: event.type === 'worker.confirm' ? event.seen : [],
            }),
            onDone: [
              { guard: ({ event }) => event.output.ok, target: '#done.confirmed' },
              { target: 'looking', actions: assign({ verifyProblem: ({ event }) => problemOf(event.output) }) },
            ],
          },
        },
        refusing: {
          invoke: {
            src: 'refuse',
            input: ({ context }) => verification(context),
            onDone: [
              { guard: ({ event }) => event.output.ok, target: '#done.refused' },
              { target: 'looking', actions: assign({ verifyProblem: ({ event }) => problemOf(event.output) }) },
            ],
          },
        },
      },
    },
    confirmed: {},
    refused: { on: { 'visit.collectLater': { guard: 'noNotice', actions: 'orderNotice' } } },
  },
});

/** What a worker decides on. */
function verification({ accepted, application, ports, worker }: VisitContext) {
  if (!accepted || !application || !worker) throw new Error('a verification without its parts');
  return { ports, accepted, application, worker };
}

function problemOf(written: Result<unknown, StoreProblem>): StoreProblem | null {
  return written.ok ? null : written.error;
}

/** The screen is wiped; card and papers are to be taken. */
export const leaving = visitSetup.createStateConfig({
  id: 'leaving',
  initial: 'waiting',
  entry: [
    assign(({ context }) => ({ card: hasCard(context) ? ('on-reader' as const) : ('taken' as const) })),
    assign(({ context }) => withoutPerson(context)),
    raise({ type: 'visit.over' }),
  ],
  on: { 'time.up': 'ended' },
  states: {
    waiting: { always: { guard: ({ context }) => allTaken(context), target: 'goodbye' } },
    goodbye: {
      always: { guard: ({ context }) => !allTaken(context), target: 'waiting' },
      after: { goodbye: '#ended' },
    },
  },
});

/** A sheet that jammed keeps the page until the deadline: it may be printed again. */
function allTaken(context: VisitContext): boolean {
  return (
    context.card === 'taken' &&
    context.prints.every(({ print }) => ['confirmed', 'unknown', 'held'].includes(print.state))
  );
}

/** Everything of the person is gone from memory, and what was not printed is held (R25). */
export const ended = visitSetup.createStateConfig({
  id: 'ended',
  entry: [
    'holdPapers',
    ({ context }) => {
      if (context.help) context.ports.help.close(context.help.ticket);
    },
    assign(({ context }) => {
      withoutPerson(context);
      const { card, display, ports, timedOut } = context;
      return { ...emptyContext(ports), card, display, timedOut };
    }),
    raise({ type: 'visit.over' }),
    ({ context }) => context.ports.screen({ event: 'wiped' }),
  ],
  // The next person need not wait for the farewell.
  on: { 'visit.begin': { target: '#looking', actions: 'begin' } },
  after: { ended: 'attract' },
});
