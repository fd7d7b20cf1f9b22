/** From the start of the program to the attract screen, beside a bare window of the same Electron; the two take turns. */
import { type Figure, percentile } from '../figures.ts';
import { openBench } from './launch.ts';

const TURNS = 9;

export async function start(): Promise<readonly Figure[]> {
  const bench = await openBench();
  try {
    const ours: number[] = [];
    const floor: number[] = [];
    // The first of each fills the disk cache.
    for (let turn = 0; turn <= TURNS; turn += 1) {
      const bare = await bench.startBare();
      await bare.end();
      const terminal = await bench.startOurs();
      await terminal.end();
      if (turn === 0) continue;
      floor.push(bare.ms);
      ours.push(terminal.ms);
    }
    const figure = { unit: 'ms', goal: 1.6 } as const;
    return [
      { name: 'start to attract screen, p50', ...figure, ours: percentile(ours, 0.5), floor: percentile(floor, 0.5) },
      { name: '  the slowest', ...figure, ours: percentile(ours, 1), floor: percentile(floor, 1), goal: null },
    ];
  } finally {
    await bench.close();
  }
}
