import type { Chance } from './chance.ts';

/** What may befall a message, and how likely it is. */
export interface NetworkFaults {
  readonly refused: number;
  readonly requestLost: number;
  readonly answerLost: number;
  /** The request arrives once more, later. */
  readonly doubled: number;
  /** The way takes minutes, so that the sender has given up meanwhile. */
  readonly late: number;
  readonly answerCut: number;
  readonly answerAltered: number;
  /** The answer to an earlier request comes instead. */
  readonly answerReplayed: number;
  /** Something on the way answers in the gateway's place. */
  readonly stranger: number;
}

/** What may befall a machine. */
export const faults = [
  'service-killed',
  'service-stopped',
  'power-cut',
  'killed-in-commit',
  'disk-refuses',
  'line-down',
  'captive-portal',
  'clock-set',
  'send-now',
  'entry-rots',
  'image-taken',
  'image-restored',
  'disk-cloned',
  'gateway-killed',
  'gateway-dies-before-commit',
  'gateway-dies-before-answer',
  'gateway-backed-up',
  'gateway-restored',
  'gateway-restored-under-a-batch',
  'intake-works',
  'weeks-pass',
  'terminal-revoked',
  'key-changed',
] as const;
export type Fault = (typeof faults)[number];

/** What a seed chooses: not every fault in every run, so that each also meets the others alone. */
export interface Profile {
  readonly terminals: number;
  /** Whether the first of them is of the national suite: SM2 costs a hundred times as much as Ed25519. */
  readonly national: boolean;
  readonly idleSeconds: number;
  /** Virtual minutes in which things go wrong; after that everything is mended. */
  readonly minutes: number;
  /** Mean time between two acts of residents at one terminal, and between two faults of the world. */
  readonly actMs: number;
  readonly faultMs: number;
  readonly network: NetworkFaults;
  readonly faults: readonly Fault[];
  /** When the world begins. */
  readonly start: Date;
}

export const networkFaults: readonly (keyof NetworkFaults)[] = [
  'refused',
  'requestLost',
  'answerLost',
  'doubled',
  'late',
  'answerCut',
  'answerAltered',
  'answerReplayed',
  'stranger',
];

const MINUTE = 60_000;

export function profileOf(chance: Chance): Profile {
  const share = chance.pick([0.25, 0.5, 0.8]);
  const network = networkFaults.map(
    (name) => [name, chance.happens(share) ? chance.pick([0.02, 0.08, 0.2]) : 0] as const,
  );
  const chosen = faults.filter(() => chance.happens(share));
  // Some runs are so long after midnight's eve that the day key turns in them.
  const minuteOfDay = chance.happens(0.3) ? 24 * 60 - chance.between(2, 8) : chance.between(0, 24 * 60 - 60);
  return {
    terminals: chance.pick([1, 1, 2]),
    national: chance.happens(0.025),
    idleSeconds: chance.pick([20, 60]),
    minutes: chance.between(3, 7),
    actMs: chance.pick([6_000, 15_000, 40_000]),
    faultMs: chance.pick([6_000, 12_000, 30_000]),
    network: Object.fromEntries(network) as unknown as NetworkFaults,
    faults: chosen,
    start: new Date(Date.parse('2026-03-02T00:00:00+08:00') + minuteOfDay * MINUTE),
  };
}
