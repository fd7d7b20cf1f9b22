import { assign, raise } from 'xstate';
import { Sensitive } from '#contract/sensitive.ts';
import { EMPTY_DRAFT, pressKey, withFormat, withScan } from '../intake/zone-draft.ts';
import { withNobody } from './context.ts';
import { offerLetters } from './letters.ts';
import { visitSetup } from './setup.ts';
import { signingIn } from './sign-in.ts';
import { behindMistake, redraft, refusalOf, usableDocument } from './zone.ts';

/** A card is looked for until one fits; another one may be tried after a refusal. */
const atReader = visitSetup.createStateConfig({
  initial: 'looking',
  invoke: {
    src: 'readCard',
    input: ({ context }) => context.ports,
    onDone: [
      {
        guard: ({ context, event }) => refusalOf(context, event.output.person.reveal()) === null,
        target: '#form',
        actions: [
          assign(({ context, event }) => {
            withNobody(context);
            return {
              ...event.output,
              ...offerLetters(context, event.output.person),
              refused: null,
              step: 0,
              problems: {},
            };
          }),
          raise({ type: 'visit.touch' }),
        ],
      },
      {
        target: '#identity.atReader',
        reenter: true,
        actions: [
          assign({ refused: ({ context, event }) => refusalOf(context, event.output.person.reveal()) }),
          ({ event: { output } }) => {
            output.person.wipe();
            output.photo?.bytes.wipe();
          },
          raise({ type: 'visit.touch' }),
        ],
      },
    ],
  },
  on: { 'worker.arrive': { guard: ({ context }) => context.help !== null, target: '#identity.signingIn' } },
  states: {
    looking: { after: { otherWays: 'offering' } },
    offering: {},
  },
});

/**
 * A worker takes in a document without a chip by its machine-readable zone, scanned or typed (R17). The reader is not listened to
 * meanwhile: a card that is laid down now is read when the sheet is closed.
 */
const document = visitSetup.createStateConfig({
  initial: 'entering',
  entry: assign(({ context }) => redraft(context, () => EMPTY_DRAFT)),
  invoke: { src: 'hearScans', input: ({ context }) => context.ports },
  on: {
    'worker.leave': { target: '#identity.atReader.offering', actions: 'forgetZone' },
    'visit.back': { target: '#identity.atReader.offering', actions: 'forgetZone' },
    'zone.scanned': { actions: ({ event }) => event.scan.wipe() },
  },
  states: {
    entering: {
      on: {
        'worker.typeZone': {
          actions: assign(({ context, event: { key } }) =>
            redraft(context, (draft) => (key === 'mistake' ? behindMistake(context, draft) : pressKey(draft, key))),
          ),
        },
        'worker.zoneFormat': {
          actions: assign(({ context, event }) => redraft(context, (draft) => withFormat(draft, event.format))),
        },
        'zone.scanned': {
          target: 'scanned',
          actions: [
            assign(({ context, event }) => redraft(context, (draft) => withScan(draft, event.scan.reveal()))),
            ({ event }) => event.scan.wipe(),
            raise({ type: 'visit.touch' }),
          ],
        },
        'worker.readZone': { guard: 'documentIsUsable', target: 'comparing' },
      },
    },
    // A scan that makes the zone right needs no touch to go on.
    scanned: { always: [{ guard: 'documentIsUsable', target: 'comparing' }, { target: 'entering' }] },
    comparing: {
      on: {
        'worker.editZone': 'entering',
        'worker.identify': {
          guard: 'documentIsUsable',
          target: '#form',
          actions: [
            assign(({ context }) => {
              const read = usableDocument(context);
              if (!read || !context.worker) throw new Error('a document was confirmed without its parts');
              const person = new Sensitive({ ...read, confirmedBy: context.worker.id });
              return {
                ...withNobody(context),
                person,
                ...offerLetters(context, person),
                refused: null,
                step: 0,
                problems: {},
              };
            }),
            'forgetZone',
          ],
        },
      },
    },
  },
});

/** Who the resident is: by a card on the reader, or by a document that a worker confirms. */
export const identity = visitSetup.createStateConfig({
  id: 'identity',
  initial: 'atReader',
  on: { 'visit.back': 'consent', 'time.up': 'ended' },
  states: {
    atReader,
    signingIn: signingIn('#identity.document', '#identity.atReader.offering'),
    document,
  },
});
