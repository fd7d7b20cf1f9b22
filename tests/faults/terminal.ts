import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STORE_FILE } from '#main/service/store/open.ts';
import type { SyncStatus } from '#main/service/sync/news.ts';

const WORKER = fileURLToPath(new URL('./terminal.worker.ts', import.meta.url));
/** Milliseconds; only what hangs takes so long. */
const PATIENCE_MS = 600_000;

/** What the terminal's process is told to do. */
export interface TerminalTask {
  readonly folder: string;
  readonly url: string;
  /** A one-time code for its first start. */
  readonly code: string;
  readonly idleSeconds: number;
  /** Mean milliseconds between two residents. */
  readonly paceMs: number;
  /** Residents at most. */
  readonly visits: number;
  /** Whether it speaks to the district. */
  readonly sends: boolean;
  /** How wrong its clock is. */
  readonly wallErrorMs: number;
  readonly seed: number;
}

export type ToTerminal = 'finish';
export type FromTerminal =
  | { readonly is: 'open'; readonly terminal: string }
  | { readonly is: 'promised'; readonly case: string }
  | { readonly is: 'written' }
  | { readonly is: 'drained'; readonly status: SyncStatus };

/** A terminal as a process of its own, that may be killed and started again. */
export class TerminalProcess {
  /** Cases that residents hold a receipt of, by their ids. */
  readonly promised: string[] = [];
  readonly #task: TerminalTask;
  readonly #through: readonly string[];
  #child: ChildProcess | null = null;
  #heard = new Map<FromTerminal['is'], FromTerminal>();
  #complaint = '';

  /** @param through a command's beginning, such as one that enters a network */
  constructor(
    task: Partial<TerminalTask> & Pick<TerminalTask, 'folder' | 'url' | 'code'>,
    through: readonly string[] = [],
  ) {
    this.#task = {
      idleSeconds: 0.2,
      paceMs: 5,
      visits: Number.MAX_SAFE_INTEGER,
      sends: true,
      wallErrorMs: 0,
      seed: 1,
      ...task,
    };
    this.#through = through;
  }

  /** Its store's file. */
  get store(): string {
    return join(this.#task.folder, 'data', STORE_FILE);
  }

  async start(changes: Partial<TerminalTask> = {}): Promise<void> {
    const [execPath, ...execArgv] = [...this.#through, process.execPath];
    this.#heard = new Map();
    const child = fork(WORKER, [JSON.stringify({ ...this.#task, ...changes })], {
      execPath,
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-2000);
    });
    child.on('message', (message: FromTerminal) => {
      if (message.is === 'promised') this.promised.push(message.case);
      else this.#heard.set(message.is, message);
    });
    await this.#hear('open');
  }

  /** Resolves when every resident that it should serve was served. */
  async written(): Promise<void> {
    await this.#hear('written');
  }

  /** Lets it write no more and end when the district has answered for everything. @returns how it stood then */
  async finish(): Promise<SyncStatus> {
    this.#child?.send('finish' satisfies ToTerminal);
    const drained = await this.#hear('drained');
    await this.#gone();
    if (drained.is !== 'drained') throw new Error('another message than was waited for');
    return drained.status;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone();
  }

  async #gone(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async #hear(what: FromTerminal['is']): Promise<FromTerminal> {
    const child = this.#child;
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
      const heard = this.#heard.get(what);
      if (heard) return heard;
      if (!child || child.exitCode !== null || child.signalCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.kill();
    throw new Error(`the terminal was never "${what}": ${this.#complaint}`);
  }
}
