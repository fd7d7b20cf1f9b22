import type { Seen } from './terminal.ts';

/** Milliseconds; null where nothing was measured. */
interface Spread {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly most: number | null;
}

/** What `fleet simulate` prints. */
export interface FleetReport {
  readonly terminals: number;
  /** Accepted, one durable transaction each. */
  readonly cases: number;
  /** Committed, of any kind: cases, paper, ratings, day keys. */
  readonly entries: number;
  /** Whether the gateway's store was counted too, or only its cursors were asked. */
  readonly countedBy: 'store' | 'cursors';
  /** Committed, and not at the gateway: entries or, where the store has fewer of them, cases that the intake opened. */
  readonly lost: number;
  /** At the gateway more often than they were committed. */
  readonly doubled: number;
  /** Entries that the district had not answered for when the time was over. */
  readonly undelivered: number;
  /** Entries that the district could not use. */
  readonly quarantined: number;
  /** Entries that came again after an answer was lost, and that the gateway knew again. */
  readonly again: number;
  /** How often lines broke. */
  readonly breaks: number;
  readonly entriesPerSecond: number | null;
  /** From the last commit, or from when the terminals began to send, to the last answer. */
  readonly drainSeconds: number | null;
  /** From a case's commit to the district's answer for it. */
  readonly acknowledgedMs: Spread;
  /** What a resident waits for: from handing in to the durable commit. */
  readonly acceptedMs: Spread;
  readonly enrolSeconds: number;
  /** How long it took to write all cases; where it is more than they should come over, this machine was too slow for so many. */
  readonly writeSeconds: number;
  readonly seed: number;
  /** Where the terminals were left; null when they were removed. */
  readonly folder: string | null;
}

type Timing = Pick<FleetReport, 'entriesPerSecond' | 'drainSeconds' | 'acknowledgedMs' | 'acceptedMs' | 'again'>;

/** @param delivered entries; `startedAt` when the terminals began to send, in milliseconds of the terminals' clock */
export function timing(all: readonly Seen[], o: { delivered: number; startedAt: number }): Timing {
  const lastAnswer = most(all.map((seen) => seen.lastAnswer));
  const lastCommit = most(all.map((seen) => seen.lastCommit));
  const heard = lastAnswer > Number.NEGATIVE_INFINITY;
  return {
    entriesPerSecond: heard ? rounded((o.delivered * 1000) / Math.max(1, lastAnswer - o.startedAt)) : null,
    drainSeconds: heard ? rounded(Math.max(0, lastAnswer - Math.max(o.startedAt, lastCommit)) / 1000) : null,
    acknowledgedMs: spreadOf(all.flatMap((seen) => seen.acknowledgedMs)),
    acceptedMs: spreadOf(all.flatMap((seen) => seen.acceptedMs)),
    again: all.reduce((sum, seen) => sum + seen.again, 0),
  };
}

/** By the nearest rank, so that each figure was measured once. */
export function spreadOf(measured: readonly number[]): Spread {
  const sorted = measured.toSorted((a, b) => a - b);
  const rank = (share: number) => {
    const found = sorted[Math.ceil(share * sorted.length) - 1];
    return found === undefined ? null : rounded(found);
  };
  return { p50: rank(0.5), p99: rank(0.99), most: rank(1) };
}

/** Why a run was a bad one, in words; null for a good one. */
export function faultOf({ lost, doubled, undelivered }: FleetReport): string | null {
  const faults = [
    lost > 0 ? `${lost} lost` : '',
    doubled > 0 ? `${doubled} doubled` : '',
    undelivered > 0 ? `${undelivered} not delivered in time` : '',
  ].filter(Boolean);
  return faults.length > 0 ? faults.join(', ') : null;
}

/** Thousands of numbers are too many for the arguments of one call. */
function most(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** To a hundredth. */
export function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
