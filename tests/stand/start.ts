/** `npm start`: the terminal for one's own hands, with simulated devices and a panel. `--landscape` turns the screen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startPanel } from '#tests/simulators/panel.ts';
import { people } from '#tests/simulators/people.ts';
import { startDisplay } from './electron.ts';
import { openStand, WORKER_PIN } from './stand.ts';

const { values } = parseArgs({ options: { landscape: { type: 'boolean', default: false } } });

const electron = process.env.YICHUANG_ELECTRON;
if (!electron) throw new Error('the Electron runtime is not known; start this with npm start');

const stand = await openStand({ folder: 'out/stand', landscape: values.landscape, kiosk: false });
const panel = await startPanel({ ...stand, people });
const given = process.env.DISPLAY;
const display = given ? null : await startDisplay(stand.screen);

process.stdout.write(`
The terminal is open${display ? ` on the virtual display ${display.name}` : ''}.
  devices   ${panel.url}    lay and lift cards, scan, take paper away, unplug, jam, slow, cut the network
  worker    PIN ${WORKER_PIN}
  kept in   ${stand.folder}
${display ? `  see it    apt-get install x11vnc && x11vnc -localhost -display ${display.name}, then any VNC viewer at localhost:5900\n` : ''}Ctrl+C ends it.
`);

const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
// Chromium's complaints about a machine without a bus or a graphics card say nothing of the terminal.
const terminal = spawn(electron, [...sandbox, '--disable-gpu', '--log-level=3', '.', '--config', stand.config], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, DISPLAY: given ?? display?.name },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => terminal.kill('SIGTERM'));
await once(terminal, 'exit');
await panel.close();
await display?.close();
await stand.close();
