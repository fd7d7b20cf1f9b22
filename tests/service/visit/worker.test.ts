import { describe, expect, it } from 'vitest';
import { PIN, Stage } from './stage.ts';

async function atSignIn(): Promise<Stage> {
  const stage = await Stage.open();
  await stage.toDone();
  await stage.does('visit.callWorker', {});
  await stage.does('worker.arrive', {});
  return stage;
}

async function tries(stage: Stage, pin: string): Promise<void> {
  await stage.does('worker.signIn', { pin });
  await stage.until(() => {
    const { worker } = stage.stepAt('done');
    return worker.at !== 'signing-in' || worker.problem !== null;
  });
  await stage.settle();
}

describe('a worker at the terminal', () => {
  it('locks after the fifth wrong PIN and opens again after a minute', async () => {
    const stage = await atSignIn();
    for (let i = 1; i <= 4; i += 1) {
      await tries(stage, '000000');
      expect(stage.stepAt('done').worker).toMatchObject({ at: 'signing-in', problem: 'pin-wrong' });
      await stage.does('worker.leave', {});
      await stage.does('worker.arrive', {});
    }
    await tries(stage, '000000');
    expect(stage.stepAt('done').worker).toEqual({ at: 'signing-in', problem: 'locked', lockedForMs: 60_000 });
    expect(stage.call('worker.signIn', { pin: PIN })).toEqual({ ok: false, error: { code: 'not-now' } });
    await stage.does('worker.leave', {});
    await stage.does('worker.arrive', {});
    expect(stage.call('worker.signIn', { pin: PIN })).toEqual({ ok: false, error: { code: 'not-now' } });
    await stage.pass(60_000);
    await tries(stage, PIN);
    expect(stage.stepAt('done').worker.at).toBe('confirming');
    expect(stage.audited('staff.locked')).toBe(1);
    expect(stage.audited('staff.pin-wrong')).toBe(4);
    expect(stage.audited('staff.signed-in')).toBe(1);
  });

  it('sees the evidence with the ID number masked', async () => {
    const stage = await Stage.open();
    await stage.toConfirming();
    const { worker } = stage.stepAt('done');
    if (worker.at !== 'confirming') throw new Error('not confirming');
    const rows = Object.fromEntries(worker.rows.map(({ label, value }) => [label.zh, value.zh]));
    expect(rows['姓名']).toBe('王秀英');
    expect(rows['证件号码']).toBe('120103********0021');
  });

  it('refuses: no certificate comes, the visit goes on, and the notice prints at the end', async () => {
    const stage = await Stage.open();
    await stage.toConfirming();
    await stage.does('worker.refuse', {});
    expect(stage.stepAt('done').worker).toEqual({ at: 'refused', worker: '李工' });
    expect(stage.documentPrinter.pdfs).toHaveLength(0);
    expect(stage.call('worker.arrive', {})).toEqual({ ok: false, error: { code: 'not-now' } });
    await stage.does('visit.leave', {});
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
    expect(stage.audited('case.refused')).toBe(1);
  });

  it('leaves without a decision: the resident’s page is as before', async () => {
    const stage = await Stage.open();
    await stage.toConfirming();
    await stage.does('worker.leave', {});
    expect(stage.stepAt('done').worker).toEqual({ at: 'none' });
    expect(stage.audited('staff.left')).toBe(1);
  });

  it('can’t confirm anything before signing in', async () => {
    const stage = await atSignIn();
    expect(stage.call('worker.confirm', { seen: ['face', 'home', 'lives'] })).toEqual({
      ok: false,
      error: { code: 'not-now' },
    });
  });
});
