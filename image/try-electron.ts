/** A real start of an Electron: a window appears on a virtual screen, and the program says its version and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, SetupError } from './setup.mjs';

const application = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(async () => {
  const window = new BrowserWindow({ show: false, width: 300, height: 300 });
  window.once('show', () => {
    process.stdout.write('electron ' + process.versions.electron + '\\n');
    app.exit(0);
  });
  await window.loadURL('data:text/html,<title>yichuang</title>');
  window.show();
});
`;

/** The version that the started Electron reports about itself. Throws SetupError with what it said when it does not start. */
export async function tryElectron(binary: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yichuang-electron-'));
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '640x480x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const display = await Promise.race([
      once(screen.stdout, 'data').then(([data]) => `:${String(data).trim()}`),
      once(screen, 'error').then(() => undefined),
      once(screen, 'exit').then(() => undefined),
    ]);
    if (display === undefined) throw new SetupError('Xvfb did not start: install the Debian package xvfb.');
    await writeFile(path.join(folder, 'package.json'), '{ "name": "try", "main": "main.js" }');
    await writeFile(path.join(folder, 'main.js'), application);
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const { status, stdout, stderr } = await run(
      binary,
      [...sandbox, `--user-data-dir=${path.join(folder, 'profile')}`, folder],
      { env: { ...process.env, DISPLAY: display }, timeout: 60_000 },
    );
    const version = /^electron (\S+)$/m.exec(stdout)?.[1];
    if (status !== 0 || version === undefined) {
      throw new SetupError(`Electron does not start (status ${status}):\n${stderr.slice(-2000)}`);
    }
    return version;
  } finally {
    screen.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
