import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type NetworkCut, startNetworkCut } from './network.ts';

let server: Server;
let network: NetworkCut;
let held: (() => void)[] = [];

beforeEach(async () => {
  held = [];
  server = createServer((request, response) => {
    if (request.url === '/held') held.push(() => response.end('late'));
    else response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  network = await startNetworkCut({ to: `http://127.0.0.1:${address.port}` });
});
afterEach(async () => {
  await network.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function get(path: string): Promise<string> {
  return (await fetch(network.url + path)).text();
}

it('passes requests on until it is cut and again when it is mended', async () => {
  expect(await get('/')).toBe('here');
  network.cut();
  await expect(get('/')).rejects.toThrow('fetch failed');
  network.mend();
  expect(await get('/')).toBe('here');
});

it('resets a request that is under way', async () => {
  const request = get('/held');
  await expect.poll(() => held.length).toBe(1);
  network.cut();
  await expect(request).rejects.toThrow('fetch failed');
});

it('holds bytes back', async () => {
  network.delay(150);
  const begun = performance.now();
  expect(await get('/')).toBe('here');
  expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
});
