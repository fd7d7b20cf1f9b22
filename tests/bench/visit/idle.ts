/** What the terminal costs while nobody is there, in all its processes, beside a bare window. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Figure } from '../figures.ts';
import { openBench, type Running } from './launch.ts';
import { lookAt, type ProcessLook } from './probe.ts';

/** Milliseconds until a program has come to rest, and how long it is watched then. */
const REST_MS = 8_000;
const WATCH_MS = 30_000;

interface Cost {
  /** Share of one processor, per cent. */
  readonly cpu: number;
  readonly megabytes: number;
  readonly roles: ReadonlyMap<ProcessLook['role'], number>;
}

async function watch(program: Running): Promise<Cost> {
  await pause(REST_MS);
  const before = lookAt(program.pid);
  await pause(WATCH_MS);
  const after = lookAt(program.pid);
  const seconds = (looks: readonly ProcessLook[]) => looks.reduce((sum, look) => sum + look.seconds, 0);
  const roles = new Map<ProcessLook['role'], number>();
  for (const { role, megabytes } of after) roles.set(role, (roles.get(role) ?? 0) + megabytes);
  return {
    cpu: ((seconds(after) - seconds(before)) / (WATCH_MS / 1000)) * 100,
    megabytes: after.reduce((sum, look) => sum + look.megabytes, 0),
    roles,
  };
}

export async function idle(): Promise<readonly Figure[]> {
  const bench = await openBench();
  try {
    const bare = await bench.startBare();
    const floor = await watch(bare);
    await bare.end();
    const terminal = await bench.startOurs();
    const ours = await watch(terminal);
    await terminal.end();
    return [
      { name: 'idle, share of a processor', unit: '%', ours: ours.cpu, floor: null, goal: null },
      { name: '  a bare window', unit: '%', ours: floor.cpu, floor: null, goal: null },
      { name: 'idle, memory (PSS)', unit: 'MB', ours: ours.megabytes, floor: floor.megabytes, goal: null },
      ...(['shell', 'page', 'helper', 'service'] as const).map((role) => ({
        name: `  ${role}`,
        unit: 'MB' as const,
        ours: ours.roles.get(role) ?? 0,
        floor: floor.roles.get(role) ?? null,
        goal: null,
      })),
    ];
  } finally {
    await bench.close();
  }
}
