import type { Timers } from '../common/port.ts';
import { nobody, type Transport } from '../common/wire.ts';
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
  #cleared: () => void = nobody;
  #closed = false;
  /** Real-time questions whose answers did not come in time and may come still. */
  #late = 0;
  /** An answer was taken for one that was owed since the last question. */
  #passedOver = false;
  /** Paper questions behind jobs that are not answered yet. */
  #owed = 0;

  constructor(transport: Transport, timers: Timers) {
    this.#transport = transport;
    this.#timers = timers;
    transport.onData((bytes) => {
      for (const answer of this.#decoder.push(bytes)) {
        if (answer.is === 'real-time') this.#answered(answer.byte);
        else if (answer.is === 'cleared') {
          this.#owed = 0;
          this.#cleared();
        } else if (answer.is === 'paper') {
          this.#owed = Math.max(0, this.#owed - 1);
          this.#tell({ is: 'paper', settled: this.#owed === 0 });
        } else this.#tell(answer);
      }
    });
    transport.onClose(() => {
      this.#closed = true;
      this.#answer?.(undefined);
      this.#cleared();
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

  /**
   * Takes out of the printer what it has not printed yet, with the questions that stand behind it. Ends with the printer's
   * answer, or without one after `timeoutMs`.
   */
  async clear(timeoutMs: number): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#timers.after(timeoutMs, resolve);
    this.#cleared = resolve;
    this.write(COMMANDS.clear);
    await promise;
    cancel();
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
      const byte = await this.#inTurn(kind, timeoutMs);
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

  /** Answers come in the order of their questions: those owed from before come first. */
  #answered(byte: number): void {
    if (!this.#answer) this.#late = Math.max(0, this.#late - 1);
    else if (this.#late > 0) {
      this.#late -= 1;
      this.#passedOver = true;
    } else this.#answer(byte);
  }

  async #inTurn(kind: StatusKind, timeoutMs: number): Promise<number | undefined> {
    this.#passedOver = false;
    const byte = await this.#realTime(kind, timeoutMs);
    if (byte !== undefined) return byte;
    if (!this.#passedOver) {
      this.#late += 1;
      return undefined;
    }
    // What was passed over was the answer after all: the earlier question was lost on its way.
    this.#late = 0;
    return this.#realTime(kind, timeoutMs);
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
