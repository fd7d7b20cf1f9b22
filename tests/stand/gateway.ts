import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const Listening = z.looseObject({ url: z.url() });
const Codes = z.looseObject({ codes: z.array(z.string()).min(1) });
const Counts = z.looseObject({ cases: z.int(), entries: z.int(), quarantined: z.int() });

/** The district's side as a process of its own; it may be stopped and started again on the same port and store. */
export class GatewayProcess {
  readonly #store: string;
  readonly #keys: readonly string[];
  readonly #through: readonly string[];
  #child: ChildProcess | null = null;
  #port = 0;
  #url = '';

  /**
   * @param store a SQLite file, or the address of a store
   * @param o `keys` their folder, beside a SQLite store unless it is named; `through` a command's beginning, such as one that enters a network
   */
  constructor(store: string, o: { readonly keys?: string; readonly through?: readonly string[] } = {}) {
    this.#store = store.includes(':') ? store : `sqlite:${store}`;
    this.#keys = o.keys === undefined ? [] : ['--keys', o.keys];
    this.#through = o.through ?? [];
  }

  /** As the gateway's commands want it. */
  get store(): string {
    return this.#store;
  }

  /** Says that its store was restored from a backup, before it is started again. */
  async restored(): Promise<void> {
    await this.#ask('restored');
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const serve = ['gateway/cli.ts', 'serve', '--store', this.#store, ...this.#keys];
    const [program = '', ...args] = [...this.#through, process.execPath, ...serve];
    const child = spawn(program, [...args, '--listen', `127.0.0.1:${this.#port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-4000);
    });
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      once(child, 'exit').then(() => {
        throw new Error(`the gateway did not start: ${complaint}`);
      }),
    ]);
    this.#url = Listening.parse(JSON.parse(first)).url;
    this.#port = Number(new URL(this.#url).port);
  }

  /** @param signal SIGKILL for a power cut, SIGTERM for an orderly stop. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async enrolCode(): Promise<string> {
    const [code = ''] = await this.enrolCodes(1);
    return code;
  }

  async enrolCodes(count: number): Promise<string[]> {
    return Codes.parse(await this.#ask('enrol-code', '--count', String(count))).codes;
  }

  /** Counted in the store itself, whether the gateway runs or not; `cases` only those of the receipt number, when one is given. */
  async counts(receiptNumber?: string): Promise<{ cases: number; entries: number; quarantined: number }> {
    return Counts.parse(await this.#ask('cases', ...(receiptNumber ? ['--receipt', receiptNumber] : [])));
  }

  /** Publishes an alert to a region. @param file what it says @returns its id */
  async publishAlert(file: string, region: string): Promise<string> {
    const told = await this.#ask('publish alert', file, '--region', region, '--hours', '1');
    return z.looseObject({ id: z.uuid() }).parse(told).id;
  }

  async withdrawAlert(id: string): Promise<void> {
    await this.#ask('publish alert-withdrawn', id);
  }

  async #ask(command: string, ...more: string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, [
      'gateway/cli.ts',
      ...command.split(' '),
      '--store',
      this.#store,
      ...more,
    ]);
    return JSON.parse(stdout);
  }
}
