/**
 * What a resident feels while a large backlog flows to the district as fast as it can, beside a line that is cut. The same terminal, a real
 * Electron, in turns; the gateway with its intake worker runs on the same machine, which is worse than it is on a terminal.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Records } from '#main/service/records.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { localDay, systemClock, systemTimers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { launchTerminal } from '#tests/stand/electron.ts';
import { scenes } from '#tests/stand/resident.ts';
import { openStand, type Stand } from '#tests/stand/stand.ts';
import { type Figure, percentile } from '../figures.ts';
import { listen, takeTouches } from '../visit/event-timing.ts';
import { Measured, WIPED_MS } from '../visit/touches.ts';
import { caseEntries } from './entries.ts';
import { inFolder, must } from './flush.ts';

const BACKLOG = 100_000;
/** Cases that the backlog is made from; ids, numbers and keys are each one's own. */
const POOL = 500;
const AT_ONCE = 1_000;
const ROUNDS = 4;
const GOAL = 1.2;
const LOOK_EVERY_MS = 100;
/** Of a visit, up to the screen after the first form: most of a visit's touches. */
const WAY = scenes.slice(0, scenes.indexOf('form-2') + 1);

/** Writes a backlog down before the terminal starts. */
async function fill(stand: Stand, count: number): Promise<void> {
  const catalogue = must(loadCatalogue('image/catalogue'));
  const clock = systemClock();
  const today = localDay(clock.wall());
  const given = { folders: stand.folders, suite: 'standard', catalogue, clock, timers: systemTimers() } as const;
  const records = must(await Records.open({ ...given, random: systemRandom(clock), log: silentLog() }));
  const pool = caseEntries(catalogue, POOL, today);
  for (let from = 0; from < count; from += AT_ONCE) {
    records.store.transaction(() => {
      for (let n = from; n < Math.min(count, from + AT_ONCE); n += 1) {
        const one = pool[n % POOL];
        if (!one) continue;
        const receiptNumber = `120103-000101-${today.slice(2).replaceAll('-', '')}-${String(n).padStart(6, '0')}-0`;
        records.journal.append({ ...one, open: { ...one.open, case: crypto.randomUUID(), receiptNumber } });
      }
    });
  }
  records.close();
}

/** What of the backlog waits, read beside the terminal. */
function backlogOf(stand: Stand) {
  const db = new Database(join(stand.folders.data, STORE_FILE), { readonly: true });
  const count = db.prepare<[], number>('SELECT count(*) FROM entry WHERE answer IS NULL').pluck();
  const any = db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM entry WHERE answer IS NULL)').pluck();
  return { count: () => count.get() ?? 0, waits: () => any.get() === 1, close: () => db.close() };
}

/** @returns milliseconds of the touches of those screens during which `counts` held to the end. */
async function visit(resident: Measured, counts: () => boolean): Promise<number[]> {
  const kept: number[] = [];
  for (const [at, scene] of WAY.entries()) {
    const next = WAY[at + 1];
    if (next === undefined) break;
    await resident.sees(scene);
    await listen(resident.page);
    resident.touches = 0;
    await resident.goTo(next, scene);
    const made = await takeTouches(resident.page, resident.touches);
    if (counts()) kept.push(...made);
  }
  await resident.stand.reader.liftCard();
  await resident.press('结束办理');
  await resident.press('结束并清除');
  await resident.sees('attract');
  await pause(WIPED_MS);
  return kept;
}

/** @param entries of the backlog */
export function touchDuringFlush(entries = BACKLOG): Promise<readonly Figure[]> {
  return inFolder(async (root) => {
    const folder = join(root, 'stand');
    mkdirSync(folder);
    const stand = await openStand({ folder });
    try {
      await stand.network.cut();
      await fill(stand, entries);
      return await measure(stand);
    } finally {
      await stand.close();
    }
  });
}

async function measure(stand: Stand): Promise<readonly Figure[]> {
  const terminal = await launchTerminal({ config: stand.config, display: stand.screen });
  const backlog = backlogOf(stand);
  const resident = new Measured({ terminal, stand });
  const idle: number[] = [];
  const flushing: number[] = [];
  const rates: number[] = [];
  try {
    // The first visit warms both sides up.
    await visit(resident, () => true);
    for (let round = 1; round <= ROUNDS && backlog.waits(); round += 1) {
      idle.push(...(await visit(resident, () => true)));
      const before = backlog.count();
      await stand.network.mend();
      while (backlog.count() === before) await pause(LOOK_EVERY_MS);
      const from = { count: backlog.count(), at: performance.now() };
      flushing.push(...(await visit(resident, backlog.waits)));
      const left = backlog.count();
      if (left > 0) rates.push(((from.count - left) * 1000) / (performance.now() - from.at));
      await stand.network.cut();
      process.stderr.write(`  round ${round}: ${flushing.length} touches so far, ${left} entries left\n`);
    }
  } finally {
    backlog.close();
    await terminal.close();
  }
  if (rates.length === 0) throw new Error('the backlog was gone before a visit was over: give more --entries');
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, ms) => sum + ms, 0) / numbers.length;
  const plain = { unit: '', floor: null, goal: null } as const;
  return [
    {
      name: 'touch to next paint during a flush, p95',
      unit: 'ms',
      ours: percentile(flushing, 0.95),
      floor: percentile(idle, 0.95),
      goal: GOAL,
    },
    // Chromium counts in steps of 8 ms: the mean tells what lies between them.
    { name: '  mean', unit: 'ms', ours: mean(flushing), floor: mean(idle), goal: GOAL },
    { name: '  the worst', unit: 'ms', ours: percentile(flushing, 1), floor: percentile(idle, 1), goal: null },
    { ...plain, name: '  touches', ours: flushing.length },
    { ...plain, name: '  entries a second meanwhile', ours: percentile(rates, 0.5) },
  ];
}
