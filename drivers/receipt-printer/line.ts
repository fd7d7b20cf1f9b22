import type { Timers } from '../common/port.ts';
import type { Transport } from '../common/transport.ts';
import { type Answer, AnswerDecoder } from './answers.ts';
import { COMMANDS, type Flag, flagsOf, STATUS_BITS, STATUS_KINDS, type StatusKind } from './protocol.ts';

/**
 * What a printer says without being asked, or from behind a job. `settled`: it has answered every paper question so far, so that
 * this answer, which names no job, is that of the last one.
 */
export type Heard =
  | Extract<Answer, { is: 'automatic' | 'process' }>
  | { readonly is: 'paper'; readonly settled: boolean }
  | { readonly is: 'closed' };

/** The wire to one printer: real-time questions one at a time, and everything else as it comes. */
export class PrinterLine {
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #decoder = new AnswerDecoder();
  readonly #listeners = new Set<(heard: Heard) => void>();
  #answer: ((byte: number | undefined) => void) | undefined;
  #closed = false;
  /** Paper questions behind jobs that are not answered yet. */
  #owed = 0;

  constructor(transport: Transport, timers: Timers) {
    this.#transport = transport;
    this.#timers = timers;
    transport.onData((bytes) => {
      for (const answer of this.#decoder.push(bytes)) {
        if (answer.is === 'real-time') this.#answer?.(answer.byte);
        else if (answer.is === 'paper') {
          this.#owed = Math.max(0, this.#owed - 1);
          this.#tell({ is: 'paper', settled: this.#owed === 0 });
        } else this.#tell(answer);
      }
    });
    transport.onClose(() => {
      this.#closed = true;
      this.#answer?.(undefined);
      this.#tell({ is: 'closed' });
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(bytes: ArrayLike<number>): void {
    if (!this.#closed) this.#transport.write(Uint8Array.from(bytes));
  }

  /** Asks, in the order of the print data, for the answers that say that all before was printed. */
  askBehind(id: string): void {
    this.#owed += 1;
    this.write([...COMMANDS.processId(id), ...COMMANDS.paperStatus]);
  }

  on(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** All flags by the four real-time questions; undefined when one was not answered within `timeoutMs`. */
  async flags(timeoutMs: number): Promise<ReadonlySet<Flag> | undefined> {
    const flags = new Set<Flag>();
    for (const kind of STATUS_KINDS) {
      const byte = await this.#realTime(kind, timeoutMs);
      // The answers do not say which question they are for: after a missing one the round is void.
      if (byte === undefined) return undefined;
      for (const flag of flagsOf(STATUS_BITS[kind], byte)) flags.add(flag);
    }
    return flags;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #tell(heard: Heard): void {
    for (const listener of this.#listeners) listener(heard);
  }

  #realTime(kind: StatusKind, timeoutMs: number): Promise<number | undefined> {
    return new Promise((done) => {
      if (this.#closed) {
        done(undefined);
        return;
      }
      const end = (byte: number | undefined) => {
        cancel();
        this.#answer = undefined;
        done(byte);
      };
      const cancel = this.#timers.after(timeoutMs, () => end(undefined));
      this.#answer = end;
      this.write(COMMANDS.realTimeStatus(kind));
    });
  }
}
