/**
 * What the command line asks of the service that runs. A file named after the question appears in the folder of `/run`, where only the
 * service's own user may write; the service takes it away once it has answered, and an answer that says something lies beside it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { err, ok, type Result } from '#contract/result.ts';
import type { Log } from './log/log.ts';

const asks = ['send-now', 'sync-status', 'rotate-key'] as const;
export type Ask = (typeof asks)[number];

/** Gives what is told as JSON; `undefined` for nothing but that it was heard. */
export type Answers = Readonly<Record<Ask, () => unknown>>;

/** Milliseconds between two looks whether it was heard. */
const LOOK_MS = 20;

/** Hears the command line. Where the folder can't be watched the terminal serves without it. @returns how to stop */
export function hearAsks(folder: string, o: { readonly answers: Answers; readonly log: Log }): () => void {
  const deaf = (error: unknown) => {
    o.log.error({ event: 'asks.not-listening', code: (error as NodeJS.ErrnoException).code });
  };
  const hear = (ask: Ask) => {
    if (!existsSync(join(folder, ask))) return;
    try {
      const answer = o.answers[ask]();
      if (answer !== undefined) writeFileSync(answerAt(folder, ask), JSON.stringify(answer), { mode: 0o600 });
      rmSync(join(folder, ask), { force: true });
    } catch (error) {
      deaf(error);
    }
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      for (const ask of asks) if (name === ask) hear(ask);
    });
    watcher.on('error', deaf);
    // It may have been asked while the service started.
    asks.forEach(hear);
    return () => watcher.close();
  } catch (error) {
    deaf(error);
    return () => undefined;
  }
}

export interface AskError {
  readonly code: 'not-heard' | 'folder';
  readonly detail: string;
  readonly remedy: string;
}

/**
 * Asks the service whose folder this is. That it heard "send now" says nothing about the district.
 * @param timeoutMs how long it may take
 * @returns what it told, `undefined` for nothing
 */
export async function askService(folder: string, ask: Ask, timeoutMs: number): Promise<Result<unknown, AskError>> {
  const file = join(folder, ask);
  try {
    rmSync(answerAt(folder, ask), { force: true });
    writeFileSync(file, '', { mode: 0o600 });
    for (const until = performance.now() + timeoutMs; performance.now() < until; ) {
      if (!existsSync(file)) return ok(answered(folder, ask));
      await pause(LOOK_MS);
    }
    rmSync(file, { force: true });
  } catch (error) {
    const remedy = "run this as the service's user, with the terminal.yaml that the service has";
    return err({ code: 'folder', detail: (error as Error).message, remedy });
  }
  const remedy = 'start the service, or see why it is out of service';
  return err({ code: 'not-heard', detail: `no service that is open listens at ${folder}`, remedy });
}

function answered(folder: string, ask: Ask): unknown {
  const file = answerAt(folder, ask);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function answerAt(folder: string, ask: Ask): string {
  return join(folder, `${ask}.json`);
}
