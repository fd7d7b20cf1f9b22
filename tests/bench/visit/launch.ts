/** Starts a terminal, or a bare window, with nobody watching from inside, and tells when its picture stands on the screen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type DisplayProcess, electronPath, startDisplay } from '#tests/stand/electron.ts';
import { Framebuffer } from '#tests/stand/framebuffer.ts';
import { openStand, type Stand } from '#tests/stand/stand.ts';
import { BARE, layBareApplication } from './bare.ts';

/** A place on the start button of the attract screen, and its colour there (`--action` in tokens.css). */
const BUTTON = { x: 250, y: 1511 };
const ACTION: readonly [number, number, number] = [181, 71, 17];
const LOOK_EVERY_MS = 2;

export interface Running {
  readonly pid: number;
  /** Milliseconds from the start of the program to its picture. */
  readonly ms: number;
  end(): Promise<void>;
}

export interface Bench {
  readonly stand: Stand;
  startOurs(): Promise<Running>;
  startBare(): Promise<Running>;
  close(): Promise<void>;
}

/** A stand with a display whose pixels can be read, and both programs ready to be started. */
export async function openBench(): Promise<Bench> {
  mkdirSync('out/bench', { recursive: true });
  const folder = mkdtempSync(resolve('out/bench/terminal-'));
  const memory = join(folder, 'memory');
  mkdirSync(memory);
  const stand = await openStand({ folder: join(folder, 'stand') });
  const display = await startDisplay(stand.screen, memory);
  const screen = new Framebuffer(join(memory, 'Xvfb_screen0'));
  const bare = layBareApplication(join(folder, 'bare'));
  const start = (args: readonly string[], wanted: readonly number[]) =>
    launch(args, { display, screen, wanted, profile: join(folder, 'profile') });
  return {
    stand,
    startOurs: () => start([resolve('.'), '--config', stand.config], ACTION),
    startBare: () => start([bare], BARE),
    async close() {
      await display.close();
      await stand.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function launch(
  args: readonly string[],
  o: { display: DisplayProcess; screen: Framebuffer; wanted: readonly number[]; profile: string },
): Promise<Running> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const shows = (): boolean => o.screen.pixel(BUTTON).every((channel, at) => channel === o.wanted[at]);
  const began = performance.now();
  const child = spawn(electronPath(), [...sandbox, '--disable-gpu', ...args], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: o.display.name, BARE_PROFILE: o.profile },
  });
  while (!shows()) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended before it showed anything`);
    await pause(LOOK_EVERY_MS);
  }
  const ms = performance.now() - began;
  return { pid: child.pid ?? 0, ms, end: () => end(child, shows) };
}

/** Ends the program, and waits until its picture is gone, so that the next one is not taken for it. */
async function end(child: ChildProcess, shows: () => boolean): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  while (shows()) await pause(LOOK_EVERY_MS);
}
