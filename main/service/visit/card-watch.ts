import { assign } from 'xstate';
import { visitSetup } from './setup.ts';

/**
 * After the personal part of a visit the card has to go. One that still lies there ten seconds later raises sound and a ticket
 * and names nobody (R17); the watch goes on over the visit's end, and what it knows of the card stays, until the next visit
 * looks for itself.
 */
export const cardWatch = visitSetup.createStateConfig({
  initial: 'idle',
  on: { 'visit.begin': { guard: ({ context }) => context.visit === null, target: '.idle' } },
  states: {
    idle: { on: { 'visit.over': 'watching' } },
    watching: {
      initial: 'waiting',
      invoke: { src: 'watchCard', input: ({ context }) => context.ports },
      on: { 'card.gone': { target: 'idle', actions: assign({ card: 'taken' }) } },
      states: {
        waiting: {
          on: { 'card.lies': { actions: assign({ card: 'on-reader' }) } },
          after: { cardLeftBehind: { guard: ({ context }) => context.card === 'on-reader', target: 'forgotten' } },
        },
        forgotten: {
          entry: [
            assign({ card: 'left-behind' }),
            ({ context: { ports } }) => {
              ports.screen({ event: 'sound', sound: 'left-behind' });
              ports.help.open(ports.random.uuid(), 'card-left-behind');
            },
          ],
        },
      },
    },
  },
});
