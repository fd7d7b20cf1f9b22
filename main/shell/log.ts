import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Level = 'info' | 'warn' | 'error';
export type Log = (level: Level, event: string, facts?: Readonly<Record<string, string | number>>) => void;

const LARGEST_FILE = 1_000_000;

/**
 * Writes JSON lines into `shell.jsonl`; two files of at most a megabyte are kept. It is told of processes and windows only,
 * never of what a page or the service says. A log that can't be written is no reason to stop serving.
 */
export function openLog(folder: string, now: () => Date): Log {
  const file = join(folder, 'shell.jsonl');
  return (level, event, facts = {}) => {
    const line = `${JSON.stringify({ time: now().toISOString(), level, room: 'shell', event, ...facts })}\n`;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) + line.length > LARGEST_FILE) {
        renameSync(file, `${file}.1`);
      }
      appendFileSync(file, line, { mode: 0o600 });
    } catch {
      process.stderr.write(line);
    }
  };
}
