import { assign } from 'xstate';
import { visitSetup } from './setup.ts';

/**
 * A worker signs in over the resident's page, wherever a worker is needed; the page below stays as it is.
 * @param signedIn the state that the worker comes to
 * @param left the state of the resident's page
 */
export function signingIn(signedIn: `#${string}`, left: `#${string}`) {
  return visitSetup.createStateConfig({
    initial: 'waiting',
    entry: assign({ signInProblem: null }),
    on: { 'worker.leave': left, 'visit.back': left },
    states: {
      waiting: {
        on: {
          'worker.signIn': { guard: ({ context }) => context.ports.staff.lockedForMs() === 0, target: 'checking' },
        },
        after: {
          lock: {
            guard: ({ context }) => context.signInProblem === 'locked',
            actions: assign({ signInProblem: null }),
          },
        },
      },
      checking: {
        invoke: {
          src: 'signIn',
          input: ({ context, event }) => ({
            ports: context.ports,
            pin: event.type === 'worker.signIn' ? event.pin : '',
          }),
          onDone: [
            {
              guard: ({ event }) => event.output.outcome === 'signed-in',
              target: signedIn,
              actions: [
                assign(({ context, event }) => {
                  if (event.output.outcome !== 'signed-in') return {};
                  const { worker } = event.output;
                  return {
                    worker,
                    signInProblem: null,
                    help: context.help && { ...context.help, worker: worker.name },
                  };
                }),
                ({ context }) => {
                  if (context.help && context.worker) context.ports.help.seen(context.help.ticket, context.worker.id);
                },
              ],
            },
            {
              target: 'waiting',
              actions: assign({
                signInProblem: ({ event }) => (event.output.outcome === 'locked' ? 'locked' : 'pin-wrong'),
              }),
            },
          ],
        },
      },
    },
  });
}
