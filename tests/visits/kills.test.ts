import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scenes } from '#tests/stand/resident.ts';
import { eventually, journalEntries, openScene, readStore, type Scene, servicePid } from './terminal.ts';

/** Kills the service as a power cut would, and waits until the shell has started another one. */
async function killService({ terminal }: Scene): Promise<void> {
  const before = await eventually('a service', () => servicePid(terminal.pid));
  process.kill(before, 'SIGKILL');
  await eventually('another service', () => {
    const now = servicePid(terminal.pid);
    return now !== null && now !== before ? now : null;
  });
}

async function killRenderer({ terminal }: Scene): Promise<void> {
  const before = terminal.page;
  const pid = await terminal.app.evaluate(
    ({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .findLast((window) => !window.isDestroyed())
        ?.webContents.getOSProcessId() ?? 0,
  );
  expect(pid).toBeGreaterThan(0);
  const gone = before.waitForEvent('crash').catch(() => null);
  process.kill(pid, 'SIGKILL');
  await gone;
}

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
    await killService(scene);
    scene.stand.reader.liftCard();
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
      await killService(scene);
      scene.stand.reader.liftCard();
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
      await killRenderer(scene);
      await scene.resident.sees(at);
      if (next) await scene.resident.goTo(next, at);
    }
    expect(readStore(scene.stand)).toMatchObject({ cases: 1, whole: 1 });
  });
});
