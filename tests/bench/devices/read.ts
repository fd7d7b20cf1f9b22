/**
 * A card read over a pseudo-terminal from a reader that answers at the pace of 115200 baud; the floor is the time of the same bytes, ten
 * bits each, on a wire of that rate. The card lies there before it is asked for, so that the first `20 01` finds it and no rest between
 * two searches counts.
 */
import { openIdCardReader } from '#drivers/index.ts';
import { type SimulatedCard, startSamReader, syntheticPermit, syntheticResident } from '#tests/simulators/index.ts';
import { type Figure, percentile } from '../figures.ts';
import { becomes, connectionOf } from './opened.ts';

const READS = 150;
const BAUD = 115_200;
const BITS = 10;

const wireMs = (bytes: number): number => (bytes * BITS * 1000) / BAUD;

/** Bytes of a request; and of the replies to find, select, text and photo, and to the newest address of a card that has none. */
const REQUEST = 10;
const REPLIES = { find: 15, select: 19, text: 1_295, address: 11 } as const;

interface Reads {
  /** From the search that found the card to the promise's end. */
  readonly whole: readonly number[];
  /** From the last byte of text and photo at the port to the promise's end. */
  readonly behind: readonly number[];
}

async function readMany(card: SimulatedCard, questions: readonly string[]): Promise<Reads> {
  const sam = await startSamReader({ transport: 'pty', paced: BAUD });
  const reader = openIdCardReader({ connection: connectionOf(sam.connection) });
  const whole: number[] = [];
  const behind: number[] = [];
  try {
    await becomes(reader, 'ready');
    for (let read = 0; read < READS; ) {
      sam.layCard(card);
      const asked = sam.requests.length;
      const began = performance.now();
      const given = await reader.read(AbortSignal.timeout(10_000));
      const ended = performance.now();
      if (!given.ok) throw new Error(given.error.code);
      given.value.wipe();
      const text = sam.replies.findLast(({ request }) => request === '30 01');
      // Now and then the reader was just being asked whether it is there.
      if (!text || sam.requests.slice(asked).join() !== questions.join()) continue;
      read += 1;
      // A pseudo-terminal takes a request at once; a wire would not.
      whole.push(ended - began + wireMs(questions.length * REQUEST));
      behind.push(performance.timeOrigin + ended - text.at);
      sam.liftCard();
    }
    return { whole, behind };
  } finally {
    await reader.close();
    await sam.close();
  }
}

export async function read(): Promise<readonly Figure[]> {
  const questions = ['20 01', '20 02', '30 01'];
  // For a permit no newest address is asked: its read ends with text and photo.
  const permit = await readMany(syntheticPermit(), questions);
  const resident = await readMany(syntheticResident(), [...questions, '30 03']);
  const { find, select, text, address } = REPLIES;
  const floor = wireMs(3 * REQUEST + find + select + text);
  const withAddress = wireMs(4 * REQUEST + find + select + text + address);
  return [
    {
      name: 'card read at 115200 baud, find to text and photo, p95',
      unit: 'ms',
      ours: percentile(permit.whole, 0.95),
      floor,
      goal: 1.1,
    },
    {
      name: '  the same with the newest address (30 03), p95',
      unit: 'ms',
      ours: percentile(resident.whole, 0.95),
      floor: withAddress,
      goal: 1.1,
    },
    {
      name: 'driver behind the last byte of text and photo, p99',
      unit: 'ms',
      ours: percentile(permit.behind, 0.99),
      floor: null,
      goal: 5,
    },
  ];
}
