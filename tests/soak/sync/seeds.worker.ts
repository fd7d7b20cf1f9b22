/** Plays one seed after the other, as it is told, and tells what came of each. */
import { simulate } from '#tests/simulation/simulate.ts';

process.on('message', (seed: number) => {
  void simulate(seed).then((outcome) => process.send?.({ ...outcome, struck: [...outcome.struck] }));
});
