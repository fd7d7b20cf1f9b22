import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Bridge, ScreenEvent } from '#contract/calls.ts';
import { electronPath, launchTerminal, type TerminalProcess } from '#tests/stand/electron.ts';
import { isAlive } from '#tests/stand/process.ts';
import { type Installation, install } from './installation.ts';

declare global {
  interface Window {
    readonly yichuang: Bridge;
    readonly seen: ScreenEvent[];
    readonly violations: string[];
  }
}

const run = promisify(execFile);
const SIZE = { width: 1080, height: 1920 };
const SCREEN = { widthMm: 337, heightMm: 600, widthPx: SIZE.width, heightPx: SIZE.height };
const env = { YICHUANG_NODE: process.execPath };

const gone = (pid: number): Promise<void> =>
  vi.waitFor(() => expect(isAlive(pid), `process ${pid} lives`).toBe(false), { timeout: 10_000, interval: 50 });

let installation: Installation;
let terminal: TerminalProcess;
let outside: Server;
let outsideUrl = '';
let reached = 0;

beforeAll(async () => {
  outside = createServer((_request, response) => {
    reached += 1;
    response.setHeader('Access-Control-Allow-Origin', '*').end('outside');
  });
  await once(outside.listen(0, '127.0.0.1'), 'listening');
  outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
  installation = await install(SCREEN);
  const { application, config } = installation;
  // Without a camera and a microphone there would be nothing to refuse.
  const switches = ['--use-fake-device-for-media-stream'];
  terminal = await launchTerminal({ application, config, display: SIZE, extraEnv: env, switches });
});

afterAll(async () => {
  await terminal?.close();
  outside.close();
  installation?.remove();
});

const text = (): Promise<string> => terminal.page.locator('main').innerText();
const shows = (wanted: string): Promise<void> =>
  vi.waitFor(async () => expect(await text()).toBe(wanted), { timeout: 15_000, interval: 50 });
const hasFocus = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const focused = await terminal.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => window.isFocused()),
      );
      expect(focused).toEqual([true]);
    },
    { timeout: 10_000, interval: 50 },
  );
const rendererPid = (): Promise<number> =>
  terminal.app.evaluate(({ BrowserWindow }) => {
    const [newest] = BrowserWindow.getAllWindows().sort((a, b) => b.id - a.id);
    return newest?.webContents.getOSProcessId() ?? 0;
  });

describe('the window', () => {
  test('fills the display as a kiosk', async () => {
    await vi.waitFor(
      async () => expect(await terminal.page.evaluate(() => [innerWidth, innerHeight])).toEqual([1080, 1920]),
      { timeout: 10_000 },
    );
    const kiosk = await terminal.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => window.isKiosk()),
    );
    expect(kiosk).toEqual([true]);
  });

  test('swallows the shortcuts that leave the kiosk', async () => {
    const { page } = terminal;
    await hasFocus();
    await page.evaluate(() => {
      const keys: string[] = [];
      Object.assign(window, { keys });
      addEventListener('keydown', (event) => keys.push(event.key));
    });
    await terminal.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.on('close', (event) => Object.assign(globalThis, { closeRefused: event.defaultPrevented }));
    });
    const closeRefused = () => terminal.app.evaluate(() => Reflect.get(globalThis, 'closeRefused') === true);
    const press = (...keys: string[]) =>
      run('xdotool', ['key', '--delay', '20', ...keys], { env: { ...process.env, DISPLAY: terminal.display } });
    // The window manager may still be giving the window its focus.
    await vi.waitFor(
      async () => {
        await press('alt+F4');
        expect(await closeRefused()).toBe(true);
      },
      { timeout: 20_000, interval: 500 },
    );
    await press('ctrl+w', 'ctrl+q', 'ctrl+r', 'ctrl+shift+i', 'ctrl+c', 'F5', 'F11', 'F12', 'ctrl+plus', 'a');
    await page.waitForFunction(() => 'keys' in window && Array.isArray(window.keys) && window.keys.includes('a'));
    expect(await page.evaluate(() => ('keys' in window ? window.keys : null))).toEqual(['a']);
    expect(terminal.page).toBe(page);
    expect(await page.evaluate(() => innerHeight)).toBe(1920);
  });

  test('a second terminal on the same folders does not start', async () => {
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const second = spawn(electronPath(), [...root, installation.application, '--config', installation.config], {
      env: { ...process.env, ...env, DISPLAY: terminal.display },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    second.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(second, 'close');
    expect(code).toBe(1);
    expect(said).toContain('the terminal is already running');
    expect(await text()).toBe('in service');
  });
});

