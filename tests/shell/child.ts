/** A service for the supervisor's tests: the word in its arguments says how it behaves. */
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { FromService, ToService } from '../../contract/calls.ts';

const stream = new Socket({ fd: 3 });
const send = (message: FromService): void => {
  stream.write(`${JSON.stringify(message)}\n`);
};
const behaviour = process.argv.at(-1);
stream.on('end', () => process.exit(0));
createInterface({ input: stream }).on('line', (line) => {
  const message = JSON.parse(line) as ToService;
  if (message.type === 'stop' && behaviour !== 'stubborn') process.exit(0);
  if (message.type === 'call') send({ type: 'answer', id: message.id, answer: { ok: true } });
});
switch (behaviour) {
  case 'silent':
    break;
  case 'failing':
    process.exit(3);
    break;
  case 'strange':
    stream.write(`${JSON.stringify({ type: 'event', event: { event: 'visit', visit: { revision: '王秀英' } } })}\n`);
    break;
  case 'garbled':
    stream.write('no message\n');
    break;
  case 'once':
    send({ type: 'alive' });
    break;
  default:
    send({ type: 'alive' });
    setInterval(() => send({ type: 'alive' }), 50);
}
