import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { logTo, silentLog } from '#main/service/log/log.ts';
import { askSendNow, hearSendNow } from '#main/service/sync/send-now.ts';

const PATIENCE_MS = 20_000;

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'yc-run-'));
}

function listen(folder: string, sendNow: () => void = vi.fn()): () => void {
  const stop = hearSendNow(folder, { sendNow, log: silentLog() });
  onTestFinished(stop);
  return stop;
}

it('is heard by the service, and says so only then', async () => {
  const folder = newFolder();
  const sendNow = vi.fn();
  listen(folder, sendNow);
  expect(await askSendNow(folder, PATIENCE_MS)).toEqual({ ok: true });
  expect(sendNow).toHaveBeenCalledTimes(1);
  expect(await askSendNow(folder, PATIENCE_MS)).toEqual({ ok: true });
  expect(sendNow).toHaveBeenCalledTimes(2);
  expect(readdirSync(folder)).toEqual([]);
});

it('takes other files in the folder for what they are', async () => {
  const folder = newFolder();
  const sendNow = vi.fn();
  listen(folder, sendNow);
  writeFileSync(join(folder, 'spool'), '');
  expect(await askSendNow(folder, PATIENCE_MS)).toEqual({ ok: true });
  expect(sendNow).toHaveBeenCalledTimes(1);
  expect(readdirSync(folder)).toEqual(['spool']);
});

it('is not heard where no service runs, and leaves nothing for the next one', async () => {
  const folder = newFolder();
  expect(await askSendNow(folder, 50)).toMatchObject({ ok: false, error: { code: 'not-heard' } });
  expect(readdirSync(folder)).toEqual([]);
  listen(folder)();
  expect(await askSendNow(folder, 50)).toMatchObject({ ok: false, error: { code: 'not-heard' } });
});

it('is heard by a service that starts meanwhile', async () => {
  const folder = newFolder();
  const asked = askSendNow(folder, PATIENCE_MS);
  const sendNow = vi.fn();
  listen(folder, sendNow);
  expect(await asked).toEqual({ ok: true });
  expect(sendNow).toHaveBeenCalled();
});

it('says so when the folder is not there or may not be written to', async () => {
  expect(await askSendNow('/nowhere/run', 50)).toMatchObject({ ok: false, error: { code: 'folder' } });
});

it('makes its folder where there is none, and the terminal serves without it where that fails', () => {
  const folder = join(newFolder(), 'run', 'yichuang');
  listen(folder);
  expect(existsSync(folder)).toBe(true);
  const events: unknown[] = [];
  const log = logTo({ write: (line) => void events.push((JSON.parse(line) as { event: unknown }).event) });
  hearSendNow('/dev/null/run', { sendNow: vi.fn(), log })();
  expect(events).toEqual(['sync.not-listening']);
});

it('goes on when what lies there can’t be taken away', async () => {
  const folder = newFolder();
  const events: unknown[] = [];
  const log = logTo({ write: (line) => void events.push((JSON.parse(line) as { event: unknown }).event) });
  const sendNow = vi.fn();
  onTestFinished(hearSendNow(folder, { sendNow, log }));
  mkdirSync(join(folder, 'send-now'));
  await vi.waitFor(() => expect(events).toContain('sync.not-listening'), PATIENCE_MS);
  expect(sendNow).not.toHaveBeenCalled();
  rmSync(join(folder, 'send-now'), { recursive: true });
  expect(await askSendNow(folder, PATIENCE_MS)).toEqual({ ok: true });
});

it('bears that its folder is taken away', async () => {
  const folder = newFolder();
  const stop = listen(folder);
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  stop();
  expect(existsSync(folder)).toBe(false);
});