describe('the page', () => {
  test('has the bridge and nothing of Node or Electron', async () => {
    const found = await terminal.page.evaluate(() => ({
      node: ['require', 'process', 'module', 'global', 'Buffer', 'electron'].filter((name) => name in window),
      bridge: Object.keys(window.yichuang).sort(),
      frozen: Object.isFrozen(window.yichuang) && Object.isFrozen(window.yichuang.screen),
      screen: window.yichuang.screen,
      developmentRuntime: typeof window.yichuang.developmentRuntime,
    }));
    expect(found).toEqual({
      node: [],
      bridge: ['call', 'developmentRuntime', 'drawn', 'screen', 'subscribe'],
      frozen: true,
      screen: { widthMm: 337, heightMm: 600 },
      developmentRuntime: 'boolean',
    });
  });

  test('runs in a sandbox with isolated contexts', async () => {
    const isolated = await terminal.page.evaluate(() => 'ipcRenderer' in window || 'FACTS_SWITCH' in window);
    expect(isolated).toBe(false);
    const [metrics] = await terminal.app.evaluate(({ BrowserWindow, session }) =>
      BrowserWindow.getAllWindows().map((window) => ({
        devTools: window.webContents.isDevToolsOpened(),
        persistent: window.webContents.session.isPersistent(),
        own: window.webContents.session !== session.defaultSession,
      })),
    );
    expect(metrics).toEqual({ devTools: false, persistent: false, own: true });
  });

  test('runs no inline script, no string as code and no string as markup', async () => {
    const { page } = terminal;
    const outcome = await page.evaluate(() => {
      const attempt = (act: () => void): string => {
        try {
          act();
          return 'done';
        } catch (error) {
          return error instanceof Error ? error.name : 'refused';
        }
      };
      const script = document.createElement('script');
      return {
        atLoad: 'inlineRan' in window,
        markup: attempt(() => {
          document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
        }),
        code: attempt(() => {
          script.textContent = 'window.inlineRan = true';
        }),
        policy: attempt(() => {
          const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy(name: string): void } };
          trustedTypes.createPolicy('own');
        }),
      };
    });
    expect(outcome).toEqual({ atLoad: false, markup: 'TypeError', code: 'TypeError', policy: 'TypeError' });
    await page.evaluate(() => {
      const style = document.createElement('style');
      style.textContent = 'main { display: none; }';
      document.head.append(style);
    });
    await page.waitForFunction(() => window.violations.includes('style-src-elem'));
    await expect(page.locator('main').isVisible()).resolves.toBe(true);
    const colour = await page.locator('main').evaluate((main) => getComputedStyle(main).color);
    expect(colour, 'the style with the nonce of this load').toBe('rgb(1, 2, 3)');
  });

  test('reads its own files and nothing beside them', async () => {
    const answers = await terminal.page.evaluate(async () => {
      const status = (path: string) => fetch(path).then((answer) => answer.status);
      return {
        own: await status('/page.js'),
        beside: await status('/../../package.json'),
        coded: await status('/%2e%2e/%2e%2e/package.json'),
        slash: await status('/..%2fshell/main.cjs'),
        other: await status('app://elsewhere/page.js').catch(() => 'refused'),
        policy: await fetch('/').then((answer) => answer.status),
      };
    });
    expect(answers).toEqual({ own: 200, beside: 404, coded: 404, slash: 404, other: 'refused', policy: 404 });
  });

  test('reaches nothing outside the terminal, and neither does its session', async () => {
    const fromPage = await terminal.page.evaluate((url) => fetch(url).then(String, () => 'refused'), outsideUrl);
    const fromSession = await terminal.app.evaluate(
      ({ BrowserWindow }, url) => BrowserWindow.getAllWindows()[0]?.webContents.session.fetch(url).then(String, String),
      outsideUrl,
    );
    expect([fromPage, reached]).toEqual(['refused', 0]);
    expect(fromSession).toContain('ERR_BLOCKED_BY_CLIENT');
  });

  test('cannot leave, open windows or download', async () => {
    const { page, app } = terminal;
    const leaving = app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<boolean>((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          contents?.once('will-frame-navigate', (event) => resolve(event.defaultPrevented));
        }),
    );
    // Now the listener is there.
    await app.evaluate(() => undefined);
    await page.evaluate(() => document.querySelector('a')?.click());
    expect(await leaving).toBe(true);
    expect(
      await page.evaluate((url) => window.open(url) === null && window.open('/index.html') === null, outsideUrl),
    ).toBe(true);
    const downloading = app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<boolean>((resolve) => {
          const { session } = BrowserWindow.getAllWindows()[0]?.webContents ?? {};
          session?.once('will-download', (event) => resolve(event.defaultPrevented));
        }),
    );
    await app.evaluate(() => undefined);
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = '/page.js';
      link.download = 'page.js';
      link.click();
    });
    expect(await downloading).toBe(true);
    expect(page.url()).toBe('app://terminal/index.html');
    expect(app.windows()).toHaveLength(1);
  });

  test('gets no permission but the camera', async () => {
    const outcome = await terminal.page.evaluate(async () => {
      const ask = (wanted: MediaStreamConstraints) =>
        navigator.mediaDevices.getUserMedia(wanted).then(
          () => 'granted',
          (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
        );
      const where = new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          ({ code }) => resolve(code),
        );
      });
      return {
        notifications: await Notification.requestPermission(),
        geolocation: await where,
        sound: await ask({ audio: true }),
        both: await ask({ audio: true, video: true }),
        camera: await ask({ video: true }),
      };
    });
    expect(outcome).toEqual({
      notifications: 'denied',
      geolocation: 1,
      sound: 'NotAllowedError',
      both: 'NotAllowedError',
      camera: 'granted',
    });
  });
});

