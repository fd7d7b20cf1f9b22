/** The district withdraws the terminal while somebody stands at it, or nobody. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportJournal } from '#main/service/journal/export.ts';
import { verifyExport } from '#main/service/journal/export-check.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { TestGateway } from '../sync/gateway.ts';
import { SIGNATURE, Stage, type StageOptions } from './stage.ts';

async function openAt(options: StageOptions = {}): Promise<{ stage: Stage; gateway: TestGateway }> {
  const gateways: TestGateway[] = [];
  const stage = await Stage.open({
    ...options,
    district: async (terminal: KeyObject) => {
      const gateway = await TestGateway.start(createPublicKey(terminal));
      gateways.push(gateway);
      return gateway;
    },
  });
  const [gateway] = gateways;
  if (!gateway) throw new Error('the stage has no district');
  gateway.now = () => stage.time.wall().getTime();
  return { stage, gateway };
}

/** Has staff send now, again and again, until it came about. */
async function meanwhile(stage: Stage, what: () => boolean): Promise<void> {
  await stage.until(() => {
    stage.time.advance(1_000);
    return what();
  });
}

it('takes nobody in, says so, and serves again when the district takes its word', async () => {
  const { stage, gateway } = await openAt();
  await meanwhile(stage, () => stage.health.network === 'online');
  gateway.revoked = true;
  await meanwhile(stage, () => stage.health.health.is === 'out-of-service');
  expect(stage.health.health).toMatchObject({ why: 'withdrawn', detail: expect.stringContaining('journal export') });
  expect(stage.call('visit.begin', { display: {} })).toEqual({ ok: false, error: { code: 'out-of-service' } });
  expect(stage.audited('terminal.withdrawn')).toBe(1);

  gateway.revoked = false;
  stage.events.length = 0;
  await meanwhile(stage, () => stage.health.health.is !== 'out-of-service');
  expect(stage.events.map(({ event }) => event)).toContain('visit');
  expect(stage.audited('terminal.readmitted')).toBe(1);
  await stage.toHome();
});

it('accepts no case of who stands there already, and is out of service when they have gone', async () => {
  const { stage, gateway } = await openAt();
  await meanwhile(stage, () => stage.health.network === 'online');
  await stage.toCheck();
  gateway.revoked = true;
  await stage.until(() => {
    expect(stage.call('visit.touch', {})).toEqual({ ok: true });
    stage.time.advance(1_000);
    return stage.health.health.is === 'attention';
  });
  expect(stage.health.health).toMatchObject({ concerns: [{ part: 'district', what: 'withdrawn' }] });
  await stage.does('visit.submit', { signature: SIGNATURE });
  expect(stage.stepAt('check')).toMatchObject({ submitting: false, problem: 'withdrawn' });
  expect(stage.journaled('case')).toEqual([]);
  expect(stage.jobs()).toEqual([]);

  await stage.does('visit.end', {});
  await meanwhile(stage, () => stage.health.health.is === 'out-of-service');
  const last = stage.events.findLast((event) => event.event === 'terminal');
  expect(last?.terminal.health).toMatchObject({ is: 'out-of-service', why: 'withdrawn' });
});

it('lets whose case was accepted before come to the end, and offers nothing more', async () => {
  const { stage, gateway } = await openAt();
  await meanwhile(stage, () => stage.health.network === 'online');
  await stage.toCheck();
  gateway.revoked = true;
  await stage.does('visit.submit', { signature: SIGNATURE });
  await stage.until(() => {
    expect(stage.call('visit.touch', {})).toEqual({ ok: true });
    stage.time.advance(1_000);
    return stage.health.health.is === 'attention';
  });
  expect(stage.stepAt('done')).toMatchObject({ sync: 'waiting' });
  await stage.does('visit.another', {});
  expect(stage.stepAt('home').items.map(({ unavailable }) => unavailable)).toEqual(
    stage.stepAt('home').items.map(() => 'withdrawn'),
  );
});

it('keeps all of it over a restart, for an export and for the district that takes it back', async () => {
  const first = await openAt();
  await meanwhile(first.stage, () => first.stage.health.network === 'online');
  await first.stage.toCheck();
  first.gateway.revoked = true;
  await first.stage.does('visit.submit', { signature: SIGNATURE });
  const { receiptNumber } = first.stage.stepAt('done');
  await meanwhile(first.stage, () => first.stage.health.health.is === 'out-of-service');
  const { unsynced } = first.stage.health;
  await first.stage.close();

  const { stage, gateway } = await openAt({ root: first.stage.root, time: first.stage.time });
  gateway.revoked = true;
  expect(stage.health).toMatchObject({ health: { is: 'out-of-service', why: 'withdrawn' } });
  const file = join(stage.root, 'export.ndjson');
  expect(exportJournal(join(stage.root, 'data', STORE_FILE), file)).toMatchObject({ ok: true });
  expect(verifyExport(file)).toMatchObject({ ok: true });
  expect(stage.health.unsynced).toBeGreaterThanOrEqual(unsynced);

  gateway.revoked = false;
  await meanwhile(stage, () => stage.health.unsynced === 0);
  expect(stage.journaled('case')).toMatchObject([{ receiptNumber }]);
  const arrived = gateway.chain(1).filter(({ kind }) => kind === 'case');
  expect(arrived.map(({ body }) => body)).toEqual([expect.stringContaining(receiptNumber)]);
});
