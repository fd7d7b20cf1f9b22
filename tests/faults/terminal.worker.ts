/**
 * A terminal without a screen: its store, journal and way to the district as they are, residents as fast as it is told. It says what it has
 * promised only after the commit, as a receipt does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { COMMUNITY, syntheticApplication } from '#main/service/fleet/applications.ts';
import { chanceOf } from '#main/service/fleet/chance.ts';
import { enrolByCode } from '#main/service/identity/enrol.ts';
import { isEnrolled } from '#main/service/identity/identity.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Records } from '#main/service/records.ts';
import { localDay, systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import type { FromTerminal, TerminalTask, ToTerminal } from './terminal.ts';

const task = JSON.parse(process.argv[2] ?? '{}') as TerminalTask;
const real = systemClock();
const clock = { ...real, wall: () => new Date(real.wall().getTime() + task.wallErrorMs) };
const timers = systemTimers();
const chance = chanceOf(task.seed, `terminal ${process.pid}`);
const tell = (message: FromTerminal) => void process.send?.(message);

function must<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const folders = { etc: join(task.folder, 'etc'), data: join(task.folder, 'data') };
mkdirSync(folders.etc, { recursive: true });
if (!isEnrolled(folders.etc)) must(await enrolByCode({ etc: folders.etc, url: task.url, code: task.code }));
const catalogue = must(loadCatalogue('image/catalogue'));
const random = systemRandom(clock);
const opening = { folders, suite: 'standard', catalogue, clock, timers, random, log: silentLog() } as const;
const records = must(await Records.open(opening));
const paperless = { print: async () => ({ outcome: 'confirmed' }) as const };
const sheets = { pdf: async () => new Uint8Array() };
const prints = records.printDesk({ receiptPrinter: paperless, documentPrinter: paperless, sheets });
const desk = records.caseDesk({ prints, community: COMMUNITY });
const engine = records.engine({
  gateway: { url: task.url, idleSeconds: task.idleSeconds },
  startSpreadMs: 0,
  devices: () => ({}),
});

const finish = new AbortController();
process.on('message', (message: ToTerminal) => {
  if (message === 'finish') finish.abort();
});
process.on('disconnect', () => process.exit(1));

if (task.sends) engine.start();
tell({ is: 'open', terminal: records.identity.terminalId });
for (let visits = 0; !finish.signal.aborted && visits < task.visits; visits += 1) {
  const accepted = must(desk.submit(syntheticApplication(catalogue, localDay(clock.wall()), chance)));
  tell({ is: 'promised', case: accepted.id });
  must(desk.rate(accepted, 5, []));
  await prints.idle();
  await pause(task.paceMs * 2 * chance());
}
tell({ is: 'written' });
while (!finish.signal.aborted || (task.sends && engine.status.unsynced > 0)) await pause(20);
tell({ is: 'drained', status: engine.status });
await engine.stop();
records.close();
process.exit(0);