describe('calls', () => {
  test('go through when they are right, and are refused when unknown, malformed or too large', async () => {
    const answers = await terminal.page.evaluate(async () => {
      const { yichuang } = window as unknown as { yichuang: { call(name: string, input: unknown): Promise<unknown> } };
      const call = (name: string, input: unknown) => yichuang.call(name, input);
      return {
        right: await call('visit.chooseItem', { item: 'x' }),
        unknown: await call('constructor', {}),
        malformed: await call('visit.chooseItem', { item: 1 }),
        bytes: await call('visit.chooseItem', new Uint8Array(4)),
        large: await call('visit.chooseItem', { item: 'x'.repeat(3_000_000) }),
      };
    });
    const refused = (code: string) => ({ ok: false, error: { code } });
    expect(answers).toEqual({
      right: { ok: true },
      unknown: refused('unknown-call'),
      malformed: refused('invalid'),
      bytes: refused('invalid'),
      large: refused('invalid'),
    });
  });

  test.each(['about:blank', 'app://terminal/index.html'])(
    'from a foreign window at %s are refused',
    async (address) => {
      const outcome = await terminal.app.evaluate(async ({ BrowserWindow, app }, url) => {
        const [own] = BrowserWindow.getAllWindows();
        const foreign = new BrowserWindow({
          show: false,
          webPreferences: {
            ...(own ? { session: own.webContents.session } : {}),
            preload: `${app.getAppPath()}/out/shell/preload.cjs`,
            additionalArguments: ['--yichuang-facts={}'],
          },
        });
        await foreign.loadURL(url);
        const call = "window.yichuang.call('visit.begin', { display: {} }).then(String, (error) => error.message)";
        const answer: unknown = await foreign.webContents.executeJavaScript(call);
        foreign.destroy();
        return answer;
      }, address);
      expect(outcome).toContain('refused');
      await vi.waitFor(() => expect(terminal.app.windows()).toHaveLength(1), { timeout: 10_000 });
    },
  );

  test('a subscription ends when its function is called', async () => {
    const counts = await terminal.page.evaluate(async () => {
      let heard = 0;
      const end = window.yichuang.subscribe(() => {
        heard += 1;
      });
      await window.yichuang.call('screen.ready', {});
      const before = heard;
      end();
      await window.yichuang.call('screen.ready', {});
      return { before, after: heard };
    });
    expect(counts.before).toBeGreaterThan(0);
    expect(counts.after).toBe(counts.before);
  });
});

