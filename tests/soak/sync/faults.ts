/** Faults on the real parts: processes, disks, networks and databases as a district has them. */
import {
  gatewayKilled,
  gatewayLosesPower,
  gatewayRestored,
  postgresStopped,
  terminalCloned,
  terminalKilled,
  terminalLosesPower,
  terminalRestored,
} from '#tests/faults/crashes.ts';
import { allAtOnce, poisonEntry } from '#tests/faults/crowds.ts';
import { forgedBatches } from '#tests/faults/forgers.ts';
import { holds, type Verdict } from '#tests/faults/judge.ts';
import { flappingNetwork, hostileLine, wrongClock } from '#tests/faults/lines.ts';
import type { Run } from '#tests/faults/stand.ts';
import { numbersFrom } from '../random.ts';
import { aligned } from '../table.ts';

interface Part {
  readonly run: (run: Run) => Promise<Verdict | readonly Verdict[]>;
  /** How often it strikes, or how many there are. */
  readonly times: number;
}

/** By the names of the command line. */
const parts: Readonly<Record<string, Part>> = {
  'terminal-killed': { run: terminalKilled, times: 200 },
  'gateway-killed': { run: gatewayKilled, times: 200 },
  'terminal-power': { run: terminalLosesPower, times: 20 },
  'gateway-power': { run: gatewayLosesPower, times: 20 },
  'gateway-restored': { run: gatewayRestored, times: 20 },
  'terminal-restored': { run: terminalRestored, times: 20 },
  'disk-cloned': { run: terminalCloned, times: 3 },
  line: { run: hostileLine, times: 40 },
  // One for every five minutes of a day.
  network: { run: flappingNetwork, times: 288 },
  clock: { run: wrongClock, times: 10 },
  forged: { run: forgedBatches, times: 200 },
  poison: { run: poisonEntry, times: 10_000 },
  postgres: { run: postgresStopped, times: 20 },
  'at-once': { run: allAtOnce, times: 2_000 },
};

export const faultNames: readonly string[] = Object.keys(parts);

/** @param o `times` instead of each part's own */
export async function soakFaults(
  names: readonly string[],
  o: { readonly seed: number; readonly times: number | null },
): Promise<boolean> {
  const verdicts: Verdict[] = [];
  const failed: string[] = [];
  for (const [name, { run, times }] of Object.entries(parts)) {
    if (!names.includes(name)) continue;
    process.stderr.write(`${name}\n`);
    try {
      const told = [await run({ times: o.times ?? times, draw: numbersFrom(o.seed) })].flat();
      verdicts.push(...told);
      process.stderr.write(`${table(told)}\n`);
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      process.stderr.write(`${failed.at(-1)}\n`);
    }
  }
  const wrong = verdicts.flatMap(({ fault, wrong }) => wrong.map((words) => `${fault}: ${words}`));
  const broken = verdicts.filter((verdict) => !holds(verdict)).length + failed.length;
  process.stdout.write([table(verdicts), ...wrong, ...failed, `broken: ${broken} (seed ${o.seed})`, ''].join('\n'));
  return broken === 0;
}

function table(verdicts: readonly Verdict[]): string {
  const heads = ['fault', 'struck', 'entries', 'lost', 'doubled', 'disordered', 'chain here', 'there', 'numbers twice'];
  const rows = verdicts.map(({ fault, struck, ...counts }) => [
    fault,
    struck === null ? 'not allowed here' : String(struck),
    ...[counts.entries, counts.lost, counts.doubled, counts.disordered].map(String),
    ...[counts.chainHere, counts.chainThere, counts.numbersTwice].map(String),
  ]);
  return aligned([heads, ...rows]).join('\n');
}
