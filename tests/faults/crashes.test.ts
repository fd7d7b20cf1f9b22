import { it } from 'vitest';
import {
  gatewayKilled,
  gatewayLosesPower,
  gatewayRestored,
  postgresStopped,
  terminalCloned,
  terminalKilled,
  terminalLosesPower,
  terminalRestored,
} from './crashes.ts';
import { expectToHold } from './expect.ts';

it.each([
  ['a terminal that is killed', terminalKilled],
  ['a gateway that is killed', gatewayKilled],
  ['a terminal whose disk loses its power', terminalLosesPower],
  ['a gateway whose disk loses its power', gatewayLosesPower],
  ['a gateway that comes back from an old backup', gatewayRestored],
  ['a terminal that gets an old image of its disk', terminalRestored],
  ['two machines with one disk', terminalCloned],
  ['a PostgreSQL that stops and starts', postgresStopped],
])('nothing is lost, doubled or out of order by %s', async (_what, run) => {
  await expectToHold(run, 1);
});
