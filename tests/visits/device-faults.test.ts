import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Sw3, startSimulator } from '#tests/simulators/index.ts';
import { isAlive } from '#tests/stand/process.ts';
import type { Stand } from '#tests/stand/stand.ts';
import { eventually, healthOf, openScene, pdfText, printJobs, printsAgain, readStore, type Scene } from './terminal.ts';

const RECEIPT_PRINTED = '打好了，请从小票口取走';
const SHEET_PRINTED = '打好了，请从出纸口取走';

let scene: Scene;
let casesBefore = 0;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

beforeEach(() => {
  casesBefore = readStore(scene.stand).cases;
});

/** Every visit here ends well: one case more, card and papers taken, the next person's screen. */
afterEach(async () => {
  const { resident, stand } = scene;
  expect(readStore(stand)).toMatchObject({ cases: casesBefore + 1, whole: casesBefore + 1 });
  await stand.reader.liftCard();
  await resident.press('办好了，离开');
  await resident.goodbye();
});

/** What the terminal wants a person for, as `part what`. */
async function wants(...concerns: readonly string[]): Promise<void> {
  await eventually(`a terminal that wants ${concerns.join() || 'nobody'}`, async () => {
    const health = await healthOf(scene.resident);
    const told = 'concerns' in health ? health.concerns.map(({ part, what }) => `${part} ${what}`) : [];
    return told.join() === concerns.join() ? true : null;
  });
}

/** How often the terminal has sent this request to the reader. */
function asked({ reader }: Stand, request: string): number {
  return reader.requests.filter((each) => each === request).length;
}

describe('a visit ends well', () => {
  it('without its scanner, of which the terminal’s health tells', async () => {
    const { resident, stand } = scene;
    await resident.goTo('form-1');
    await wants();
    await stand.scanner.unplug();
    await wants('scanner away');
    await resident.goTo('done', 'form-1');
    await resident.reads(RECEIPT_PRINTED);
    await stand.scanner.plug();
    await wants();
  });

  it('with a reader that is slow', async () => {
    const { resident, stand } = scene;
    await stand.reader.faults.delayMs(600);
    await resident.goTo('form-1');
    await stand.reader.faults.clear();
    await resident.goTo('done', 'form-1');
    await resident.reads(RECEIPT_PRINTED);
  });

  it('with a reader that fails at every read for a while', async () => {
    const { resident, stand } = scene;
    await resident.goTo('identity');
    const before = asked(stand, '30 01');
    await stand.reader.faults.failEvery('read', Sw3.readFailed);
    for (let time = 1; time <= 3; time += 1) {
      await stand.reader.layCard(resident.card);
      await eventually(`read ${time}`, () => (asked(stand, '30 01') >= before + time ? true : null));
      await resident.reads('没读出来，不怪您');
      await stand.reader.liftCard();
      const looked = asked(stand, '20 01');
      await eventually('the reader to be asked again', () => (asked(stand, '20 01') > looked + 1 ? true : null));
    }
    await stand.reader.faults.clear();
    await resident.goTo('done', 'identity');
    await resident.reads(RECEIPT_PRINTED);
  });

  it('with a receipt printer whose cable is pulled in a receipt and put back', async () => {
    const { resident, stand } = scene;
    await resident.goTo('check');
    await stand.receiptPrinter.unplugAfter(300);
    await resident.goTo('done', 'check');
    await resident.page.getByRole('button', { name: '再打一次' }).waitFor();
    expect(stand.receiptPrinter.plugged).toBe(false);
    await stand.receiptPrinter.plug();
    await printsAgain(resident, RECEIPT_PRINTED);
    expect(stand.receiptPrinter.papers.at(-1)).toMatchObject({ ended: 'cut' });
    expect(stand.receiptPrinter.papers.at(-1)?.text).toContain(await resident.receiptNumber());
    expect(printJobs(stand).at(-1)).toEqual({ document: 'receipt', state: 'confirmed' });
  });

  it('with a receipt printer whose cover is opened and closed', async () => {
    const { resident, stand } = scene;
    const before = stand.receiptPrinter.papers.length;
    await resident.goTo('check');
    await stand.receiptPrinter.coverOpen();
    await resident.goTo('done', 'check');
    await resident.reads('机器的盖子开着');
    await stand.receiptPrinter.coverClosed();
    await resident.press('再打一次');
    await resident.reads(RECEIPT_PRINTED);
    expect(stand.receiptPrinter.papers.length).toBe(before + 1);
  });

  it('with a sheet that jams: the jam is cleared, and one tap prints it', async () => {
    const { resident, stand } = scene;
    await resident.goTo('done');
    await resident.reads(RECEIPT_PRINTED);
    await stand.documentPrinter.setReason('media-jam', true);
    await resident.press('改天来取');
    await resident.reads('纸卡住了，您的事没有丢');
    expect(printJobs(stand).at(-1)).toEqual({ document: 'acceptance-notice', state: 'failed' });
    await stand.documentPrinter.setReason('media-jam', false);
    await resident.press('再打一次');
    await resident.reads(SHEET_PRINTED);
    expect(printJobs(stand).at(-1)).toEqual({ document: 'acceptance-notice', state: 'confirmed' });
    const number = await resident.receiptNumber();
    const sheets = await Promise.all((await stand.documentPrinter.papers()).map(pdfText));
    expect(sheets.filter((sheet) => sheet.includes(number))).toHaveLength(1);
  });

  it('with a receipt printer that dies, and another one in its place', async () => {
    const { resident, stand } = scene;
    await resident.goTo('check');
    process.kill(stand.receiptPrinter.pid, 'SIGKILL');
    await eventually('its end', () => (isAlive(stand.receiptPrinter.pid) ? null : true));
    await resident.goTo('done', 'check');
    await resident.reads('打印机没连上，您的事没有丢');
    await expect(stand.receiptPrinter.paperIn()).rejects.toThrow('the simulated receipt printer can’t paperIn');
    const port = Number(stand.receiptPrinter.connection.split(':')[2]);
    const other = await startSimulator('receipt printer', { transport: 'tcp', port, paperMm: 80 });
    onTestFinished(async () => {
      await other.close();
    });
    await printsAgain(resident, RECEIPT_PRINTED);
    expect(other.papers.map(({ ended }) => ended)).toEqual(['cut']);
    expect(other.papers[0]?.text).toContain(await resident.receiptNumber());
  });
});
