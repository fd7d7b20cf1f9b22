import { afterEach, describe, expect, it } from 'vitest';
import { eventually, openScene, readStore, type Scene } from './terminal.ts';

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

  it('with a card left behind calls for help, names nobody, and lets nobody else begin', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('leaving');
    await resident.reads('提示音：有证件忘在读卡区了');
    await resident.press('都拿好了');
    await resident.sees('attract');
    await resident.press('点屏幕，开始办理');
    await resident.reads('读卡区上还有一张证件');
    stand.reader.liftCard();
    await resident.sees('home');
  });

  it('with a card that is lifted too soon asks for it again and reads it', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('identity');
    stand.reader.faults.liftDuringRead();
    stand.reader.layCard(resident.card);
    await resident.reads('请再放一次');
    stand.reader.layCard(resident.card);
    await resident.sees('form-1');
  });

  it('without receipt paper keeps the case, says so, and prints again on one touch', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('check');
    stand.receiptPrinter.paperOut();
    await resident.goTo('done', 'check');
    await resident.reads('没有纸了，您的事没有丢');
    expect(readStore(stand).cases).toBe(1);
    stand.receiptPrinter.paperIn();
    await resident.press('再打一次');
    await resident.reads('打好了，请从小票口取走');
    await eventually('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
  });
});
