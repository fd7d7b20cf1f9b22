import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { askService, hearAsks } from '#main/service/asks.ts';
import { logTo, silentLog } from '#main/service/log/log.ts';

const PATIENCE_MS = 20_000;

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'yc-run-'));
}

function askSendNow(folder: string, timeoutMs: number) {
  return askService(folder, 'send-now', timeoutMs);
}

function listen(folder: string, sendNow: () => void = vi.fn(), status: () => unknown = vi.fn()): () => void {
  const stop = hearAsks(folder, {
    answers: { 'send-now': sendNow, 'sync-status': status, 'rotate-key': vi.fn() },
    log: silentLog(),
  });
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
  hearAsks('/dev/null/run', { answers: { 'send-now': vi.fn(), 'sync-status': vi.fn(), 'rotate-key': vi.fn() }, log })();
  expect(events).toEqual(['asks.not-listening']);
});

it('goes on when what lies there can’t be taken away', async () => {
  const folder = newFolder();
  const events: unknown[] = [];
  const log = logTo({ write: (line) => void events.push((JSON.parse(line) as { event: unknown }).event) });
  const sendNow = vi.fn();
  onTestFinished(
    hearAsks(folder, { answers: { 'send-now': sendNow, 'sync-status': vi.fn(), 'rotate-key': vi.fn() }, log }),
  );
  mkdirSync(join(folder, 'send-now'));
  await vi.waitFor(() => expect(events).toContain('asks.not-listening'), PATIENCE_MS);
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

it('tells what was asked as it is at that moment', async () => {
  const folder = newFolder();
  let unsynced = 3;
  listen(folder, vi.fn(), () => ({ state: { at: 'offline', why: 'unreachable: ECONNREFUSED' }, unsynced }));
  const told = { ok: true, value: { state: { at: 'offline', why: 'unreachable: ECONNREFUSED' }, unsynced: 3 } };
  expect(await askService(folder, 'sync-status', PATIENCE_MS)).toEqual(told);
  unsynced = 0;
  expect(await askService(folder, 'sync-status', PATIENCE_MS)).toMatchObject({ value: { unsynced: 0 } });
});

it('never tells an answer that was given before', async () => {
  const folder = newFolder();
  const stop = listen(folder, vi.fn(), () => ({ unsynced: 3 }));
  expect(await askService(folder, 'sync-status', PATIENCE_MS)).toMatchObject({ ok: true });
  stop();
  expect(await askService(folder, 'sync-status', 50)).toMatchObject({ ok: false, error: { code: 'not-heard' } });
});
