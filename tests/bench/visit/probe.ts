/** Looks at a running program from outside: its tree of processes, their memory and their time. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks in a second (`getconf CLK_TCK`), 100 on every Linux that Electron runs on. */
const TICKS = 100;

export interface ProcessLook {
  readonly pid: number;
  /** What the process is, by its command line. */
  readonly role: 'shell' | 'page' | 'helper' | 'service';
  /** Proportional share of memory, MB. */
  readonly megabytes: number;
  /** User and system time since it started, seconds. */
  readonly seconds: number;
}

function parentOf(pid: number): number | null {
  try {
    return Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    // It ended meanwhile.
    return null;
  }
}

/** A process and all below it. */
function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : null;
    if (parent !== null) parents.set(Number(name), parent);
  }
  const tree = new Set([root]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const [pid, parent] of parents) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

export function lookAt(root: number): ProcessLook[] {
  return treeOf(root).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const memory = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
      const times = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const ticks = Number(times[11]) + Number(times[12]);
      return [{ pid, role: roleOf(command), megabytes: Number(memory) / 1024, seconds: ticks / TICKS }];
    } catch {
      return [];
    }
  });
}

function roleOf(command: string): ProcessLook['role'] {
  if (command.includes('--type=renderer')) return 'page';
  if (command.includes('--type=')) return 'helper';
  return command.includes('out/service/main.mjs') ? 'service' : 'shell';
}
