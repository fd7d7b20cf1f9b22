import { it } from 'vitest';
import { allAtOnce, poisonEntry } from './crowds.ts';
import { expectToHold } from './expect.ts';
import { forgedBatches } from './forgers.ts';
import { flappingNetwork, hostileLine, wrongClock } from './lines.ts';

it.each([
  ['whatever a line does to requests and answers', hostileLine, 1],
  ['a network that goes and comes', flappingNetwork, 2],
  ['clocks a year fast and a year slow', wrongClock, 2],
  ['batches that are replayed, altered and forged', forgedBatches, 3],
  ['an entry that rots among many', poisonEntry, 600],
  ['many terminals that come at once', allAtOnce, 40],
])('nothing is lost, doubled or out of order by %s', async (_what, run, times) => {
  await expectToHold(run, times);
});
