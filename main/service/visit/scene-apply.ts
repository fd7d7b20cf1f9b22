import { assign, enqueueActions } from 'xstate';
import { Sensitive } from '#contract/sensitive.ts';
import { emptyContext, hasCard, type VisitContext, withoutCase } from './context.ts';
import { accept, visitSetup } from './setup.ts';

/** Nobody is there. */
export const attract = visitSetup.createStateConfig({
  initial: 'waiting',
  states: {
    waiting: {
      entry: assign(({ context }) => ({ ...emptyContext(context.ports), card: context.card })),
      on: { 'visit.begin': { target: 'looking', actions: 'begin' } },
    },
    // A new visit needs an empty reader first (R17).
    looking: {
      id: 'looking',
      invoke: {
        src: 'askPresence',
        input: ({ context }) => context.ports,
        onDone: [{ guard: ({ event }) => event.output === 'present', target: '#clearing' }, { target: '#home' }],
        onError: '#home',
      },
    },
  },
});

/** Somebody's card still lies on the reader. */
export const clearing = visitSetup.createStateConfig({
  id: 'clearing',
  invoke: { src: 'watchCard', input: ({ context }) => context.ports },
  on: { 'card.gone': 'home', 'time.up': 'ended' },
});

export const home = visitSetup.createStateConfig({
  id: 'home',
  // Who showed a document shows it again for another item (R17).
  entry: [
    enqueueActions(({ context, enqueue }) => {
      if (!hasCard(context)) enqueue('forgetPerson');
    }),
    assign(({ context }) => withoutCase(context)),
  ],
  on: {
    'visit.chooseItem': {
      guard: ({ context, event }) => context.ports.catalogue.item(event.item) !== null,
      target: 'item',
      actions: assign({ item: ({ context, event }) => context.ports.catalogue.item(event.item) }),
    },
    'time.up': 'ended',
  },
});

export const item = visitSetup.createStateConfig({
  on: {
    'visit.start': {
      guard: ({ context }) => context.item !== null && context.ports.unavailable(context.item) === null,
      target: 'consent',
    },
    'visit.back': 'home',
    'time.up': 'ended',
  },
});

export const consent = visitSetup.createStateConfig({
  on: {
    'visit.consent': [
      { guard: ({ context }) => isStillThere(context), target: 'form', actions: assign({ step: 0, problems: {} }) },
      { target: 'identity', actions: 'forgetPerson' },
    ],
    'visit.refuseConsent': { target: 'home', actions: 'forgetPerson' },
    'visit.back': 'item',
    'time.up': 'ended',
  },
});

/** The card must still lie where it was read: whoever lifted it may have gone, and another come. */
function isStillThere(context: VisitContext): boolean {
  return hasCard(context) && context.ports.readerState().state === 'card';
}

/** Screens count the steps from one. */
function isOnScreen(context: VisitContext, event: { readonly step: number }): boolean {
  return event.step === context.step + 1;
}

export const form = visitSetup.createStateConfig({
  on: {
    'visit.answer': [
      {
        guard: ({ context, event }) => isOnScreen(context, event) && accept(context, event.values)?.ok === false,
        actions: assign({
          problems: ({ context, event }) => {
            const given = accept(context, event.values);
            return given?.ok === false ? given.error : {};
          },
        }),
      },
      {
        guard: ({ context, event }) =>
          isOnScreen(context, event) && context.step + 1 < (context.item?.form.steps.length ?? 0),
        actions: assign(({ context, event }) => ({ ...answered(context, event.values), step: context.step + 1 })),
      },
      {
        guard: ({ context, event }) => isOnScreen(context, event),
        target: 'check',
        actions: assign(({ context, event }) => answered(context, event.values)),
      },
    ],
    'visit.back': [
      {
        guard: ({ context }) => context.step > 0,
        actions: assign(({ context }) => ({ step: context.step - 1, problems: {} })),
      },
      { target: 'consent', actions: assign({ problems: {} }) },
    ],
    'time.up': 'ended',
  },
});

function answered(
  context: Parameters<typeof accept>[0],
  values: Readonly<Record<string, string>>,
): Partial<Parameters<typeof accept>[0]> {
  const given = accept(context, values);
  if (given?.ok !== true) return {};
  context.answers?.wipe();
  return { answers: new Sensitive(given.value), problems: {} };
}

export const check = visitSetup.createStateConfig({
  initial: 'signing',
  states: {
    signing: {
      on: {
        'visit.submit': {
          target: 'submitting',
          actions: assign({
            submitProblem: null,
            application: ({ context, event }) => {
              if (!context.item || !context.person || !context.answers) return null;
              return new Sensitive({
                item: context.item,
                card: context.person.reveal(),
                answers: context.answers.reveal(),
                signature: event.signature,
                language: context.display.language,
              });
            },
          }),
        },
        'visit.edit': { target: '#form', actions: assign({ step: 0, submitProblem: null }) },
        'visit.back': {
          target: '#form',
          actions: assign({ step: ({ context }) => (context.item?.form.steps.length ?? 1) - 1, submitProblem: null }),
        },
        'time.up': '#ended',
      },
    },
    // The one transaction; it takes about a millisecond, and neither a deadline nor a tap comes between.
    submitting: {
      invoke: {
        src: 'submit',
        input: ({ context: { application, ports } }) => {
          if (!application) throw new Error('a case was handed in without its parts');
          return { ports, application };
        },
        onDone: [
          {
            guard: ({ event }) => event.output.ok,
            target: '#done',
            actions: assign({ accepted: ({ event }) => (event.output.ok ? event.output.value : null) }),
          },
          {
            target: 'signing',
            actions: assign(({ context, event }) => {
              context.application?.wipe();
              return { application: null, submitProblem: event.output.ok ? null : event.output.error };
            }),
          },
        ],
      },
    },
  },
});
