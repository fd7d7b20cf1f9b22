/**
 * A service as small as it can be: it says that it is there, answers, and ends with its shell. A few calls steer it:
 * `visit.begin` shows a visit, `visit.end` wipes, `visit.back` is never answered, `visit.extend` makes it fall silent.
 */
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FromService, ToService } from '../../../../contract/calls.ts';

const config = process.argv[process.argv.indexOf('--config') + 1] ?? '';
writeFileSync(
  join(dirname(config), 'service.json'),
  JSON.stringify({ pid: process.pid, node: process.version, env: process.env }),
);

const stream = new Socket({ fd: 3 });
const send = (message: FromService): void => {
  stream.write(`${JSON.stringify(message)}\n`);
};
const heartbeat = setInterval(() => send({ type: 'alive' }), 200);

const terminal = { health: { is: 'well' }, community: null, network: 'online', unsynced: 0, alerts: [] } as const;
const visit = {
  revision: 7,
  display: { language: 'zh', mode: 'standard', theme: 'standard', reach: 'full', hand: 'right', speech: 'off' },
  offer: 'none',
  deadline: null,
  help: { state: 'none' },
  alert: null,
  step: { at: 'ended' },
} as const;

stream.on('end', () => process.exit(0));
createInterface({ input: stream }).on('line', (line) => {
  const message = JSON.parse(line) as ToService;
  if (message.type === 'stop') process.exit(0);
  if (message.name === 'visit.back') return;
  if (message.name === 'visit.extend') clearInterval(heartbeat);
  if (message.name === 'screen.ready') send({ type: 'event', event: { event: 'terminal', terminal } });
  if (message.name === 'visit.begin') send({ type: 'event', event: { event: 'visit', visit } });
  send({ type: 'answer', id: message.id, answer: { ok: true } });
  if (message.name === 'visit.end') send({ type: 'event', event: { event: 'wiped' } });
});
