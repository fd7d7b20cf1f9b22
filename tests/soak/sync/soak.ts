/**
 * `npm run soak -- sync [PART...]`: engine, journal and gateway in simulated worlds, one for each seed, of which one that fails plays again
 * exactly; then every fault on the real parts.
 */
import { report, strikes } from '#tests/simulation/report.ts';
import type { Outcome } from '#tests/simulation/simulate.ts';
import { aligned } from '../table.ts';
import { faultNames, soakFaults } from './faults.ts';
import { playSeeds } from './seeds.ts';

const SIMULATION = 'simulation';
export const syncParts: readonly string[] = [SIMULATION, ...faultNames];

/** Broken seeds that are told whole; more of them say the same. */
const TOLD = 5;

export async function soakSync(o: {
  readonly parts: readonly string[];
  readonly seeds: number;
  readonly times: number | null;
  readonly seed: number;
}): Promise<boolean> {
  const parts = o.parts.length > 0 ? o.parts : syncParts;
  const simulated = !parts.includes(SIMULATION) || (await soakSimulation(o));
  const faults = parts.filter((part) => part !== SIMULATION);
  return (faults.length === 0 || (await soakFaults(faults, o))) && simulated;
}

async function soakSimulation({ seeds, seed }: { seeds: number; seed: number }): Promise<boolean> {
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
