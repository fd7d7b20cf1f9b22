import { FromService, type ToService } from '#contract/calls.ts';
import { unreachable } from '#contract/result.ts';
import { Line } from '../common/line.ts';
import { Backoff } from './backoff.ts';
import type { ServiceLife } from './service.ts';

export interface Patience {
  /** Silence of a service that has spoken before. */
  readonly silenceMs: number;
  /** Silence from the start to the first word. */
  readonly startMs: number;
  /** From the word `stop` to the end. */
  readonly stopMs: number;
}

const PATIENCE: Patience = { silenceMs: 10_000, startMs: 30_000, stopMs: 5_000 };

export interface SupervisorOptions {
  /** Starts the service, or meets the one that runs. */
  readonly begin: () => ServiceLife;
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

interface Running {
  readonly at: 'running';
  readonly life: ServiceLife;
  readonly line: Line;
  readonly over: Promise<void>;
  readonly since: number;
  watch: NodeJS.Timeout;
}

type State =
  | { readonly at: 'idle' }
  | Running
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
    const life = this.#options.begin();
    let reason = '';
    let over = false;
    let heard = false;
    const fallSilent = (): void => {
      reason = 'silent';
      life.cut();
    };
    const line = new Line(life.stream, {
      onMessage: (message) => {
        clearTimeout(running.watch);
        if (over) return;
        running.watch = setTimeout(fallSilent, this.#patience.silenceMs);
        if (!heard) this.#options.onStarted();
        heard = true;
        this.#take(message);
      },
      // One that lives on without its line is no use; one that was told to end lets go of it by itself.
      onEnd: () => this.#state === running && life.cut(),
    });
    const ended = Promise.withResolvers<void>();
    const running: Running = {
      at: 'running',
      life,
      line,
      over: ended.promise,
      since: this.#options.now(),
      watch: setTimeout(fallSilent, this.#patience.startMs),
    };
    this.#state = running;
    life.onOver((detail) => {
      if (over) return;
      over = true;
      clearTimeout(running.watch);
      ended.resolve();
      if (this.#state === running) this.#restart(reason || detail, running.since);
    });
  }

  /** @returns `false` when no service is there to hear it. */
  send(message: ToService): boolean {
    return this.#state.at === 'running' && this.#state.line.send(message);
  }

  /** Asks the service to end, and ends it when it does not; one that is not ours is left alone. Nothing is started afterwards. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { at: 'stopping' };
    switch (state.at) {
      case 'waiting':
        clearTimeout(state.timer);
        return;
      case 'running':
        clearTimeout(state.watch);
        await this.#end(state);
        return;
      case 'idle':
      case 'stopping':
        return;
      default:
        unreachable(state);
    }
  }

  #end({ life, line, over }: Running): Promise<void> {
    if (!life.farewell || !line.send(life.farewell)) life.cut();
    const cut = setTimeout(() => life.cut(), this.#patience.stopMs);
    return over.finally(() => clearTimeout(cut));
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
