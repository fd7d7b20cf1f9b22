import { createServer } from 'node:net';
import type { monitorEventLoopDelay } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ServeOptions, serve } from '#gateway/serve.ts';
import { issued } from './certificate.ts';
import { sqliteStore } from './stores.ts';

const measured: ReturnType<typeof monitorEventLoopDelay>[] = [];
vi.mock(import('node:perf_hooks'), async (original) => {
  const hooks = await original();
  return {
    ...hooks,
    monitorEventLoopDelay(options) {
      const loop = hooks.monitorEventLoopDelay(options);
      measured.push(loop);
      return loop;
    },
  };
});

async function served(more: Partial<ServeOptions>) {
  const { address, keys } = await sqliteStore();
  const gateway = await serve({ store: address, keys, host: '127.0.0.1', port: 0, ...more });
  onTestFinished(() => gateway.stop());
  return gateway;
}

const ADMIN = { host: '127.0.0.1', port: 0 };
const READY = { ready: true, reasons: [] };

async function told(url: string | null, path: string) {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, body: (await answer.json()) as unknown };
}

test('health is told at the listener on loopback, and nowhere else than at --admin when there is one', async () => {
  const alone = await served({});
  expect(alone.admin).toBeNull();
  expect(await told(alone.url, '/healthz')).toEqual({ status: 200, body: { gateway: 'ok', intake: 'running' } });
  expect(await told(alone.url, '/readyz')).toEqual({ status: 200, body: READY });
  // Whoever comes through a proxy on this machine comes from loopback, too.
  expect(await told(alone.url, '/metrics')).toMatchObject({ status: 404 });
  const { url, admin } = await served({ admin: ADMIN });
  await fetch(`${url}/v1/somewhere`);
  const scraped = await fetch(`${admin}/metrics`);
  expect(scraped.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await scraped.text()).toContain('yichuang_gateway_requests_total{route="none",status="404"} 1\n');
  expect(await told(url, '/metrics')).toMatchObject({ status: 404 });
  expect(await told(admin, '/readyz')).toEqual({ status: 200, body: READY });
  expect(await told(url, '/readyz')).toMatchObject({ status: 404 });
  expect(await told(url, '/healthz')).toMatchObject({ status: 404 });
  expect(await told(admin, '/v1/terminals/self/cursor')).toMatchObject({ status: 404 });
});

test('a gateway that has stopped, and one that could not listen, measures no event loop any more', async () => {
  const { address, keys } = await sqliteStore();
  const options = { store: address, keys, host: '127.0.0.1', port: 0 };
  measured.length = 0;
  const gateway = await serve(options);
  const port = Number(new URL(gateway.url).port);
  await expect(serve({ ...options, port })).rejects.toThrow('EADDRINUSE');
  await gateway.stop();
  // Node tells whether it was measuring until then.
  expect(measured.map((loop) => loop.disable())).toEqual([false, false]);
});

test('a listener with TLS may be open to the world and tells nothing of health', async () => {
  const { files, pem } = issued();
  const { url } = await served({ tls: files });
  const dispatcher = new Agent({ connect: { ca: pem } });
  const { statusCode } = await request(`${url}/readyz`, { dispatcher });
  expect(statusCode).toBe(404);
  await dispatcher.close();
});

test('what cannot listen leaves nothing behind', async () => {
  await expect(served({ admin: { host: '0.0.0.0', port: 0 } })).rejects.toThrow('loopback only');
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  await expect(served({ port, admin: ADMIN })).rejects.toThrow('EADDRINUSE');
  await expect(served({ admin: { ...ADMIN, port } })).rejects.toThrow('EADDRINUSE');
});
