import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '#tests/simulation/simulate.ts';

const WORKER = fileURLToPath(new URL('./seeds.worker.ts', import.meta.url));

/** Milliseconds for one world, however busy the machine is: one that waits for what never comes would keep the soak for ever. */
const WORLD_MS = 300_000;

type Told = Omit<Outcome, 'struck'> & { readonly struck: [string, number][] };

/**
 * Plays seeds in as many processes as there are processors; a seed decides everything in its own world, so that it does not matter who
 * plays it beside which. @throws Error when a player ends
 */
export async function playSeeds(
  { seed: first, seeds }: { readonly seed: number; readonly seeds: number },
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  let next = first;
  const play = (player: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let overdue: NodeJS.Timeout | undefined;
      const turn = (): void => {
        if (next >= first + seeds) return resolve();
        const seed = next;
        overdue = setTimeout(() => reject(new Error(`seed ${seed} did not end in ${WORLD_MS / 1000} s`)), WORLD_MS);
        player.send(seed);
        next += 1;
      };
      player.on('message', ({ struck, ...told }: Told) => {
        clearTimeout(overdue);
        onOutcome({ ...told, struck: new Map(struck) });
        turn();
      });
      player.on('error', reject);
      player.on('exit', (code, signal) => reject(new Error(`a player ended by itself: ${code ?? signal}`)));
      turn();
    });
  const players = Array.from({ length: Math.min(seeds, availableParallelism()) }, () =>
    fork(WORKER, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  try {
    await Promise.all(players.map(play));
  } finally {
    for (const player of players) player.kill('SIGKILL');
  }
}
