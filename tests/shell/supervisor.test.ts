import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FromService } from '#contract/calls.ts';
import { Backoff } from '#main/shell/backoff.ts';
import { lifeOf, meetService, type ServiceLife } from '#main/shell/service.ts';
import { type Patience, Supervisor } from '#main/shell/supervisor.ts';

const started: Supervisor[] = [];
afterEach(() => Promise.all(started.splice(0).map((supervisor) => supervisor.stop())));

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const PATIENT: Patience = { silenceMs: 60_000, startMs: 60_000, stopMs: 60_000 };
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

/** A supervisor over real processes; `behaviours` are those of its services one after the other, the last one stays. */
function open(behaviours: readonly string[], patience: Partial<Patience> = {}, program = process.execPath) {
  const children: ChildProcess[] = [];
  const messages: FromService[] = [];
  const stopped: { detail: string; retryMs: number }[] = [];
  const strange: string[] = [];
  /** How many services there had been when one said its first word. */
  const starts: number[] = [];
  const supervisor = new Supervisor({
    begin() {
      const behaviour = behaviours[Math.min(children.length, behaviours.length - 1)] ?? '';
      const child = spawn(program, [CHILD, behaviour], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
      children.push(child);
      return lifeOf(child);
    },
    onStarted: () => starts.push(children.length),
    onMessage: (message) => messages.push(message),
    onStopped: (detail, retryMs) => stopped.push({ detail, retryMs }),
    onStrange: (description) => strange.push(description),
    now: () => performance.now(),
    backoff: new Backoff({ firstMs: 10, mostMs: 80, healthyMs: 60_000 }),
    patience: { ...PATIENT, ...patience },
  });
  started.push(supervisor);
  supervisor.start();
  return { supervisor, children, messages, stopped, strange, starts };
}

test('messages go both ways', async () => {
  const { supervisor, messages } = open(['well']);
  await until(() => expect(messages).toContainEqual({ type: 'alive' }));
  expect(supervisor.send({ type: 'call', id: 5, name: 'visit.consent', input: {} })).toBe(true);
  await until(() => expect(messages).toContainEqual({ type: 'answer', id: 5, answer: { ok: true } }));
});

test('a killed service is started again', async () => {
  const { children, messages, stopped, starts } = open(['well']);
  await until(() => expect(messages.length).toBeGreaterThan(0));
  children[0]?.kill('SIGKILL');
  await until(() => expect(stopped).toEqual([{ detail: 'SIGKILL', retryMs: 10 }]));
  messages.length = 0;
  await until(() => expect(messages.length).toBeGreaterThan(0));
  expect(children).toHaveLength(2);
  expect(starts).toEqual([1, 2]);
});

test('a service that never lives is tried again, more and more slowly', async () => {
  const { supervisor, stopped } = open(['failing']);
  await until(() => expect(stopped.length).toBeGreaterThanOrEqual(5));
  await supervisor.stop();
  expect(stopped.slice(0, 5)).toEqual([10, 20, 40, 80, 80].map((retryMs) => ({ detail: 'exit code 3', retryMs })));
});

test('a program that is not there is told from one that died', async () => {
  const { stopped } = open(['well'], {}, join(import.meta.dirname, 'no-such-node'));
  await until(() => expect(stopped[0]?.detail).toMatch(/^cannot be started: .*ENOENT/));
});

test('a service that falls silent is killed and replaced', async () => {
  const { children, stopped } = open(['once', 'well'], { silenceMs: 300 });
  await until(() => expect(stopped[0]?.detail).toBe('silent'));
  expect(children[0]?.signalCode).toBe('SIGKILL');
});

test('a service that never says a word is killed and replaced', async () => {
  const { stopped, messages } = open(['silent', 'well'], { startMs: 5_000 });
  await until(() => expect(stopped[0]?.detail).toBe('silent'));
  await until(() => expect(messages.length).toBeGreaterThan(0));
});

test('a heartbeat is enough to live', async () => {
  const { messages, stopped } = open(['well'], { silenceMs: 5_000 });
  await until(() => expect(messages.length).toBeGreaterThan(20));
  expect(stopped).toEqual([]);
});

test('a message of no known shape is described by place and kind, without its content', async () => {
  const { strange, messages } = open(['strange']);
  await until(() => expect(strange).toHaveLength(1));
  expect(strange[0]).toContain('event.visit');
  expect(strange[0]).not.toContain('王秀英');
  expect(messages).toEqual([]);
});

test('a service that says what is no message is killed and replaced', async () => {
  const { children, messages } = open(['garbled', 'well']);
  await until(() => expect(messages.length).toBeGreaterThan(0));
  expect(children[0]?.signalCode).toBe('SIGKILL');
});

test('it ends in order when asked, and nothing starts afterwards', async () => {
  const { supervisor, children, messages, stopped } = open(['well']);
  await until(() => expect(messages.length).toBeGreaterThan(0));
  await supervisor.stop();
  expect(children[0]?.exitCode).toBe(0);
  supervisor.start();
  expect(supervisor.send({ type: 'stop' })).toBe(false);
  expect([children.length, stopped]).toEqual([1, []]);
});

test('one that does not end is killed', async () => {
  const { supervisor, children, messages } = open(['stubborn'], { stopMs: 100 });
  await until(() => expect(messages.length).toBeGreaterThan(0));
  await supervisor.stop();
  expect(children[0]?.signalCode).toBe('SIGKILL');
});

test('stopping between two lives starts no other', async () => {
  vi.useFakeTimers();
  const ends: ((detail: string) => void)[] = [];
  const supervisor = new Supervisor({
    begin: (): ServiceLife => ({
      stream: new PassThrough(),
      onOver: (tell) => ends.push(tell),
      cut: () => undefined,
      farewell: null,
    }),
    onStarted: () => undefined,
    onMessage: () => undefined,
    onStopped: () => undefined,
    onStrange: () => undefined,
    now: () => 0,
  });
  try {
    supervisor.start();
    ends[0]?.('gone');
    vi.advanceTimersByTime(300);
    expect(ends).toHaveLength(2);
    ends[1]?.('gone');
    await supervisor.stop();
    vi.advanceTimersByTime(3_600_000);
    expect(ends).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

describe('a service that systemd runs', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(path: string): Promise<{ server: Server; screens: Socket[] }> {
    const screens: Socket[] = [];
    const server = createServer((screen) => {
      screens.push(screen);
      screen.on('error', () => undefined);
      screen.write('{"type":"alive"}\n');
    });
    servers.push(server);
    await once(server.listen(path), 'listening');
    return { server, screens };
  }

  function meet(path: string, patience: Partial<Patience> = {}) {
    const messages: FromService[] = [];
    const stopped: string[] = [];
    const supervisor = new Supervisor({
      begin: () => meetService(path),
      onStarted: () => undefined,
      onMessage: (message) => messages.push(message),
      onStopped: (detail) => stopped.push(detail),
      onStrange: () => undefined,
      now: () => performance.now(),
      backoff: new Backoff({ firstMs: 10, mostMs: 80, healthyMs: 60_000 }),
      patience: { ...PATIENT, ...patience },
    });
    started.push(supervisor);
    supervisor.start();
    return { supervisor, messages, stopped };
  }

  const path = (): string => join(mkdtempSync(join(tmpdir(), 'yc-line-')), 'service.sock');

  test('is waited for, met at its socket, and met again after it was away', async () => {
    const at = path();
    const { messages, stopped, supervisor } = meet(at);
    await until(() => expect(stopped[0]).toMatch(/service\.sock: .*ENOENT/));
    const { screens } = await listen(at);
    await until(() => expect(messages).toHaveLength(1));
    screens[0]?.destroy();
    await until(() => expect(messages).toHaveLength(2));
    expect(stopped.at(-1)).toBe('it closed the connection');
    expect(supervisor.send({ type: 'call', id: 1, name: 'screen.ready', input: {} })).toBe(true);
  });

  test('is not ended with the screen, which only lets go of it', async () => {
    const at = path();
    const { screens } = await listen(at);
    const { messages, supervisor } = meet(at);
    await until(() => expect(messages).toHaveLength(1));
    let heard = '';
    screens[0]?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    const gone = once(screens[0] as Socket, 'close');
    await supervisor.stop();
    await gone;
    expect(heard).toBe('');
  });

  test('is let go of and met again when it falls silent', async () => {
    const at = path();
    const { screens } = await listen(at);
    const { stopped } = meet(at, { silenceMs: 100 });
    await until(() => expect(screens.length).toBeGreaterThan(1));
    expect(stopped[0]).toBe('silent');
  });
});
