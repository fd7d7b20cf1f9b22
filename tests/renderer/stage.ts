import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve, sep } from 'node:path';
import { _electron as electron, type Page } from 'playwright';
import type { ScreenEvent } from '#contract/calls.ts';
import type { Display } from '#contract/visit.ts';
import { electronPath, startDisplay } from '#tests/stand/electron.ts';
import { moment, type Scene } from './snapshots.ts';

/** Two real terminals: 27 inches upright, 21.5 inches across. */
const pictures = {
  portrait: { width: 1080, height: 1920, widthMm: 336, heightMm: 597 },
  landscape: { width: 1920, height: 1080, widthMm: 476, heightMm: 268 },
} as const;
export type Turn = keyof typeof pictures;

declare global {
  interface Window {
    stagePush(event: ScreenEvent): void;
    readonly stageCalls: { readonly name: string; readonly input: unknown }[];
    readonly stageViolations: string[];
  }
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves the built screens under the shell's policy: own files, a nonce for styles, Trusted Types. */
async function serve(folder: string): Promise<{ address: string; close(): void }> {
  const nonce = randomBytes(12).toString('base64url');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "require-trusted-types-for 'script'",
    'trusted-types yichuang-worker',
  ].join('; ');
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = resolve(folder, `.${path === '/' ? '/index.html' : path}`);
    if (!file.startsWith(folder + sep)) return void response.writeHead(404).end();
    const send = (bytes: Buffer) => {
      const body = file.endsWith('.html') ? bytes.toString().replace('__CSP_NONCE__', nonce) : bytes;
      const type = types[extname(file)] ?? 'application/octet-stream';
      return response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
    };
    void readFile(file).then(send, () => response.writeHead(404).end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Runs in the page before its scripts: a bridge that answers everything and takes what the stage pushes. */
function fakeBridge({ widthMm, heightMm }: { readonly widthMm: number; readonly heightMm: number }): void {
  const listeners = new Set<(event: ScreenEvent) => void>();
  const calls: { name: string; input: unknown }[] = [];
  const violations: string[] = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
  Object.assign(window, {
    stagePush: (event: ScreenEvent) => {
      for (const listener of listeners) listener(event);
    },
    stageCalls: calls,
    stageViolations: violations,
    yichuang: {
      call(name: string, input: unknown) {
        calls.push({ name, input });
        return Promise.resolve({ ok: true });
      },
      subscribe(listener: (event: ScreenEvent) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      drawn: () => undefined,
      screen: { widthMm, heightMm },
      developmentRuntime: false,
    },
  });
}

export interface Stage {
  readonly page: Page;
  /** Shows a scene and waits until it stands still. */
  show(scene: Scene, display: Display): Promise<void>;
  close(): Promise<void>;
}

const MAIN = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => {
  const [width, height] = process.argv.at(-1).split('x').map(Number);
  new BrowserWindow({ width, height, frame: false, useContentSize: true }).loadURL('about:blank');
});
`;

/** The screens built in `built`, in the terminal's own Electron, on a display in memory. */
export async function openStage(turn: Turn, built: string): Promise<Stage> {
  const picture = pictures[turn];
  const server = await serve(resolve(built));
  const display = await startDisplay(picture);
  const folder = mkdtempSync(join(tmpdir(), 'yichuang-stage-'));
  writeFileSync(join(folder, 'main.cjs'), MAIN);
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  const app = await electron.launch({
    executablePath: electronPath(),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      join(folder, 'main.cjs'),
      `${picture.width}x${picture.height}`,
    ],
    env: { ...env, DISPLAY: display.name, TMPDIR: folder },
  });
  const page = await app.firstWindow();
  await page.addInitScript(fakeBridge, picture);
  await page.clock.setFixedTime(moment);
  await page.goto(server.address);
  let revision = 1;
  return {
    page,
    async show(scene, display) {
      revision += 1;
      const number = revision;
      await page.evaluate(
        ({ scene, display, number }) => {
          const off = { is: 'out-of-service', why: 'starting', detail: '' } as const;
          window.stagePush({ event: 'wiped' });
          window.stagePush({ event: 'terminal', terminal: { ...scene.terminal, health: off } });
          window.stagePush({ event: 'terminal', terminal: scene.terminal });
          if (scene.visit) {
            // Who has large letters is offered none.
            const { speech } = scene.visit.display;
            const offer = display.mode === 'standard' ? scene.visit.offer : 'none';
            window.stagePush({
              event: 'visit',
              visit: { ...scene.visit, revision: number, display: { ...display, speech }, offer },
            });
          }
          if (scene.sound) window.stagePush({ event: 'sound', sound: scene.sound });
        },
        { scene, display, number },
      );
      await settle(page);
      for (const name of touchesIn(scene, display)) {
        const named = { name, exact: name.length < 3 };
        await page.getByRole('button', named).or(page.getByRole('radio', named)).first().click();
        await settle(page);
      }
      for (const line of scene.draw ?? []) await write(page, line);
      await settle(page);
    },
    async close() {
      await app.close();
      await display.close();
      server.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Draws a line into the square for handwriting. */
async function write(page: Page, line: NonNullable<Scene['draw']>[number]): Promise<void> {
  const square = await page.getByRole('img').last().boundingBox();
  if (square === null) throw new Error('there is no square to write in');
  for (const [at, [x, y]] of line.entries()) {
    await page.mouse.move(square.x + (square.width * x) / 1000, square.y + (square.height * y) / 1000, { steps: 8 });
    if (at === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** A scene names its touches in Chinese and, right after, in English; a single letter or digits serve both. */
function touchesIn({ touch = [] }: Scene, { language }: Display): readonly string[] {
  const latin = /^[\x20-\u024f’]+$/;
  return touch.filter((name) => /^(\d+|[a-zA-Z])$/.test(name) || latin.test(name) === (language === 'en'));
}

/** Two frames drawn, fonts there, and nothing smooth or still thought about on its way. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
  });
}
