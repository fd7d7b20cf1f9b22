import { assign, raise } from 'xstate';
import { coveringAlert, MOST_EXTENSIONS, type VisitContext } from './context.ts';
import { patienceOf, visitSetup } from './setup.ts';

function runs(context: VisitContext, phase: 'running' | 'warning'): Partial<VisitContext> {
  const { patience, grace } = patienceOf(context);
  const totalMs = phase === 'running' ? patience + grace : grace;
  return { deadline: { phase, totalMs, endsAtMs: context.ports.clock.monotonicMs() + totalMs } };
}

/**
 * The deadline that every state of a visit has (R28): after the patience a warning by sight and sound, after the grace the end.
 * Whatever a person does starts it anew; asking for more time alone is counted. While an unread alert covers the screen it is halted,
 * for five minutes.
 */
export const patience = visitSetup.createStateConfig({
  initial: 'off',
  on: {
    'visit.touch': [
      { guard: 'isCovered', target: '.halted' },
      {
        guard: ({ context }) => context.visit !== null,
        target: '.running',
        actions: assign({ extensionsLeft: MOST_EXTENSIONS }),
      },
    ],
    'alerts.changed': { guard: 'isCovered', target: '.halted' },
    'visit.extend': {
      guard: ({ context }) => context.visit !== null && context.extensionsLeft > 0 && coveringAlert(context) === null,
      target: '.running',
      actions: assign({ extensionsLeft: ({ context }) => context.extensionsLeft - 1 }),
    },
  },
  states: {
    off: { entry: assign({ deadline: null }) },
    running: {
      entry: assign(({ context }) => runs(context, 'running')),
      always: { guard: ({ context }) => context.visit === null, target: 'off' },
      after: { patience: 'warning' },
    },
    warning: {
      entry: [
        assign(({ context }) => runs(context, 'warning')),
        ({ context }) => context.ports.screen({ event: 'sound', sound: 'warning' }),
      ],
      always: { guard: ({ context }) => context.visit === null, target: 'off' },
      // The scene that follows has its deadline too; where nobody is there any more, it stops at once.
      after: { grace: { target: 'running', actions: [assign({ timedOut: true }), raise({ type: 'time.up' })] } },
    },
    halted: {
      entry: assign({ deadline: null }),
      always: { guard: ({ context }) => context.visit === null, target: 'off' },
      on: { 'alerts.changed': [{ guard: 'isCovered' }, { target: 'running' }] },
      after: { alertUnread: { target: 'running', actions: [assign({ timedOut: true }), raise({ type: 'time.up' })] } },
    },
  },
});
