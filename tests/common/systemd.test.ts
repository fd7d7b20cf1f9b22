import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { listeningDescriptor, Systemd } from '#main/common/systemd.ts';

let listener: ChildProcess | null = null;
let systemd: Systemd | null = null;
afterEach(() => {
  systemd?.stopping();
  listener?.kill('SIGKILL');
});

/** A datagram socket in the place of systemd's; every word stands in the file. */
async function listen(): Promise<{ socket: string; words: () => string }> {
  const folder = mkdtempSync(join(tmpdir(), 'yc-notify-'));
  const socket = join(folder, 'notify');
  const file = join(folder, 'words');
  listener = spawn('socat', ['-u', `UNIX-RECV:${socket}`, `CREATE:${file}`], { stdio: 'ignore' });
  await vi.waitFor(() => expect(existsSync(socket)).toBe(true), { timeout: 20_000, interval: 20 });
  return { socket, words: () => (existsSync(file) ? readFileSync(file, 'utf8') : '') };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 20 });

it('says once that it is ready, beats for the watchdog from then on, and says that it stops', async () => {
  const { socket, words } = await listen();
  systemd = new Systemd({ ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' });
  systemd.status('in service');
  await until(() => expect(words()).toContain('STATUS=in service'));
  expect(words()).not.toContain('WATCHDOG=1');
  systemd.ready();
  systemd.ready();
  await until(() => expect(words().match(/WATCHDOG=1/g)?.length).toBeGreaterThan(2));
  expect(words().match(/READY=1/g)).toHaveLength(1);
  systemd.stopping();
  await until(() => expect(words()).toContain('STOPPING=1'));
});

it('keeps a status on one line, so that nothing else can be said in its name', async () => {
  const { socket, words } = await listen();
  systemd = new Systemd({ ...process.env, NOTIFY_SOCKET: socket });
  systemd.status('out of service\nREADY=1');
  await until(() => expect(words()).toContain('STATUS=out of service READY=1'));
});

it('says nothing where there is no systemd', () => {
  systemd = new Systemd({ WATCHDOG_USEC: '1000' });
  expect(() => systemd?.ready()).not.toThrow();
});

it.each([
  [{ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7, 3],
  [{ LISTEN_PID: '8', LISTEN_FDS: '1' }, 7, null],
  [{ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7, null],
  [{}, 7, null],
])('the socket of %j for process %i is at descriptor %j', (env, pid, descriptor) => {
  expect(listeningDescriptor(env, pid)).toBe(descriptor);
});
