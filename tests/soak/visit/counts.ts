/** Counting what became of the rounds, and printing it. */
import { percentile } from '#tests/bench/figures.ts';
import { aligned } from '../table.ts';
import { type Round, type Victim, victims } from './plan.ts';

export interface Struck {
  readonly round: Round;
  /** From the blow to a screen that serves again. */
  readonly backMs: number;
}

/** What must never be, by the name under which it is counted. */
const promises = {
  stuck: 'rounds that did not come back',
  half: 'cases without receipt job or journal entry',
  twice: 'receipt numbers given twice',
  lost: 'accepted on screen, not in the store',
  paper: 'papers of somebody else',
  journal: 'journals that do not verify',
  district: 'cases doubled, missing or refused at the district',
  trace: 'names or numbers in plain text',
} as const;

/** Something that must never be, with the round after which it was seen. */
export interface Broken {
  readonly round: number;
  readonly promise: keyof typeof promises;
  readonly what: string;
}

export interface Totals {
  readonly seed: number;
  /** In the store. */
  readonly accepted: number;
  /** Receipt numbers that a screen has shown. */
  readonly shown: number;
  readonly atDistrict: number;
  readonly entries: number;
  readonly receipts: number;
  readonly documents: number;
}

export function report(struck: readonly Struck[], broken: readonly Broken[], totals: Totals): string {
  const line = (victim: Victim | 'all'): string[] => {
    const times = struck.filter(({ round }) => victim === 'all' || round.victim === victim).map(({ backMs }) => backMs);
    const at = (share: number): string =>
      times.length === 0 ? '' : `${(percentile(times, share) / 1000).toFixed(1)} s`;
    return [victim, String(times.length), at(0.5), at(0.95), at(1)];
  };
  const rows = [['struck', 'times', 'back, p50', 'p95', 'slowest'], ...victims.map(line), line('all')];
  const held = Object.entries(promises).map(([promise, words]) => [
    words,
    String(broken.filter((one) => one.promise === promise).length),
  ]);
  return [
    ...aligned(rows),
    '',
    ...aligned([['broken promises', 'times'], ...held]),
    '',
    `cases accepted ${totals.accepted}, seen on screen ${totals.shown}, at the district ${totals.atDistrict}; journal entries ${totals.entries}`,
    `receipts out ${totals.receipts}, documents out ${totals.documents}`,
    `broken: ${broken.length} (seed ${totals.seed})`,
    ...broken.map(({ round, what }) => `  round ${round}: ${what}`),
  ].join('\n');
}
