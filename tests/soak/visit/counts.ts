/** Counting what became of the rounds, and printing it. */
import { percentile } from '#tests/bench/figures.ts';
import { type Round, type Victim, victims } from './plan.ts';

export interface Struck {
  readonly round: Round;
  /** From the blow to a screen that serves again. */
  readonly backMs: number;
}

/** Something that must never be, with the round after which it was seen. */
export interface Broken {
  readonly round: number;
  readonly what: string;
}

export interface Totals {
  readonly seed: number;
  readonly accepted: number;
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
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('   '),
  );
  return [
    ...table,
    '',
    `cases accepted ${totals.accepted}, at the district ${totals.atDistrict}; journal entries ${totals.entries}`,
    `receipts out ${totals.receipts}, documents out ${totals.documents}`,
    `broken: ${broken.length} (seed ${totals.seed})`,
    ...broken.map(({ round, what }) => `  round ${round}: ${what}`),
  ].join('\n');
}
