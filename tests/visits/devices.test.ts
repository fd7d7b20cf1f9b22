import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { syntheticResident } from '#tests/simulators/index.ts';
import { eventually, openScene, pdfText, printJobs, printsAgain, readStore, type Scene } from './terminal.ts';

describe('a card that is read badly', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene();
  });

  afterEach(async () => {
    const { resident, stand } = scene;
    await stand.reader.faults.clear();
    await stand.reader.liftCard();
    await resident.press('结束办理');
    await resident.press('结束并清除');
    await resident.sees('attract');
  });

  afterAll(() => scene.close());

  it('for it was lifted too soon is asked for again and read', async () => {
    const { resident, stand } = scene;
    await resident.goTo('identity');
    await stand.reader.faults.liftDuringRead();
    await stand.reader.layCard(resident.card);
    await resident.reads('请再放一次');
    await stand.reader.layCard(resident.card);
    await resident.sees('form-1');
  });

  it('for a checksum was wrong is read again by itself', async () => {
    const { resident, stand } = scene;
    await resident.goTo('identity');
    await stand.reader.faults.corruptNextChecksum();
    await resident.goTo('form-1', 'identity');
  });

  it('over a torn and noisy line is read all the same', async () => {
    const { resident, stand } = scene;
    await resident.goTo('identity');
    await stand.reader.faults.noiseBeforeFrames(Uint8Array.of(0xaa, 0xaa, 0x00, 0xaa, 0xaa, 0xaa, 0x96));
    await stand.reader.faults.singleBytes(true);
    await stand.reader.faults.truncateNext();
    await resident.goTo('form-1', 'identity');
  });

  it('for the reader is unplugged: the screen says so, and the visit goes on when it is back', async () => {
    const { resident, stand } = scene;
    await resident.goTo('identity');
    await stand.reader.unplug();
    await resident.reads('读卡器没连上');
    await resident.reads('请工作人员看一下证件');
    await stand.reader.plug();
    await resident.reads('正在等您的身份证');
    await resident.goTo('form-1', 'identity');
  });

  it('for it has no chip: after a while the way by a worker shows', async () => {
    const { resident } = scene;
    await resident.goTo('identity');
    expect(await resident.page.getByText('护照、回乡证、台胞证、临时身份证').count()).toBe(0);
    await resident.reads('护照、回乡证、台胞证、临时身份证');
    await resident.press('请工作人员看一下证件');
    await resident.page.getByRole('button', { name: '请工作人员看一下证件' }).waitFor({ state: 'detached' });
    await resident.page.getByRole('button', { name: '我是工作人员' }).waitFor();
  });
});

describe('a terminal whose devices have a bad day', () => {
  let scene: Scene | null = null;

  afterEach(async () => {
    await scene?.close();
    scene = null;
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
    await stand.reader.liftCard();
    await resident.sees('home');
  });

  it('with a second person’s card during a visit goes on with the first person alone', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    const second = syntheticResident({ name: '另一位', birth: '19620305' });
    await resident.goTo('form-1');
    await stand.reader.layCard(second);
    await resident.goTo('check', 'form-1');
    const shown = await resident.page.locator('body').innerText();
    expect(shown).toContain('试秀兰');
    expect(shown).not.toContain('另一位');
    await resident.goTo('done', 'check');
    const receipt = await eventually('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
    expect(receipt.text).not.toContain('另');
    // Whoever stands there now is asked for a card again: the first person's is gone.
    await resident.press('再办一件');
    await resident.goTo('consent', 'home');
    await resident.tick('我知道了，同意使用这些信息');
    await resident.tick('其中的证件号码和住址属于敏感信息');
    await resident.press('同意，往下办');
    await resident.sees('form-1');
    await resident.reads('另一位');
    expect(readStore(stand).cases).toBe(1);
  });

  it('without receipt paper keeps the case, says so, and prints again on one touch', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('check');
    await stand.receiptPrinter.paperOut();
    await resident.goTo('done', 'check');
    await resident.reads('没有纸了，您的事没有丢');
    expect(readStore(stand).cases).toBe(1);
    await stand.receiptPrinter.paperIn();
    await resident.press('再打一次');
    await resident.reads('打好了，请从小票口取走');
    expect(stand.receiptPrinter.papers.map(({ ended }) => ended)).toEqual(['cut']);
  });

  it('whose receipt paper ends in the middle prints no rest of it later, and the whole again on one touch', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    await resident.goTo('check');
    await stand.receiptPrinter.outOfPaperAfter(200);
    await resident.goTo('done', 'check');
    await resident.reads('没有纸了，您的事没有丢');
    expect(printJobs(stand)).toEqual([{ document: 'receipt', state: 'failed' }]);
    await stand.receiptPrinter.paperIn();
    const number = await resident.receiptNumber();
    await resident.press('再打一次');
    await resident.reads('打好了，请从小票口取走');
    const papers = stand.receiptPrinter.papers;
    expect(papers.map(({ ended }) => ended)).toEqual(['torn', 'cut']);
    expect(papers[1]?.text).toContain(number);
    expect(printJobs(stand)).toEqual([{ document: 'receipt', state: 'confirmed' }]);
  });

  it('whose document printer is off says so, and prints on one touch when it is back', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    const notice = () => printJobs(stand)[1];
    await resident.goTo('done');
    await resident.reads('打好了，请从小票口取走');
    await stand.documentPrinter.stop();
    await resident.press('改天来取');
    await resident.reads('打印机没连上，您的事没有丢');
    expect(notice()).toEqual({ document: 'acceptance-notice', state: 'failed' });
    await stand.documentPrinter.start();
    await printsAgain(resident, '打好了，请从出纸口取走');
    expect(notice()).toEqual({ document: 'acceptance-notice', state: 'confirmed' });
    expect(await stand.documentPrinter.papers()).toHaveLength(1);
  });

  it('that jams and loses power with a certificate half out holds it, and the next person never gets it', async () => {
    scene = await openScene();
    const { resident, stand } = scene;
    const certificate = () => printJobs(stand).find((job) => JSON.stringify(job).includes('"certificate"'));
    await resident.goTo('done');
    await resident.reads('打好了，请从小票口取走');
    // The printer takes the job and stops in it.
    await stand.documentPrinter.setReason('input-tray-missing', true);
    await resident.workerConfirms();
    await eventually('the job', () => (JSON.stringify(certificate())?.includes('printing') ? true : null));
    await stand.documentPrinter.setReason('media-jam', true);
    await resident.reads('纸卡住了，您的事没有丢');
    expect(certificate()).toEqual({ document: 'certificate', state: 'failed' });
    const first = await resident.receiptNumber();
    await stand.reader.liftCard();
    await resident.press('结束办理');
    await resident.press('结束，去取东西');
    await resident.goodbye();
    expect(certificate()).toEqual({ document: 'certificate', state: 'held' });
    await stand.documentPrinter.stop();
    await stand.documentPrinter.setReason('input-tray-missing', false);
    await stand.documentPrinter.setReason('media-jam', false);
    await stand.documentPrinter.start();

    await resident.goTo('done');
    await resident.press('改天来取');
    await resident.reads('打好了，请从出纸口取走');
    const papers = await stand.documentPrinter.papers();
    expect(papers).toHaveLength(1);
    expect(await pdfText(papers[0] ?? '')).not.toContain(first);
    expect(certificate()).toEqual({ document: 'certificate', state: 'held' });
  });
});
