/** A service for the supervisor's tests: the word in its arguments says how it behaves. */
import type { FromService, ToService } from '../../contract/calls.ts';

const send = (message: FromService): void => {
  process.send?.(message);
};
const behaviour = process.argv[2] ?? '';
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToService) => {
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
    process.send?.({ type: 'event', event: { event: 'visit', visit: { revision: '王秀英' } } });
    break;
  case 'once':
    send({ type: 'alive' });
    break;
  default:
    send({ type: 'alive' });
    setInterval(() => send({ type: 'alive' }), 50);
}
