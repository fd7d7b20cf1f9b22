import { readFileSync } from 'node:fs';

/**
 * Whether a process runs. One that has ended and that nobody waits for does not: where the first process of a container
 * is an ordinary program, orphans that have ended keep their numbers for good.
 */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
