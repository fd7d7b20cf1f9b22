import type { ChildProcess } from 'node:child_process';
import { FromService, type ToService } from '#contract/calls.ts';
import { unreachable } from '#contract/result.ts';
import { Backoff } from './backoff.ts';

export interface Patience {
  /** Silence of a service that has spoken before. */
  readonly silenceMs: number;
  /** Silence from the fork to the first word. */
  readonly startMs: number;
  /** From the word `stop` to the end. */
  readonly stopMs: number;
}

const PATIENCE: Patience = { silenceMs: 10_000, startMs: 30_000, stopMs: 5_000 };

export interface SupervisorOptions {
  /** Starts the service with an `ipc` channel of serialization `advanced`. */
  readonly fork: () => ChildProcess;
  /** The service, started for the first time or again, has said its first word. */
  readonly onStarted: () => void;
  readonly onMessage: (message: FromService) => void;
  /** The service died; `detail` is for staff. It is being started again. */
  readonly onStopped: (detail: string, retryMs: number) => void;
  /** A message of no known shape, described by its place and kind only. */
  readonly onStrange: (description: string) => void;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  readonly backoff?: Backoff;
  readonly patience?: Patience;
}

type State =
  | { readonly at: 'idle' }
  | { readonly at: 'running'; readonly child: ChildProcess; readonly since: number; watch: NodeJS.Timeout }
  | { readonly at: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly at: 'stopping' };

/** Keeps one service running: starts it, listens for its heartbeat, and starts it again when it dies or falls silent. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #backoff: Backoff;
  readonly #patience: Patience;
  #state: State = { at: 'idle' };

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
    this.#patience = options.patience ?? PATIENCE;
  }

  start(): void {
    if (this.#state.at !== 'idle' && this.#state.at !== 'waiting') return;
    const child = this.#options.fork();
    let reason = '';
    let over = false;
    let heard = false;
    const fallSilent = (): void => {
      reason = 'silent';
      child.kill('SIGKILL');
    };
    const running: State = {
      at: 'running',
      child,
      since: this.#options.now(),
      watch: setTimeout(fallSilent, this.#patience.startMs),
    };
    this.#state = running;
    child.on('message', (message) => {
      clearTimeout(running.watch);
      if (over) return;
      running.watch = setTimeout(fallSilent, this.#patience.silenceMs);
      if (!heard) this.#options.onStarted();
      heard = true;
      this.#take(message);
    });
    const end = (detail: string): void => {
      if (over) return;
      over = true;
      clearTimeout(running.watch);
      if (this.#state === running) this.#restart(reason || detail, running.since);
    };
    child.on('error', (error) => {
      // A process that never came to be has no exit.
      if (child.pid === undefined) end(`cannot be started: ${error.message}`);
    });
    child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  }

  /** @returns `false` when no service is there to hear it. */
  send(message: ToService): boolean {
    if (this.#state.at !== 'running' || !this.#state.child.connected) return false;
    // A channel that breaks under the message shows itself by the exit.
    this.#state.child.send(message, () => undefined);
    return true;
  }

  /** Asks the service to end, and ends it when it does not. Nothing is started afterwards. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'stopping' };
    switch (state.at) {
      case 'waiting':
        clearTimeout(state.timer);
        return;
      case 'running':
        clearTimeout(state.watch);
        await this.#end(state.child);
        return;
      case 'idle':
      case 'stopping':
        return;
      default:
        unreachable(state);
    }
  }

  #end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), this.#patience.stopMs);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      const stop: ToService = { type: 'stop' };
      if (child.connected) child.send(stop, () => undefined);
    });
  }

  #restart(detail: string, since: number): void {
    const retryMs = this.#backoff.delay(this.#options.now() - since);
    this.#state = { at: 'waiting', timer: setTimeout(() => this.start(), retryMs) };
    this.#options.onStopped(detail, retryMs);
  }

  #take(message: unknown): void {
    const parsed = FromService.safeParse(message);
    if (parsed.success) this.#options.onMessage(parsed.data);
    else {
      const places = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`);
      this.#options.onStrange(places.join('; '));
    }
  }
}
