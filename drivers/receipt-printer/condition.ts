import type { PrinterProblem, PrinterState } from '#contract/devices.ts';
import type { Flag } from './protocol.ts';

interface Blocked {
  readonly problem: PrinterProblem;
  readonly remedy: string;
}

/** What each flag keeps from printing, the most telling first: an open cover also reports an end of paper. */
const BLOCKS: readonly (readonly [Flag, Blocked])[] = [
  ['coverOpen', { problem: 'cover-open', remedy: 'close the cover of the receipt printer' }],
  ['paperOut', { problem: 'paper-out', remedy: 'put a new roll into the receipt printer' }],
  ['cutter', { problem: 'cutter', remedy: 'open the cover, take away the paper at the cutter, close it again' }],
  [
    'unrecoverable',
    { problem: 'fault', remedy: 'switch the receipt printer off and on; if that does not help, replace it' },
  ],
  ['autoRecoverable', { problem: 'fault', remedy: 'wait until the print head has cooled down' }],
  ['error', { problem: 'fault', remedy: 'open and close the cover of the receipt printer' }],
  ['offline', { problem: 'paused', remedy: 'set the receipt printer online with its button' }],
];

/** Whether the printer goes on by itself, with nothing lost: its head is hot, and nothing worse. */
export function recoversItself(flags: ReadonlySet<Flag>): boolean {
  return BLOCKS.find(([flag]) => flags.has(flag))?.[0] === 'autoRecoverable';
}

/** Whether a reset may help: an error that holds the printer up although nothing is left for a hand to do. */
export function mayBeReset(flags: ReadonlySet<Flag>): boolean {
  const first = BLOCKS.find(([flag]) => flags.has(flag))?.[0];
  return first === 'cutter' || first === 'error';
}

/** What the flags mean for whoever wants to print. */
export function condition(flags: ReadonlySet<Flag>): Extract<PrinterState, { state: 'ready' | 'blocked' }> {
  const block = BLOCKS.find(([flag]) => flags.has(flag));
  if (block) return { state: 'blocked', ...block[1] };
  return { state: 'ready', low: flags.has('paperLow') ? ['paper'] : [] };
}
