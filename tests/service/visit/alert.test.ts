/** A grave alert over a visit: the visit waits, and is wiped when nobody reads. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { AnyUpdate } from '#contract/updates.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { alertUpdate, withdrawal } from '../alerts/fixture.ts';
import { RESIDENT, Stage } from './stage.ts';

/** An hour behind the stage's first moment. */
const LATER = new Date('2026-11-23T15:26:00+08:00');

/** Lays an update down as the way to the district does. */
function keep(stage: Stage, update: AnyUpdate): void {
  const db = new Database(join(stage.root, 'data', STORE_FILE));
  db.prepare('INSERT INTO district_update (id, content) VALUES (?, ?)').run(update.id, JSON.stringify(update));
  db.close();
}

/** A terminal that shows a banner, and so looks for more twice a minute. */
async function withBanner(): Promise<Stage> {
  const first = await Stage.open();
  keep(first, alertUpdate(LATER, { level: 'blue' }));
  await first.close();
  return Stage.open({ root: first.root, time: first.time });
}

it('halts the deadline until it is read, and the answers are still there', async () => {
  const stage = await withBanner();
  await stage.toForm();
  expect(stage.health.alerts).toHaveLength(1);
  expect(stage.visit).toMatchObject({ alert: null, deadline: { phase: 'running' } });
  const red = alertUpdate(LATER);
  keep(stage, red);
  await stage.pass(30_000);
  expect(stage.visit).toMatchObject({ alert: red.id, deadline: null });
  expect(stage.sounds).toContain('alert');
  await stage.pass(280_000);
  expect(stage.step.at).toBe('form');
  await stage.does('visit.readAlert', { alert: red.id });
  expect(stage.visit).toMatchObject({ alert: null, deadline: { phase: 'running', totalMs: 120_000 } });
  expect(stage.health.alerts).toHaveLength(2);
  await stage.answer({ phone: '13800001234' });
});

it('ends the visit after five minutes in which nobody read, and leaves nothing of it', async () => {
  const stage = await withBanner();
  await stage.toForm();
  keep(stage, alertUpdate(LATER));
  await stage.pass(30_000);
  await stage.pass(299_000);
  expect(stage.step.at).toBe('form');
  await stage.pass(2_000);
  expect(stage.step.at).toBe('ended');
  expect(stage.events.some(({ event }) => event === 'wiped')).toBe(true);
  expect(stage.audited('visit.timed-out')).toBe(1);
  expect(JSON.stringify(stage.visit)).not.toContain(RESIDENT.name);
});

it('goes on when the alert is withdrawn', async () => {
  const stage = await withBanner();
  await stage.toHome();
  const red = alertUpdate(LATER);
  keep(stage, red);
  await stage.pass(30_000);
  keep(stage, withdrawal(red));
  await stage.pass(30_000);
  expect(stage.visit).toMatchObject({ alert: null, deadline: { phase: 'running' }, step: { at: 'home' } });
});

it('takes the screen again for the next person', async () => {
  const stage = await withBanner();
  const red = alertUpdate(LATER);
  keep(stage, red);
  await stage.pass(30_000);
  expect(stage.visit).toMatchObject({ alert: red.id, step: { at: 'attract' } });
  await stage.does('visit.begin', { display: {} });
  expect(stage.visit).toMatchObject({ alert: red.id, deadline: null });
  await stage.does('visit.readAlert', { alert: red.id });
  expect(stage.visit).toMatchObject({ alert: null, deadline: { phase: 'running' }, step: { at: 'home' } });
  await stage.does('visit.end', {});
  await stage.pass(5_000);
  expect(stage.visit).toMatchObject({ alert: red.id, step: { at: 'attract' } });
});
