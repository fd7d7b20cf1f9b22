/** Figures as a bench prints them: ours and a floor from the same run, their ratio, and whether the goal was met. */

/** The value below which `share` (0..1) of the numbers lie; the nearest rank, so that it is one of them. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  const found = sorted[at];
  if (found === undefined) throw new Error('there is nothing to take a percentile of');
  return found;
}

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 's' | '%' | 'MB' | '';
  readonly ours: number;
  /** What the same work costs at least on this machine, or what a peer makes of it; `null` where the goal is a number of its own. */
  readonly floor: number | null;
  /** What is good enough, a bare number at most: of the ratio where there is a floor, else of ours; `null` where it is only told. */
  readonly goal: number | { readonly atLeast: number } | null;
}

export interface Judged extends Figure {
  readonly ratio: number | null;
  readonly met: boolean | null;
}

export function judge(figure: Figure): Judged {
  const ratio = figure.floor === null ? null : figure.ours / figure.floor;
  return { ...figure, ratio, met: figure.goal === null ? null : meets(ratio ?? figure.ours, figure.goal) };
}

function meets(value: number, goal: NonNullable<Figure['goal']>): boolean {
  return typeof goal === 'number' ? value <= goal : value >= goal.atLeast;
}

/** The table as text, one figure a line. */
export function table(figures: readonly Judged[]): string {
  const rows = figures.map(({ name, unit, ours, floor, ratio, goal, met }) => [
    name,
    `${short(ours)} ${unit}`.trim(),
    floor === null ? '' : `${short(floor)} ${unit}`.trim(),
    ratio === null ? '' : `${ratio.toFixed(2)} x`,
    goal === null ? '' : bound(goal, floor === null ? unit : 'x'),
    met === null ? '' : met ? 'met' : 'MISSED',
  ]);
  const lines = [['figure', 'ours', 'floor', 'ratio', 'goal', ''], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
    )
    .map((line) => line.join('   ').trimEnd())
    .join('\n');
}

function bound(goal: NonNullable<Figure['goal']>, unit: string): string {
  return (typeof goal === 'number' ? `<= ${goal} ${unit}` : `>= ${goal.atLeast} ${unit}`).trim();
}

function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
