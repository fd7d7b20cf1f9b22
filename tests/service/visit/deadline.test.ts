import { describe, expect, it } from 'vitest';
import { RESIDENT, SIGNATURE, Stage } from './stage.ts';

/** Every scene before the case is committed, and how a resident gets there. */
const before = {
  clearing: async (stage: Stage) => {
    stage.reader.lay(RESIDENT);
    await stage.toHome();
  },
  home: (stage: Stage) => stage.toHome(),
  item: async (stage: Stage) => {
    await stage.toHome();
    await stage.does('visit.chooseItem', { item: 'residence-certificate' });
  },
  consent: (stage: Stage) => stage.toConsent(),
  identity: (stage: Stage) => stage.toIdentity(),
  form: (stage: Stage) => stage.toForm(),
  check: (stage: Stage) => stage.toCheck(),
};

/** What may still lie or stand about when somebody walks away from an accepted case. */
const after = {
  'the card lies there': (stage: Stage) => stage.toDone(),
  'a receipt has jammed': async (stage: Stage) => {
    stage.receiptPrinter.script.push({ outcome: 'failed', problem: 'jam', why: 'a jam' });
    await stage.toDone();
    stage.reader.lift();
  },
  'a worker is called': async (stage: Stage) => {
    await stage.toDone();
    await stage.does('visit.callWorker', {});
  },
  'a worker left the sign-in open': async (stage: Stage) => {
    await stage.toDone();
    await stage.does('worker.arrive', {});
  },
  'a worker left the evidence open': (stage: Stage) => stage.toConfirming(),
};

describe('the deadline', () => {
  it.each(Object.entries(before))('at %s warns after 90 s and ends 30 s later', async (at, go) => {
    const stage = await Stage.open();
    await go(stage);
    expect(stage.step.at).toBe(at);
    expect(stage.visit.deadline).toMatchObject({ phase: 'running', totalMs: 120_000 });
    await stage.pass(90_000);
    expect(stage.visit.deadline).toMatchObject({ phase: 'warning', totalMs: 30_000 });
    expect(stage.sounds).toContain('warning');
    expect(stage.step.at).toBe(at);
    await stage.pass(30_000);
    expect(stage.step.at).toBe('ended');
    expect(stage.events.some(({ event }) => event === 'wiped')).toBe(true);
    expect(stage.audited('visit.timed-out')).toBe(1);
    expect(stage.journaled('case')).toHaveLength(0);
  });

  it('after the case is committed leads to the last page, prints no paper for a stranger, and then ends', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.pass(121_000);
    expect(stage.step.at).toBe('leaving');
    stage.reader.lift();
    await stage.pass(10_000);
    expect(stage.step.at).toBe('attract');
    expect(stage.documentPrinter.pdfs).toHaveLength(0);
    expect(stage.journaled('case')).toHaveLength(1);
    expect(stage.journaled('rating')).toMatchObject([{ level: null, reasons: [] }]);
  });

  it.each(Object.entries(after))('ends the visit of somebody who walked away: %s', async (_, go) => {
    const stage = await Stage.open();
    await go(stage);
    await stage.pass(121_000);
    expect(stage.step.at).toBe('leaving');
    expect(stage.visit.deadline).toMatchObject({ phase: 'running' });
    await stage.pass(125_000);
    expect(stage.step.at).toBe('attract');
    expect(stage.events.filter(({ event }) => event === 'wiped')).toHaveLength(1);
    expect(stage.audited('visit.timed-out')).toBe(1);
  });

  it('holds what has not come out when nobody is there any more, so that no stranger prints it', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.script.push({ outcome: 'failed', problem: 'jam', why: 'a jam' });
    await stage.toDone();
    await stage.pass(121_000);
    const { papers } = stage.stepAt('leaving');
    expect(papers.map(({ print }) => print.state)).toEqual(['held']);
    expect(stage.call('print.again', { job: papers[0]?.id ?? '' })).toEqual({ ok: false, error: { code: 'not-now' } });
    expect(stage.journaled('print').map(({ outcome }) => outcome)).toEqual(['failed', 'held']);
  });

  it('lets no stranger print a paper again whose outcome is unknown', async () => {
    const stage = await Stage.open();
    stage.receiptPrinter.script.push({ outcome: 'unknown', why: 'no answer' });
    await stage.toDone();
    const job = stage.paper('receipt')?.id ?? '';
    await stage.pass(121_000);
    expect(stage.call('print.again', { job })).toEqual({ ok: false, error: { code: 'not-now' } });
    expect(stage.receiptPrinter.receipts).toHaveLength(1);
  });

  it('runs while a worker stands there, and the worker’s absence never ends the visit sooner', async () => {
    const stage = await Stage.open();
    await stage.toConfirming();
    await stage.pass(85_000);
    await stage.does('worker.leave', {});
    await stage.pass(85_000);
    expect(stage.step.at).toBe('done');
  });

  it('can be put off at least ten times in a row, and anew after a real act', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    let extended = 0;
    await stage.pass(91_000);
    while (stage.call('visit.extend', {}).ok) {
      extended += 1;
      await stage.pass(91_000);
    }
    expect(extended).toBeGreaterThanOrEqual(10);
    await stage.does('visit.chooseItem', { item: 'residence-certificate' });
    expect(stage.visit.deadline?.extensionsLeft).toBeGreaterThanOrEqual(10);
  });

  it.each([{ mode: 'elder' }, { speech: 'on' }] as const)(
    'is 180 s and 60 s for elders and for whoever is read to: %o',
    async (display) => {
      const stage = await Stage.open();
      await stage.does('visit.begin', { display });
      expect(stage.visit.deadline?.totalMs).toBe(240_000);
      await stage.pass(179_000);
      expect(stage.visit.deadline?.phase).toBe('running');
      await stage.pass(1_500);
      expect(stage.visit.deadline).toMatchObject({ phase: 'warning', totalMs: 60_000 });
    },
  );

  it('is started anew by whatever the resident does', async () => {
    const stage = await Stage.open();
    await stage.toCheck();
    await stage.pass(89_000);
    await stage.does('visit.display', { theme: 'contrast' });
    await stage.pass(89_000);
    await stage.does('visit.submit', { signature: SIGNATURE });
    expect(stage.step.at).toBe('done');
    expect(stage.visit.display.theme).toBe('contrast');
  });

  it('does not run while nobody is there', async () => {
    const stage = await Stage.open();
    expect(stage.visit.deadline).toBeNull();
    expect(stage.call('visit.extend', {})).toEqual({ ok: false, error: { code: 'not-now' } });
    expect(stage.call('visit.display', { mode: 'elder' })).toEqual({ ok: false, error: { code: 'not-now' } });
  });
});
