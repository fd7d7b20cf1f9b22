import { afterEach, describe, expect, it } from 'vitest';
import { person } from '#tests/stand/resident.ts';
import { findTraces } from '#tests/stand/traces.ts';
import { eventually, journalEntries, openScene, pdfText, readStore, type Scene } from './terminal.ts';

declare global {
  interface Window {
    firstHeading?: string;
  }
}

const masked = `${person.number.slice(0, 6)}********${person.number.slice(-4)}`;

describe('one resident’s whole visit', () => {
  let scene: Scene | null = null;

  afterEach(async () => {
    await scene?.close();
    scene = null;
  });

  it('ends with a receipt, a certificate that a worker confirmed, and one case at the district', async () => {
    scene = await openScene();
    const { stand, resident } = scene;
    await resident.goTo('done');
    const number = await resident.receiptNumber();
    const receipt = await eventually('the receipt', () => stand.receiptPrinter.papers[0] ?? null);
    expect(receipt.text).toContain(number);
    expect(receipt.text).toContain(masked);
    expect(receipt.text).toContain('试**');
    expect(receipt.text).not.toContain(person.number);
    expect(receipt.text).not.toContain(person.name);

    await resident.workerConfirms();
    await resident.reads('打好了，请从出纸口取走');
    const [paper = ''] = await stand.documentPrinter.papers();
    const certificate = await pdfText(paper);
    expect(certificate).toContain('社区居住证明');
    expect(certificate).toContain(person.name);
    expect(certificate).toContain('样例里3号楼2门501室');
    expect(certificate).toContain('2019年5月');
    expect(certificate).toContain('待加盖公章');
    expect(certificate).toContain(number);

    await resident.press('满意');
    await resident.press('提交评价');
    await resident.reads('谢谢您的评价');
    await resident.press('办好了，离开');
    await resident.sees('leaving');
    await stand.reader.liftCard();
    await resident.goodbye();

    await eventually('the district to have it', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
    const entries = await journalEntries(stand);
    await eventually('every entry there', async () =>
      (await stand.gateway.counts()).entries === entries ? true : null,
    );
    expect((await stand.gateway.counts()).quarantined).toBe(0);
    expect(readStore(stand)).toEqual({ cases: 1, receiptNumbers: [number], whole: 1 });

    await scene.closeTerminal();
    const district = `${stand.folder}/district`;
    expect(findTraces([person.name, person.number], [`${stand.folder}/terminal`, district])).toEqual([]);
    expect(findTraces([number], [`${stand.folder}/terminal`]).length).toBeGreaterThan(0);
  });

  it('works the same without a district and without a worker, on a landscape screen, and uploads afterwards', async () => {
    scene = await openScene({ landscape: true, before: ({ gateway }) => gateway.stop() });
    const { stand, resident } = scene;
    await resident.reads('离线也能办');
    await resident.goTo('done');
    const number = await resident.receiptNumber();
    await resident.press('改天来取');
    await resident.reads('打好了，请从出纸口取走');
    const papers = await stand.documentPrinter.papers();
    expect(papers).toHaveLength(1);
    const notice = await pdfText(papers[0] ?? '');
    expect(notice).toContain('未经社区核验盖章无效');
    expect(notice).toContain(number);
    expect(stand.receiptPrinter.papers[0]?.text).toContain('社区服务大厅一号窗口');

    await resident.press('不评了');
    await resident.goTo('leaving', 'done');
    await stand.reader.liftCard();
    await resident.goodbye();
    expect(readStore(stand).cases).toBe(1);

    await stand.gateway.start();
    await eventually('the district to have it', async () => ((await stand.gateway.counts()).cases === 1 ? true : null));
    await resident.page.getByText('联网', { exact: true }).waitFor();
  });

  it('prints the acceptance notice for one who simply leaves', async () => {
    scene = await openScene();
    const { stand, resident } = scene;
    await resident.goTo('leaving');
    const [paper = ''] = await eventually('the notice', async () => {
      const papers = await stand.documentPrinter.papers();
      return papers.length > 0 ? papers : null;
    });
    expect(await pdfText(paper)).toContain('未经社区核验盖章无效');
  });

  it('shows large type and English to one who asks, and the terminal’s own to the next', async () => {
    scene = await openScene();
    const { resident } = scene;
    const typeSize = () =>
      resident.page
        .getByRole('heading', { level: 1 })
        .evaluate((heading) => Number.parseFloat(getComputedStyle(heading).fontSize));
    await resident.goTo('home');
    const standard = await typeSize();
    await resident.press('大字');
    await expect.poll(typeSize).toBeGreaterThan(standard * 1.15);
    await resident.press('English');
    await resident.page.getByRole('heading', { level: 1, name: 'What would you like to do?' }).waitFor();
    await resident.press('Certificate of residence');
    await resident.page.getByRole('button', { name: 'Start' }).waitFor();
    await resident.press('End visit');
    await resident.press('End and erase');
    await resident.sees('attract');
    await resident.goTo('home');
    expect(await typeSize()).toBe(standard);
  });

  it('leaves a fresh page behind, whose first picture is the goodbye and no page of waiting', async () => {
    scene = await openScene();
    const { resident, terminal } = scene;
    await resident.goTo('home');
    const old = terminal.page;
    await terminal.app.context().addInitScript(() => {
      const observer = new MutationObserver(() => {
        const heading = document.querySelector('h1')?.innerText;
        if (heading === undefined) return;
        observer.disconnect();
        window.firstHeading = heading;
      });
      observer.observe(document, { subtree: true, childList: true });
    });
    await resident.press('结束办理');
    await resident.press('结束并清除');
    const fresh = await terminal.freshPage(old);
    expect(await fresh.evaluate(() => window.firstHeading)).toBe('证件和纸都拿好了吗？');
  });
});
