import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from './stand.ts';
import { sqliteStore } from './stores.ts';

/** Writes the beginning of a request and then a byte at a time. @returns what it was answered before the gateway hung up. */
async function dribble(url: string, begin: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.write(begin);
  const timer = setInterval(() => socket.write('x'), 100);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'close');
  clearInterval(timer);
  return answer;
}

test.each([
  ['head', 'POST /v1/enrol HTTP/1.1\r\nhost: gateway\r\nx-slow: '],
  [
    'content',
    'POST /v1/enrol HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n',
  ],
])('who sends the %s of a request a byte at a time is cut, and others are answered meanwhile', async (_, begin) => {
  const gateway = await startGateway(sqliteStore, { requestMs: 1000 });
  const slow = Array.from({ length: 20 }, () => dribble(gateway.url, begin));
  expect(await (await gateway.newTerminal()).cursor()).toMatchObject({ contiguousSeq: 0 });
  for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});
