import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stringify } from 'yaml';
import { FromService, type ScreenEvent, type ToService } from '#contract/calls.ts';
import { enrol, settings } from './fixture.ts';

const ENTRY = resolve('main/service/main.ts');

/** What a screen hears and says. */
class Screen {
  readonly stream: Socket;
  readonly heard: FromService[] = [];

  constructor(stream: Socket) {
    this.stream = stream;
    createInterface({ input: stream }).on('line', (line) => {
      this.heard.push(FromService.parse(JSON.parse(line)));
      stream.emit('heard');
    });
  }

  send(message: ToService): void {
    this.stream.write(`${JSON.stringify(message)}\n`);
  }

  async hears<T>(find: (message: FromService) => T | undefined): Promise<T> {
    for (;;) {
      for (const message of this.heard) {
        const found = find(message);
        if (found !== undefined) return found;
      }
      await once(this.stream, 'heard');
    }
  }

  /** The reason that the screen is shown. */
  outOfService(): Promise<{ why: string; detail: string }> {
    return this.hears((message) => {
      if (message.type !== 'event' || message.event.event !== 'terminal') return undefined;
      const { health } = message.event.terminal;
      return health.is === 'out-of-service' ? health : undefined;
    });
  }

  answer(id: number): Promise<FromService & { type: 'answer' }> {
    return this.hears((message) => (message.type === 'answer' && message.id === id ? message : undefined));
  }
}

/** The service as the shell starts it. */
class Child extends Screen {
  readonly process: ChildProcess;

  constructor(config: string, execArgv: string[] = [], more: string[] = []) {
    const args = [ENTRY, '--screen-descriptor', '3', '--config', config, ...more];
    const child = spawn(process.execPath, [...execArgv, ...args], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    super(child.stdio[3] as Socket);
    this.process = child;
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }
}

/** A module for the service's process, in which what waits for half a minute waits for a moment. */
const HALF_A_MINUTE_IS_SHORT = `data:text/javascript,${encodeURIComponent(
  'const wait = setTimeout; globalThis.setTimeout = (run, ms) => wait(run, ms === 30000 ? 50 : ms);',
)}`;

function eventOf(message: FromService): ScreenEvent | undefined {
  return message.type === 'event' ? message.event : undefined;
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'yc-main-'));
}

function configure(root: string, changes: object = {}): string {
  const file = join(root, 'terminal.yaml');
  writeFileSync(file, stringify({ ...settings, ...changes }));
  return file;
}

