import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLog } from '#main/shell/log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yichuang-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = () => new Date('2026-01-02T03:04:05Z');

test('one line of JSON for each event, in a file of its own', () => {
  const log = openLog(join(folder, 'log'), now);
  log('error', 'service-stopped', { detail: 'SIGKILL', retryMs: 300 });
  log('info', 'opened');
  const file = join(folder, 'log/shell.jsonl');
  expect(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    {
      time: '2026-01-02T03:04:05.000Z',
      level: 'error',
      room: 'shell',
      event: 'service-stopped',
      detail: 'SIGKILL',
      retryMs: 300,
    },
    { time: '2026-01-02T03:04:05.000Z', level: 'info', room: 'shell', event: 'opened' },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('two files of a megabyte are the most', () => {
  const log = openLog(folder, now);
  for (let line = 0; line < 35; line += 1) log('warn', 'long', { line, text: 'x'.repeat(100_000) });
  const sizes = ['shell.jsonl', 'shell.jsonl.1'].map((name) => statSync(join(folder, name)).size);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(1_000_000);
  expect(readFileSync(join(folder, 'shell.jsonl'), 'utf8')).toContain('"line":34');
});
