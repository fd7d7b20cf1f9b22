import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchTerminal, type TerminalProcess } from '#tests/stand/electron.ts';
import { type Installation, install } from './installation.ts';

let installation: Installation;
let terminal: TerminalProcess;

beforeAll(async () => {
  installation = await install({ widthMm: 1, heightMm: 600, widthPx: 1080, heightPx: 1920 });
  const { application, config } = installation;
  rmSync(join(application, 'out/service/main.mjs'));
  terminal = await launchTerminal({
    application,
    config,
    display: { width: 800, height: 600 },
    extraEnv: { YICHUANG_NODE: process.execPath },
  });
});

afterAll(async () => {
  await terminal?.close();
  installation?.remove();
});

test('a wrong terminal.yaml and a service that cannot start: the window opens and says where it is wrong', async () => {
  const { page } = terminal;
  await page.waitForFunction(() => window.seen.length > 0);
  const [first] = await page.evaluate(() => window.seen);
  expect(first).toMatchObject({
    event: 'terminal',
    terminal: { health: { is: 'out-of-service', why: 'configuration' } },
  });
  expect(JSON.stringify(first)).toMatch(/terminal\.yaml, line \d+, screen\.widthMm: /);
});
