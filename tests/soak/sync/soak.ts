/** `npm run soak -- sync`: engine, journal and gateway in simulated worlds, one for each seed; a seed that fails plays again exactly. */
import { report, strikes } from '#tests/simulation/report.ts';
import type { Outcome } from '#tests/simulation/simulate.ts';
import { aligned } from '../table.ts';
import { playSeeds } from './seeds.ts';

/** Broken seeds that are told whole; more of them say the same. */
const TOLD = 5;

export async function soakSync({ seeds, seed }: { seeds: number; seed: number }): Promise<boolean> {
  process.stderr.write(`seeds ${seed} to ${seed + seeds - 1}\n`);
  const total = new Map<string, number>();
  const broken: Outcome[] = [];
  const add = (name: string, count: number) => total.set(name, (total.get(name) ?? 0) + count);
  let done = 0;
  await playSeeds({ seed, seeds }, (outcome) => {
    for (const [name, count] of [...Object.entries(outcome.counts), ...strikes([outcome])]) add(name, count);
    if (outcome.broken !== null) {
      broken.push(outcome);
      process.stderr.write(`seed ${outcome.seed}: ${outcome.broken}\n`);
    }
    done += 1;
    if (done % 500 === 0) process.stderr.write(`${done}/${seeds}: ${broken.length} broken\n`);
  });
  const rows = [['in all worlds', 'count'], ...[...total].map(([name, count]) => [name, String(count)])];
  const told = broken.slice(0, TOLD).map(report);
  const lines = [...aligned(rows), '', `broken: ${broken.length} of ${seeds} seeds from ${seed}`, ...told];
  process.stdout.write(`${lines.join('\n')}\n`);
  return broken.length === 0;
}
