import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { FlappingLine } from '#main/service/fleet/line.ts';
import { FakeTime } from '../time/fakes.ts';

async function lineTo(draws: number[]) {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const time = new FakeTime();
  const line = new FlappingLine({ chance: () => draws.shift() ?? 0.5, timers: time, now: () => time.monotonicMs() });
  const connect = (to = port) =>
    new Promise<Socket>((resolve, reject) => {
      const options = { hostname: '127.0.0.1', host: '127.0.0.1', protocol: 'http:', port: String(to) };
      line.connect(options, (error, socket) => (error ? reject(error) : resolve(socket)));
    });
  return { connect, line, time };
}

it('cuts a connection after a while, is away for a while, and comes back', async () => {
  const { connect, line, time } = await lineTo([0.5, 1]);
  const socket = await connect();
  const closed = once(socket, 'close');
  time.advance(199);
  expect(socket.destroyed).toBe(false);
  time.advance(1);
  await closed;
  expect(line.breaks).toBe(1);

  const refused = connect();
  time.advance(0);
  await expect(refused).rejects.toMatchObject({ code: 'ENETUNREACH' });
  time.advance(1_500);
  const again = await connect();
  expect(again.destroyed).toBe(false);
  again.destroy();
});

it('does not break with a connection that ended by itself', async () => {
  const { connect, line, time } = await lineTo([0.5]);
  const socket = await connect();
  socket.destroy();
  await once(socket, 'close');
  time.advance(60_000);
  expect(line.breaks).toBe(0);
  (await connect()).destroy();
});

it('tells of a gateway that is not there', async () => {
  const { connect, line } = await lineTo([]);
  await expect(connect(9)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(line.breaks).toBe(0);
});
