import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '#contract/result.ts';
import type { LogLevel } from '../log.ts';
import type { StoreAddress } from '../store/address.ts';
import type { DistrictKeyFiles, FromIntake, ToIntake } from './messages.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const STOP_MS = 10_000;

export interface IntakeProcess {
  /** Says that there may be work. */
  wake(): void;
  state(): 'running' | 'restarting' | 'stopped';
  /** Lets the worker finish its portion; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly store: StoreAddress;
  /** The folder of the gateway's keys. */
  readonly keys: string;
  readonly keyFiles: DistrictKeyFiles;
  readonly logLevel: LogLevel;
  /** The desk's folder of opened materials; without it they stay sealed. */
  readonly deskMaterials: string | undefined;
  /** Told when a worker ended unasked, with the pause before the next one. */
  readonly onExit: (pauseMs: number) => void;
}

/** Starts the intake worker and starts it again whenever it ends; the error is its own reason not to start at all. */
export async function superviseIntake(options: SupervisorOptions): Promise<Result<IntakeProcess, string>> {
  let child = launch(options);
  let state: 'running' | 'restarting' | 'stopped' = 'running';
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;

  const first = await readiness(child);
  if (!first.ok) return first;
  watch();

  function watch(): void {
    child.once('exit', () => {
      if (state === 'stopped') return;
      state = 'restarting';
      options.onExit(pauseMs);
      timer = setTimeout(() => void restart(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    });
  }

  async function restart(): Promise<void> {
    child = launch(options);
    watch();
    const ready = await readiness(child);
    if (!ready.ok || state === 'stopped') return;
    state = 'running';
    pauseMs = FIRST_PAUSE_MS;
  }

  return ok({
    wake: () => send(child, 'work'),
    state: () => state,
    async stop() {
      state = 'stopped';
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      send(child, 'stop');
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(kill);
    },
  });
}

function launch({ store, keys, keyFiles, logLevel, deskMaterials }: SupervisorOptions): ChildProcess {
  const script = fileURLToPath(new URL('./intake.worker.ts', import.meta.url));
  const args = ['--store', store.uri, '--keys', keys, '--log-level', logLevel];
  for (const file of keyFiles.standard) args.push('--key', file);
  for (const file of keyFiles.national) args.push('--sm2-key', file);
  if (deskMaterials !== undefined) args.push('--desk-materials', deskMaterials);
  const child = fork(script, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // A message to a worker that is just ending fails; its successor looks for work by itself.
  child.on('error', () => undefined);
  return child;
}

function send(child: ChildProcess, message: ToIntake): void {
  if (child.connected) child.send(message);
}

function readiness(child: ChildProcess): Promise<Result<undefined, string>> {
  return new Promise((resolve) => {
    child.once('message', (message: FromIntake) => {
      resolve(message.state === 'ready' ? ok() : err(message.message));
    });
    child.once('exit', () => resolve(err('the intake worker ended before it was ready')));
  });
}
