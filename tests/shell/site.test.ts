import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Site } from '#main/shell/site.ts';

let folder: string;
let site: Site;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yichuang-site-'));
  const screens = join(folder, 'screens');
  mkdirSync(join(screens, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.json'), '{}');
  writeFileSync(join(screens, 'index.html'), '<meta property="csp-nonce" content="__CSP_NONCE__">');
  writeFileSync(join(screens, 'assets/page.js'), '"__CSP_NONCE__"');
  writeFileSync(join(screens, 'assets/page.css'), '');
  writeFileSync(join(screens, 'assets/page.js.map'), '{}');
  symlinkSync(join(folder, 'secret.json'), join(screens, 'assets/link.json'));
  let loads = 0;
  site = await Site.open(screens, () => {
    loads += 1;
    return `nonce${loads}`;
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = (path: string, method = 'GET') => site.answer({ url: `app://terminal${path}`, method });

test('the page carries the nonce of its own load, in the header and in the page', async () => {
  const first = await get('/index.html');
  const second = await get('/index.html');
  const nonceOf = (answer: Response) =>
    /'nonce-([^']+)'/.exec(answer.headers.get('Content-Security-Policy') ?? '')?.[1];
  expect(nonceOf(first)).toMatch(/^nonce\d+$/);
  expect(nonceOf(second)).not.toBe(nonceOf(first));
  expect(await first.text()).toBe(`<meta property="csp-nonce" content="${nonceOf(first)}">`);
});

test.each([
  ['/index.html', 'text/html; charset=utf-8'],
  ['/assets/page.js', 'text/javascript; charset=utf-8'],
  ['/assets/page.js?v=1', 'text/javascript; charset=utf-8'],
  ['/assets/page.css', 'text/css; charset=utf-8'],
])('%s is %s, and not to be guessed at', async (path, type) => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('Content-Type')).toBe(type);
  expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
});

test('a script stays as it was built', async () => {
  expect(await (await get('/assets/page.js')).text()).toBe('"__CSP_NONCE__"');
});

test.each([
  '/',
  '/assets',
  '/assets/',
  '/assets/page.js.map',
  '/assets/link.json',
  '/../secret.json',
  '/%2e%2e/secret.json',
  '/..%2fsecret.json',
  '/assets/..%5c..%5csecret.json',
  '//secret.json',
  '/assets/page.js%00.html',
  '/index.html/',
])('%s is not there', async (path) => {
  const answer = await get(path);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
  expect((await get('/index.html', method)).status).toBe(405);
});

test('no path leads out of the folder', async () => {
  const parts = fc.constantFrom('..', '.', '%2e%2e', '%2f', '/', '\\', 'assets', 'secret.json', 'screens', '\0');
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 8 }), async (path) => {
      const answer = await get(`/${path.join('/')}`);
      expect(answer.status).toBe(404);
    }),
  );
});

test('screens that are not installed: a page in words', async () => {
  const none = await Site.open(join(folder, 'nowhere'), () => 'nonce');
  const answer = await none.answer({ url: 'app://terminal/index.html', method: 'GET' });
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('暂停服务');
});
