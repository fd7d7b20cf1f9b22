import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isReceiptNumber } from '#main/service/intake/receipt-number.ts';
import { PIN, RESIDENT, SIGNATURE, Stage } from './stage.ts';

describe('one resident’s whole visit', () => {
  it('goes from the first touch to the wiped screen, with receipt and certificate', async () => {
    const stage = await Stage.open();
    await stage.toHome();
    expect(stage.stepAt('home').items[0]).toMatchObject({ id: 'residence-certificate', unavailable: null });
    await stage.does('visit.chooseItem', { item: 'residence-certificate' });
    expect(stage.stepAt('item').item.materials).toHaveLength(2);
    await stage.does('visit.start', {});
    await stage.does('visit.consent', {});
    expect(stage.stepAt('identity').reader).toEqual({ state: 'looking' });

    stage.reader.lay(RESIDENT);
    await stage.settle();
    const form = stage.stepAt('form');
    expect(form.fields.map(({ id, value }) => [id, value])).toEqual([
      ['name', '王秀英'],
      ['number', '120103********0021'],
      ['address', RESIDENT.address],
      ['phone', ''],
    ]);
    await stage.answer({ phone: '138 0000 1234' });
    await stage.answer({ residence: 'other', estate: 'ceshili', building: '3', entrance: '', room: '501' });
    await stage.answer({ since: '2018-03', tenure: 'owned', purpose: 'school' });
    const rows = stage.stepAt('check').rows.map(({ label, value }) => `${label.zh} ${value.zh}`);
    expect(rows).toContain('从什么时候住到现在 2018年3月');
    expect(rows).toContain('证件号码 120103********0021');

    await stage.does('visit.submit', { signature: { height: 400, strokes: [[1, 2, 0, 300, 200, 16]] } });
    const done = stage.stepAt('done');
    expect(isReceiptNumber(done.receiptNumber)).toBe(true);
    expect(done.receiptNumber).toMatch(/^120103-000101-261123-0001-/);
    expect(done.collect.when.zh).toBe('11月24日（明天）09:00后');
    await stage.until(() => stage.paper('receipt')?.print.state === 'confirmed');
    expect(stage.documentPrinter.pdfs).toHaveLength(0);

    await stage.does('visit.callWorker', {});
    expect(stage.visit.help).toEqual({ state: 'called', openNow: true, opens: '09:00', phone: '022-5550 0107' });
    await stage.does('worker.arrive', {});
    await stage.does('worker.signIn', { pin: PIN });
    await stage.until(() => stage.stepAt('done').worker.at === 'confirming');
    expect(stage.visit.help).toEqual({ state: 'seen', worker: '李工' });
    expect(stage.documentPrinter.pdfs).toHaveLength(0);
    expect(stage.call('worker.confirm', { seen: ['face'] })).toEqual({ ok: false, error: { code: 'invalid' } });
    await stage.does('worker.confirm', { seen: ['lives', 'face', 'home'] });
    await stage.until(() => stage.paper('certificate')?.print.state === 'confirmed');
    expect(stage.stepAt('done').worker).toEqual({ at: 'confirmed', worker: '李工' });

    await stage.does('visit.rate', { level: 5, reasons: ['510', '517'] });
    await stage.does('visit.leave', {});
    expect(stage.stepAt('leaving').card).toBe('on-reader');
    stage.reader.lift();
    await stage.pass(6_000);
    expect(stage.step).toEqual({ at: 'ended' });
    expect(stage.events.filter(({ event }) => event === 'wiped')).toHaveLength(1);
    await stage.pass(5_000);
    expect(stage.step).toEqual({ at: 'attract' });
    expect(stage.visit.deadline).toBeNull();

    // One certificate and no notice; its bytes were zeroed after printing.
    expect(stage.documentPrinter.pdfs).toHaveLength(1);
    expect(stage.documentPrinter.given[0]?.every((byte) => byte === 0)).toBe(true);
    const text = pdfText(stage.documentPrinter.pdfs[0]);
    expect(text).toContain('社区居住证明');
    expect(text).toContain('待加盖公章');
    expect(text).toContain(RESIDENT.number);
    expect(text).toContain('天津市河西区友谊路街道测试里社区测试里3号楼501室');
    expect(text).not.toContain('未经社区核验盖章无效');
  });

  it('asks for the card again for another matter once it was lifted: somebody else may stand there', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.does('visit.another', {});
    stage.reader.lift();
    await stage.does('visit.chooseItem', { item: 'participation-certificate' });
    await stage.does('visit.start', {});
    await stage.does('visit.consent', {});
    expect(stage.step.at).toBe('identity');
    expect(JSON.stringify(stage.visit)).not.toContain(RESIDENT.name);
  });

  it('keeps the person for another matter while the card lies there, and asks for no second card', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    const first = stage.stepAt('done').receiptNumber;
    await stage.does('visit.another', {});
    await stage.does('visit.chooseItem', { item: 'participation-certificate' });
    await stage.does('visit.start', {});
    await stage.does('visit.consent', {});
    await stage.answer({ phone: '02255500107' });
    await stage.answer({ activity: 'volunteer', held: '2026-10', times: '4' });
    await stage.does('visit.submit', { signature: { height: 400, strokes: [[1, 2, 0, 300, 200, 16]] } });
    expect(stage.stepAt('done').receiptNumber).toMatch(/-0002-[\dX]$/);
    expect(stage.stepAt('done').receiptNumber).not.toBe(first);
    expect(stage.stepAt('done').prints.map(({ document }) => document)).toEqual(['receipt']);
  });

  it('names every paper on the last page after the matter that it came from', async () => {
    const stage = await Stage.open();
    await stage.toConfirmed();
    const certificate = stage.paper('certificate');
    await stage.does('visit.another', {});
    await stage.does('visit.chooseItem', { item: 'participation-certificate' });
    await stage.does('visit.start', {});
    await stage.does('visit.consent', {});
    await stage.answer({ phone: '02255500107' });
    await stage.answer({ activity: 'volunteer', held: '2026-10', times: '4' });
    await stage.does('visit.submit', { signature: SIGNATURE });
    await stage.does('visit.leave', {});
    const papers = stage.stepAt('leaving').papers;
    expect(papers.find(({ id }) => id === certificate?.id)?.title).toEqual(certificate?.title);
    expect(certificate?.title.zh).toBe('社区居住证明');
  });
});

function pdfText(pdf: Buffer | undefined): string {
  return execFileSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8' }).replaceAll(/\s/g, '');
}
