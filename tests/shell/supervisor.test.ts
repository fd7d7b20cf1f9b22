import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import type { FromService } from '#contract/calls.ts';
import { Backoff } from '#main/shell/backoff.ts';
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
    fork() {
      const behaviour = behaviours[Math.min(children.length, behaviours.length - 1)] ?? '';
      const child = spawn(program, [CHILD, behaviour], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        serialization: 'advanced',
      });
      children.push(child);
      return child;
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
  const children: EventEmitter[] = [];
  const supervisor = new Supervisor({
    fork() {
      const child = Object.assign(new EventEmitter(), { pid: 1, connected: false, kill: () => true });
      children.push(child);
      return child as unknown as ChildProcess;
    },
    onStarted: () => undefined,
    onMessage: () => undefined,
    onStopped: () => undefined,
    onStrange: () => undefined,
    now: () => 0,
  });
  try {
    supervisor.start();
    children[0]?.emit('exit', 1, null);
    vi.advanceTimersByTime(300);
    expect(children).toHaveLength(2);
    children[1]?.emit('exit', 1, null);
    await supervisor.stop();
    vi.advanceTimersByTime(3_600_000);
    expect(children).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});
