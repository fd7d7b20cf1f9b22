import type { Outcome } from './simulate.ts';

/** What a broken promise is told with: its seed, the way to play it again, and what came before. */
export function report({ seed, broken, last }: Outcome): string {
  const again = `npm run soak -- sync simulation --seed ${seed} --seeds 1`;
  return [`seed ${seed}: ${broken}`, `play it again: ${again}`, ...last.map((line) => `  ${line}`)].join('\n');
}

/** Sums what befell the worlds. */
export function strikes(outcomes: readonly Outcome[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { struck } of outcomes) for (const [name, count] of struck) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}
