/** A window with nothing in it: what Electron itself costs, on the same display and with the same care for what it loads. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The colour of the bare page, red, green and blue. */
export const BARE: readonly [number, number, number] = [0, 128, 64];

const MAIN = `const { app, BrowserWindow } = require('electron');
app.commandLine.appendSwitch('force-device-scale-factor', '1');
app.setPath('userData', process.env.BARE_PROFILE);
app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false, kiosk: true, webPreferences: { sandbox: true, contextIsolation: true } });
  window.once('ready-to-show', () => window.show());
  window.loadFile('page.html');
});
`;

/** A touch gives it another colour. */
const PAGE = `<!doctype html><title>bare</title><body style="background: rgb(${BARE.join(' ')})"><h1>bare</h1><script>
let touched = false;
document.body.style.height = '100vh';
document.body.addEventListener('click', () => {
  touched = !touched;
  document.body.style.background = touched ? 'rgb(64 0 128)' : 'rgb(${BARE.join(' ')})';
});
</script>`;

/** @returns the folder of the application. */
export function layBareApplication(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "bare", "main": "main.js" }');
  writeFileSync(join(folder, 'main.js'), MAIN);
  writeFileSync(join(folder, 'page.html'), PAGE);
  return folder;
}
