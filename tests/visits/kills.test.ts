import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenes } from '#tests/stand/resident.ts';
import { eventually, journalEntries, killPage, killService, openScene, readStore, type Scene } from './terminal.ts';

describe('a service killed at each step of a visit', () => {
  let scene: Scene;
  let committed = 0;

  beforeAll(async () => {
    scene = await openScene();
  });

  afterAll(() => scene.close());

  it.each(scenes)('at %s keeps every committed case, leaves no half one, and the next visit begins', async (at) => {
    await scene.resident.goTo(at);
    if (at === 'done' || at === 'leaving') committed += 1;
    await killService(scene.terminal);
    await scene.stand.reader.liftCard();
    await scene.resident.sees('attract');
    const kept = readStore(scene.stand);
    expect(kept.cases).toBe(committed);
    expect(kept.whole).toBe(committed);
  });

  it.each([0, 4, 12, 30])(
    '%i ms after the touch on submit has accepted the case whole, or not at all',
    async (delay) => {
      const before = readStore(scene.stand).cases;
      await scene.resident.goTo('check');
      await scene.resident.sign();
      await scene.resident.press('提交');
      await new Promise((resolve) => setTimeout(resolve, delay));
      await killService(scene.terminal);
      await scene.stand.reader.liftCard();
      await scene.resident.sees('attract');
      const kept = readStore(scene.stand);
      expect([before, before + 1]).toContain(kept.cases);
      expect(kept.whole).toBe(kept.cases);
    },
  );

  it('has given no receipt number twice, its journal verifies, and the district gets each case once', async () => {
    await scene.resident.goTo('done');
    const { receiptNumbers, cases } = readStore(scene.stand);
    expect(new Set(receiptNumbers).size).toBe(cases);
    expect(receiptNumbers).toHaveLength(cases);
    await journalEntries(scene.stand);
    await eventually('every case there', async () =>
      (await scene.stand.gateway.counts()).cases === cases ? true : null,
    );
  });
});

describe('a page killed at each step of a visit', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene();
  });

  afterAll(() => scene.close());

  it('comes back to the same step, and the visit ends with one case', async () => {
    for (const [index, at] of scenes.entries()) {
      const next = scenes[index + 1];
      await scene.resident.sees(at);
      await killPage(scene.terminal);
      await scene.resident.sees(at);
      if (next) await scene.resident.goTo(next, at);
    }
    expect(readStore(scene.stand)).toMatchObject({ cases: 1, whole: 1 });
  });
});
