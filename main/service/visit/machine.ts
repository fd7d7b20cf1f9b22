import { assign } from 'xstate';
import { cardWatch } from './card-watch.ts';
import { emptyContext, redisplay, withPaper } from './context.ts';
import { patience } from './patience.ts';
import { attract, check, clearing, consent, form, home, item } from './scene-apply.ts';
import { done, ended, leaving } from './scene-done.ts';
import { identity } from './scene-identity.ts';
import { visitSetup } from './setup.ts';

/** One resident's visit: what the screen shows, the deadline that every scene has, and the card that must not stay. */
export const visitMachine = visitSetup.createMachine({
  id: 'visit',
  context: ({ input }) => emptyContext(input),
  type: 'parallel',
  on: {
    'print.changed': {
      guard: ({ context }) => context.visit !== null,
      actions: assign({ prints: ({ context, event }) => withPaper(context, event.change) }),
    },
    'district.acknowledged': {
      guard: ({ context, event }) => context.accepted?.id === event.case,
      actions: assign({ acknowledged: true }),
    },
    'visit.display': {
      guard: ({ context }) => context.visit !== null,
      actions: assign(({ context, event }) => redisplay(context, event)),
    },
    'visit.keepLetters': {
      guard: ({ context }) => context.letters === 'offered',
      actions: assign({ letters: 'settled' }),
    },
    'visit.readAlert': {
      guard: ({ context, event }) => context.visit !== null && context.ports.graveAlerts().includes(event.alert),
      actions: assign({ alertsRead: ({ context, event }) => [...context.alertsRead, event.alert] }),
    },
    'help.call': { guard: ({ context }) => context.visit !== null, actions: 'callForHelp' },
    'print.again': {
      // Whoever stands there after the time was up may be somebody else (R25).
      guard: ({ context, event }) =>
        !context.timedOut &&
        context.prints.some(
          ({ job, print }) => job === event.job && (print.state === 'failed' || print.state === 'unknown'),
        ),
      actions: ({ context, event }) => {
        context.ports.prints.again(event.job);
      },
    },
  },
  states: {
    scene: {
      initial: 'attract',
      on: { 'visit.end': { guard: ({ context }) => context.visit !== null, target: '.ended' } },
      states: {
        attract,
        clearing,
        home,
        item,
        consent,
        identity,
        form: { id: 'form', ...form },
        check,
        done,
        leaving,
        ended,
      },
    },
    patience,
    card: cardWatch,
  },
});
