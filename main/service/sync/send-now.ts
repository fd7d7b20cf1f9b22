import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '#contract/result.ts';
import type { Log } from '../log/log.ts';

/** Lies in the folder of `/run`, where only the service's own user may write, until the service has heard of it. */
const FILE = 'send-now';
/** Milliseconds between two looks whether it was heard. */
const LOOK_MS = 20;

/**
 * Hears staff's "send now" from the command line: a file appears, and is taken away for an answer. Where the folder can't be
 * watched the terminal serves without it. @returns how to stop
 */
export function hearSendNow(folder: string, o: { sendNow: () => void; log: Log }): () => void {
  const file = join(folder, FILE);
  const deaf = (error: unknown) => {
    o.log.error({ event: 'sync.not-listening', code: (error as NodeJS.ErrnoException).code });
  };
  const hear = () => {
    if (!existsSync(file)) return;
    try {
      rmSync(file, { force: true });
    } catch (error) {
      deaf(error);
      return;
    }
    o.sendNow();
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === FILE) hear();
    });
    watcher.on('error', deaf);
    // It may have been asked for while the service started.
    hear();
    return () => watcher.close();
  } catch (error) {
    deaf(error);
    return () => undefined;
  }
}

export interface SendNowError {
  readonly code: 'not-heard' | 'folder';
  readonly detail: string;
}

/** Asks the service whose folder this is to send now. That it heard says nothing about the district. @param timeoutMs how long it may take */
export async function askSendNow(folder: string, timeoutMs: number): Promise<Result<void, SendNowError>> {
  const file = join(folder, FILE);
  try {
    writeFileSync(file, '', { mode: 0o600 });
    for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
      if (!existsSync(file)) return ok();
      await pause(LOOK_MS);
    }
    rmSync(file, { force: true });
  } catch (error) {
    return err({ code: 'folder', detail: (error as Error).message });
  }
  return err({ code: 'not-heard', detail: `no service that is open listens at ${folder}` });
}
