import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type ElectronApplication, type Page, _electron as playwright } from 'playwright';
import { z } from 'zod';

const Choice = z.looseObject({ path: z.string(), version: z.string() });

/** The Electron that set-up chose; `YICHUANG_ELECTRON` names another one. */
export function electronPath(): string {
  const given = process.env.YICHUANG_ELECTRON;
  if (given) return given;
  try {
    return Choice.parse(JSON.parse(readFileSync('out/setup/electron.json', 'utf8'))).path;
  } catch {
    throw new Error('there is no Electron yet; `npm test` obtains one');
  }
}

export interface DisplayProcess {
  /** As in `DISPLAY`, for instance `:99`. */
  readonly name: string;
  close(): Promise<void>;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

function firstLine(child: ChildProcess, from: NodeJS.ReadableStream, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: from }).once('line', resolve);
    child.once('error', ({ message }) => reject(new Error(`${name} cannot be started: ${message}`)));
    child.once('exit', () => reject(new Error(`${name} ended before it was ready`)));
  });
}

/**
 * An X server in memory with a window manager (without one a kiosk window stays small), on a number of its own.
 * @param memory a folder in which the picture can be read, as `Xvfb_screen0`.
 */
export async function startDisplay(
  size: { readonly width: number; readonly height: number },
  memory?: string,
): Promise<DisplayProcess> {
  const screen = ['-screen', '0', `${size.width}x${size.height}x24`, '-nolisten', 'tcp', '-dpi', '96'];
  const server = spawn('Xvfb', ['-displayfd', '3', ...screen, ...(memory === undefined ? [] : ['-fbdir', memory])], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const numbers = server.stdio[3];
  if (!numbers || !('readable' in numbers)) throw new Error('Xvfb has no channel for its number');
  const name = `:${(await firstLine(server, numbers as NodeJS.ReadableStream, 'Xvfb')).trim()}`;
  const manager = spawn('openbox', ['--sm-disable', '--startup', 'echo ready'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, DISPLAY: name },
  });
  await firstLine(manager, manager.stdout, 'openbox').catch(async (error: unknown) => {
    await end(server, 'SIGTERM');
    throw error;
  });
  return {
    name,
    async close() {
      await end(manager, 'SIGTERM');
      await end(server, 'SIGTERM');
    },
  };
}

export interface LaunchOptions {
  /** `terminal.yaml`. */
  readonly config: string;
  /** An X display, for instance `:99`, or the size of one to be started; without it the machine's own. */
  readonly display?: string | { readonly width: number; readonly height: number };
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** Further switches of Chromium's. */
  readonly switches?: readonly string[];
  /** The application's folder; the repository otherwise. */
  readonly application?: string;
}

export interface TerminalProcess {
  readonly app: ElectronApplication;
  /** The shell's process id. */
  readonly pid: number;
  readonly display: string;
  /** The page on the screen now: the shell lays a new one after each visit and after a crash of the page. */
  readonly page: Page;
  /** Whether a page can still be looked at: it was neither replaced nor killed. */
  readonly lives: (page: Page) => boolean;
  /** Waits until the page on the screen is another one than `before`, and has drawn itself. */
  readonly freshPage: (before: Page | null) => Promise<Page>;
  /** Ends the terminal in order, and the display when it was started for it. */
  close(): Promise<void>;
}

async function drawn(page: Page): Promise<Page> {
  await page.waitForFunction(() => document.body?.innerText.trim() !== '', undefined, { polling: 50 });
  return page;
}

/** Launches the terminal as it is on a terminal, under Playwright, and waits until its first page has drawn itself. */
export async function launchTerminal(options: LaunchOptions): Promise<TerminalProcess> {
  const own = typeof options.display === 'object' ? await startDisplay(options.display) : null;
  const display = own?.name ?? (typeof options.display === 'string' ? options.display : (process.env.DISPLAY ?? ''));
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  const temporary = mkdtempSync(join(tmpdir(), 'yichuang-terminal-'));
  const application = resolve(options.application ?? '.');
  const root = process.getuid?.() === 0;
  // Not `executablePath`: only with an Electron that it looks up itself does Playwright hold the application back until it has
  // attached; otherwise it now and then attaches while the page is being loaded, and waits for that load for ever.
  process.env.ELECTRON_OVERRIDE_DIST_PATH = dirname(electronPath());
  const launch = playwright.launch({
    args: ['--disable-gpu', ...(options.switches ?? []), application, '--config', resolve(options.config)],
    chromiumSandbox: !root,
    env: { ...env, ...options.extraEnv, DISPLAY: display, TMPDIR: temporary },
    cwd: application,
  });
  const app = await launch.catch(async (error: unknown) => {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 10 });
    await own?.close();
    throw error;
  });
  const pid = app.process().pid;
  let said = '';
  app.process().stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const close = async (): Promise<void> => {
    await app.close();
    await own?.close();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 10 });
  };
  const crashed = new WeakSet<Page>();
  const watch = (page: Page): void => {
    page.on('crash', () => crashed.add(page));
  };
  app.on('window', watch);
  for (const page of app.windows()) watch(page);
  const lives = (page: Page): boolean => !page.isClosed() && !crashed.has(page);
  const onScreen = (): Page | undefined => app.windows().findLast(lives);
  const freshPage = async (before: Page | null): Promise<Page> => {
    for (;;) {
      const page = onScreen();
      if (!page || page === before) {
        await app.waitForEvent('window');
        continue;
      }
      try {
        return await drawn(page);
      } catch (problem) {
        if (lives(page)) throw problem;
      }
    }
  };
  try {
    if (pid === undefined) throw new Error('Electron did not start');
    await freshPage(null);
    return {
      app,
      pid,
      display,
      get page() {
        const page = onScreen();
        if (!page) throw new Error('there is no page on the screen');
        return page;
      },
      freshPage,
      lives,
      close,
    };
  } catch (error) {
    await close();
    throw new Error(`the terminal showed no page; it said:\n${said}`, { cause: error });
  }
}
