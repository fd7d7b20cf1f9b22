/** What stood in the way of more: told from the processors' time. */
import { cpus } from 'node:os';

/** From here on something counts as fully used. */
const FULL = 0.9;

/** What a run used, in seconds. */
export interface Use {
  /** From its beginning to its end. */
  readonly seconds: number;
  readonly processors: number;
  /** Time of all processors in which any program of the machine ran. */
  readonly busy: number;
  /** Of that, by the parts of the run. */
  readonly parts: Readonly<Record<string, number>>;
}

/** @returns what limited the run, in words; it names shares of one processor. */
export function limitOf({ seconds, processors, busy, parts }: Use): string {
  const told = Object.entries(parts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, used]) => `${name} ${share(used, seconds)}`)
    .join(', ');
  const others = busy - Object.values(parts).reduce((sum, used) => sum + used, 0);
  if (busy >= FULL * processors * seconds) {
    return `the processors, ${share(busy, processors * seconds)} busy: ${told}, other programs ${share(others, seconds)}`;
  }
  const full = Object.entries(parts).find(([, used]) => used >= FULL * seconds);
  if (full) return `${full[0]}, which used a whole processor: ${told}`;
  return `no processor, ${share(busy, processors * seconds)} busy, so waiting for disk and answers: ${told}`;
}

/** Time in which the processors were not idle since the machine started, seconds. */
export function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
