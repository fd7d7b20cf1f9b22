import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launchTerminal, type TerminalProcess } from '#tests/stand/electron.ts';
import { isAlive } from '#tests/stand/process.ts';
import { type Installation, install } from './installation.ts';

let installation: Installation;
let terminal: TerminalProcess;

beforeAll(async () => {
  installation = await install({ widthMm: 200, heightMm: 150, widthPx: 800, heightPx: 600, kiosk: false });
  const { application, config } = installation;
  terminal = await launchTerminal({
    application,
    config,
    display: { width: 1280, height: 1024 },
    extraEnv: { YICHUANG_NODE: process.execPath },
  });
});

afterAll(async () => {
  await terminal?.close();
  installation?.remove();
});

test('a development terminal has an ordinary window of the given size; a fresh page keeps its place', async () => {
  const before = terminal.page;
  await vi.waitFor(async () => expect(await before.evaluate(() => [innerWidth, innerHeight])).toEqual([800, 600]), {
    timeout: 10_000,
  });
  await before.evaluate(() => window.yichuang.call('visit.end', {}));
  const page = await terminal.freshPage(before);
  await vi.waitFor(async () => expect(await page.evaluate(() => [innerWidth, innerHeight])).toEqual([800, 600]), {
    timeout: 10_000,
  });
});

test('closing it ends the terminal in order, and the service with it', async () => {
  const { pid } = installation.service();
  const ended = once(terminal.app.process(), 'exit');
  await terminal.app.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) window.close();
  });
  expect(await ended).toEqual([0, null]);
  expect(isAlive(pid)).toBe(false);
});
