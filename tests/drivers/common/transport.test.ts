import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { connectTo, ratesOf, serialTrouble } from '#drivers/common/transport.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function listen(serve: (socket: Socket) => void): Promise<number> {
  server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('carries bytes both ways over TCP and tells when the other side ends', async () => {
  const port = await listen((socket) => socket.once('data', (bytes) => socket.end(bytes)));
  const opened = await connectTo({ by: 'tcp', host: '127.0.0.1', port })(0);
  if (!opened.ok) throw new Error(opened.error.why);
  const heard: number[] = [];
  opened.value.onData((bytes) => heard.push(...bytes));
  const closed = new Promise<void>((done) => opened.value.onClose(done));
  opened.value.write(Uint8Array.of(1, 0xff, 0));
  await closed;
  expect(heard).toEqual([1, 0xff, 0]);
  await opened.value.close();
});

it('says why a host cannot be reached, and what to do', async () => {
  const port = await listen(() => undefined);
  server?.close();
  const opened = await connectTo({ by: 'tcp', host: '127.0.0.1', port })(0);
  expect(opened).toMatchObject({ ok: false, error: { why: 'host-away', detail: 'ECONNREFUSED' } });
});

it('says that a serial port is missing', async () => {
  const opened = await connectTo({ by: 'serial', path: '/dev/ttyNONE', baud: 9_600 })(9_600);
  expect(opened).toMatchObject({ ok: false, error: { why: 'port-missing' } });
});

it.each([
  ['Error: Permission denied, cannot open /dev/ttyX', 'port-denied', /udev rule/],
  ['Error Resource temporarily unavailable Cannot lock port', 'port-busy', /other program/],
  ['Error: Input/output error setting custom baud rate', 'port-failed', /cable/],
])('names what is wrong with a serial port: %s', (words, why, remedy) => {
  const trouble = serialTrouble('/dev/ttyX', words);
  expect(trouble).toMatchObject({ why, detail: words });
  expect(trouble.remedy).toMatch(remedy);
});

it('says that a device of bytes has no IPP', async () => {
  const opened = await connectTo({ by: 'ipp', url: 'ipp://localhost/ipp/print' })(0);
  expect(opened).toMatchObject({ ok: false, error: { why: 'wrong-connection' } });
});

it('tries all rates only on a serial line whose rate is not known', () => {
  expect(ratesOf({ by: 'serial', path: '/dev/none', baud: 'auto' }, [2, 1])).toEqual([2, 1]);
  expect(ratesOf({ by: 'serial', path: '/dev/none', baud: 7 }, [2, 1])).toEqual([7]);
  expect(ratesOf({ by: 'tcp', host: 'nowhere', port: 1 }, [2, 1])).toEqual([2]);
});
