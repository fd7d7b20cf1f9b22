import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { RESIDENT, Stage } from './stage.ts';

function pdfText(pdf: Buffer | undefined): string {
  return execFileSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8' }).replaceAll(/\s/g, '');
}

it('prints the acceptance notice, and no certificate, when the resident collects later', async () => {
  const stage = await Stage.open();
  await stage.toDone();
  await stage.does('visit.collectLater', {});
  await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
  expect(stage.call('visit.collectLater', {})).toEqual({ ok: false, error: { code: 'not-now' } });
  await stage.does('visit.leave', {});
  expect(stage.documentPrinter.pdfs).toHaveLength(1);
  const text = pdfText(stage.documentPrinter.pdfs[0]);
  expect(text.startsWith('未经社区核验盖章无效')).toBe(true);
  expect(text).toContain('受理通知书');
  expect(text).toContain('11月24日（明天）09:00后，到社区服务大厅一号窗口');
  expect(text).not.toContain(RESIDENT.number);
  expect(text).toContain('120103********0021');
});

it('prints the notice for somebody who just leaves', async () => {
  const stage = await Stage.open();
  await stage.toDone();
  await stage.does('visit.leave', {});
  await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
  expect(stage.stepAt('leaving').papers.map(({ document }) => document)).toEqual(['receipt', 'acceptance-notice']);
});

it('prints no notice after a certificate', async () => {
  const stage = await Stage.open();
  await stage.toConfirmed();
  await stage.does('visit.leave', {});
  await stage.pass(1_000);
  expect(stage.stepAt('leaving').papers.map(({ document }) => document)).toEqual(['receipt', 'certificate']);
});

it('says truly when the desk is closed', async () => {
  const stage = await Stage.open();
  stage.time.wallErrorMs = 6 * 3_600_000;
  await stage.toDone();
  await stage.does('visit.callWorker', {});
  expect(stage.visit.help).toMatchObject({ state: 'called', openNow: false, opens: '09:00' });
});