describe('faults', () => {
  test('the service runs on Node 24, without what steers Electron or Node', () => {
    const { node, env } = installation.service();
    expect(node).toMatch(/^v24\./);
    expect(Object.keys(env).filter((name) => /^(ELECTRON_|NODE_OPTIONS$)/.test(name))).toEqual([]);
  });

  test('a killed service: out of service meanwhile, waiting calls answered, then back', async () => {
    const { page } = terminal;
    const { pid } = installation.service();
    const waiting = page.evaluate(() => window.yichuang.call('visit.back', {}));
    // Calls keep their order: when this one is answered, the other one waits in the service.
    await page.evaluate(() => window.yichuang.call('help.call', {}));
    const from = await page.evaluate(() => window.seen.length);
    process.kill(pid, 'SIGKILL');
    expect(await waiting).toEqual({ ok: false, error: { code: 'out-of-service' } });
    await page.waitForFunction((start) => window.seen.length > start, from);
    await shows('in service');
    const seen = await page.evaluate((start) => window.seen.slice(start), from);
    expect(seen[0]).toMatchObject({
      event: 'terminal',
      terminal: { health: { is: 'out-of-service', why: 'service-stopped', detail: 'SIGKILL' } },
    });
  });

  test('the end of a visit: a fresh page in a fresh process, that knows nothing of the visit', async () => {
    const before = terminal.page;
    await before.evaluate(() => window.yichuang.call('visit.begin', { display: {} }));
    await shows('visit');
    await before.evaluate(() => localStorage.setItem('left', 'behind'));
    const pid = await rendererPid();
    await before.evaluate(() => window.yichuang.call('visit.end', {}));
    const page = await terminal.freshPage(before);
    await shows('in service');
    await gone(pid);
    await hasFocus();
    expect(before.isClosed()).toBe(true);
    const seen = await page.evaluate(() => window.seen.map(({ event }) => event));
    expect(new Set(seen)).toEqual(new Set(['terminal']));
    await vi.waitFor(async () => expect(await page.evaluate(() => localStorage.length)).toBe(0), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await page.evaluate(() => [innerWidth, innerHeight])).toEqual([1080, 1920]), {
      timeout: 10_000,
    });
  });

  test('a killed page comes back with the visit on it', async () => {
    const before = terminal.page;
    await before.evaluate(() => window.yichuang.call('visit.begin', { display: {} }));
    await shows('visit');
    const pid = await rendererPid();
    process.kill(pid, 'SIGKILL');
    const page = await terminal.freshPage(before);
    await page.waitForFunction(() => window.seen.some(({ event }) => event === 'visit'));
    expect(await page.evaluate(() => window.seen.find(({ event }) => event === 'visit'))).toMatchObject({
      visit: { revision: 7 },
    });
  });

  test('a service that dies during a visit takes the page with it', async () => {
    const before = terminal.page;
    process.kill(installation.service().pid, 'SIGKILL');
    const page = await terminal.freshPage(before);
    await page.waitForFunction(() => window.seen.length > 0);
    expect(await page.evaluate(() => window.seen.some(({ event }) => event === 'visit'))).toBe(false);
  });

  test('a killed shell leaves no service behind', async () => {
    await shows('in service');
    const { pid } = installation.service();
    expect(isAlive(pid)).toBe(true);
    process.kill(terminal.pid, 'SIGKILL');
    await gone(pid);
  });
});
