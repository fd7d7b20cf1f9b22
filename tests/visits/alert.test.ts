import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { AlertContent } from '#contract/alerts.ts';
import { openScene, type Scene } from './terminal.ts';

const REGION = '120103';

const storm: AlertContent = {
  level: 'red',
  hazard: 'storm',
  title: { zh: '大风马上到', en: 'A storm is near' },
  text: { zh: '一小时内有十一级大风。', en: 'Winds of force 11 within the hour.' },
  steps: [{ zh: '留在屋里，关好门窗。', en: 'Stay inside and close the windows.' }],
  issuer: { zh: '样例区气象台', en: 'Sample district weather office' },
  phone: '119',
};

let scene: Scene | null = null;

afterEach(async () => {
  await scene?.close();
  scene = null;
});

it('a red alert covers a running visit until it is read, without network too, and what was typed is still there', async () => {
  scene = await openScene();
  const { resident, stand } = scene;
  const { page } = resident;
  const file = join(stand.folder, 'alert.json');
  writeFileSync(file, JSON.stringify(storm));
  await resident.goTo('form-1');
  await resident.type('数字键盘：联系电话', '1380');
  const alert = await stand.gateway.publishAlert(file, REGION);
  const cover = page.getByRole('alertdialog');
  await cover.waitFor();
  expect(await cover.textContent()).toContain('留在屋里，关好门窗。');
  await stand.network.cut();
  await resident.reads('离线也能办');
  expect(await cover.isVisible()).toBe(true);
  await resident.press('我知道了');
  await cover.waitFor({ state: 'detached' });
  expect(await page.getByRole('textbox', { name: /联系电话/ }).inputValue()).toBe('1380');
  await resident.reads('大风马上到');
  await stand.network.mend();
  await stand.gateway.withdrawAlert(alert);
  await page.getByText('大风马上到').waitFor({ state: 'detached' });
  await resident.sees('form-1');
});
