import { afterEach, describe, expect, it } from 'vitest';
import { openScene, type Scene } from './terminal.ts';

describe('a terminal on a bad day', () => {
  let scene: Scene | null = null;

  afterEach(async () => {
    await scene?.close();
    scene = null;
  });

  it('that was never enrolled says so and accepts nothing', async () => {
    scene = await openScene({ enrolled: false });
    const { resident } = scene;
    await resident.reads('这台机器还没有登记启用');
    const answer = await resident.page.evaluate(() => window.yichuang.call('visit.begin', { display: {} }));
    expect(answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
  });
});