describe('the service process', () => {
  it('says what is wrong in terminal.yaml, answers calls with out-of-service, and stops when told', async () => {
    const root = folder();
    const file = configure(root, { staff: [] });
    const child = new Child(file);
    const reason = await child.outOfService();
    expect(reason.why).toBe('configuration');
    expect(reason.detail).toContain('terminal.yaml:');
    expect(reason.detail).toContain('staff');

    child.send({ type: 'call', id: 1, name: 'visit.begin', input: { display: {} } });
    expect((await child.answer(1)).answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
    child.send({ type: 'call', id: 2, name: 'no.such.call', input: {} });
    expect((await child.answer(2)).answer).toEqual({ ok: false, error: { code: 'unknown-call' } });
    child.send({ type: 'call', id: 3, name: 'screen.ready', input: {} });
    expect((await child.answer(3)).answer).toEqual({ ok: true });

    const ended = once(child.process, 'exit');
    child.send({ type: 'stop' });
    expect(await ended).toEqual([0, null]);
  });

  it('accepts nothing when it was never enrolled', async () => {
    const child = new Child(configure(folder()));
    expect(await child.outOfService()).toMatchObject({ why: 'not-enrolled' });
  });

  it('comes into service by itself when it is enrolled meanwhile', async () => {
    const root = folder();
    const child = new Child(configure(root), ['--import', HALF_A_MINUTE_IS_SHORT]);
    expect(await child.outOfService()).toMatchObject({ why: 'not-enrolled' });
    enrol(join(root, 'etc'));
    await child.hears((message) => (eventOf(message)?.event === 'visit' ? true : undefined));
    // The page that was told to wait needs the visit at once, whether a device tells something or not.
    const events = child.heard.flatMap((message) => eventOf(message) ?? []);
    expect(events.slice(0, 3)).toMatchObject([
      { event: 'terminal', terminal: { health: { is: 'out-of-service', why: 'not-enrolled' } } },
      { event: 'terminal', terminal: { health: { is: 'well' } } },
      { event: 'visit' },
    ]);
    child.send({ type: 'call', id: 1, name: 'visit.begin', input: { display: {} } });
    expect((await child.answer(1)).answer).toEqual({ ok: true });
  });

  it('ends when told, also while it waits to try again, and says a reason once', async () => {
    const child = new Child(configure(folder()), ['--import', HALF_A_MINUTE_IS_SHORT]);
    await child.outOfService();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(child.heard.filter(({ type }) => type === 'event')).toHaveLength(1);
    const ended = once(child.process, 'exit');
    child.send({ type: 'stop' });
    expect(await ended).toEqual([0, null]);
  });

  it('refuses a doubtful catalogue', async () => {
    const root = folder();
    const child = new Child(configure(root, { catalogue: root }));
    expect(await child.outOfService()).toMatchObject({ why: 'catalogue' });
  });

  it('says that it is alive, and ends when its parent is gone', async () => {
    const child = new Child(configure(folder()));
    await child.hears((message) => (message.type === 'alive' ? true : undefined));
    const ended = once(child.process, 'exit');
    child.stream.destroy();
    expect(await ended).toEqual([0, null]);
  });

  it('ends on SIGTERM', async () => {
    const child = new Child(configure(folder()));
    await child.outOfService();
    const ended = once(child.process, 'exit');
    child.process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

/** The file is there a moment before anybody may connect; the kernel's table says which sockets listen (`__SO_ACCEPTCON`). */
function isListening(path: string): boolean {
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return sockets.some((line) => line.endsWith(` ${path}`) && line.split(/ +/)[3] === '00010000');
}

describe('the service on a socket of systemd’s', () => {
  /** systemd's own hand-over of a listening socket; it starts the service at the first connection. */
  async function activate(config: string): Promise<{ path: string; process: ChildProcess }> {
    const path = join(folder(), 'service.sock');
    const command = ['-l', path, process.execPath, ENTRY, '--config', config];
    const child = spawn('systemd-socket-activate', command, { stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await vi.waitFor(() => expect(isListening(path)).toBe(true), { timeout: 20_000, interval: 20 });
    return { path, process: child };
  }

  async function comeTo(path: string): Promise<Screen> {
    const stream = connect(path);
    await once(stream, 'connect');
    return new Screen(stream);
  }

  it('outlives its screen, and serves the next one', async () => {
    const { path, process: service } = await activate(configure(folder()));
    const first = await comeTo(path);
    await first.outOfService();
    first.stream.destroy();
    const second = await comeTo(path);
    second.send({ type: 'call', id: 1, name: 'screen.ready', input: {} });
    expect(await second.outOfService()).toMatchObject({ why: 'not-enrolled' });
    expect(service.exitCode).toBeNull();
  });

  it('lets a new screen take the place of one that hangs', async () => {
    const { path } = await activate(configure(folder()));
    const hanging = await comeTo(path);
    await hanging.outOfService();
    const ended = once(hanging.stream, 'end');
    const next = await comeTo(path);
    await ended;
    next.send({ type: 'call', id: 1, name: 'visit.begin', input: { display: {} } });
    expect((await next.answer(1)).answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
  });

  it('takes no message that is none, and serves whoever comes after', async () => {
    const { path } = await activate(configure(folder()));
    const noisy = await comeTo(path);
    await noisy.outOfService();
    const ended = once(noisy.stream, 'end');
    noisy.stream.write('{"type":"call"}\n\u0000\n');
    await ended;
    const next = await comeTo(path);
    await next.hears((message) => (message.type === 'alive' ? true : undefined));
  });
});

describe('a service that finds itself changed', () => {
  it('loads nothing more of itself, and says so', async () => {
    const root = folder();
    const args = ['--release', root, '--release-key', join(root, 'release.pub')];
    const child = new Child(configure(root), [], args);
    expect(await child.outOfService()).toMatchObject({ why: 'release' });
    child.send({ type: 'call', id: 1, name: 'visit.begin', input: { display: {} } });
    expect((await child.answer(1)).answer).toEqual({ ok: false, error: { code: 'out-of-service' } });
  });
});
