import { err, ok, type Result } from '#contract/result.ts';
import type { Timers } from '../common/port.ts';
import { nobody, type Transport } from '../common/wire.ts';
import { type Decoded, FrameDecoder, type Reply, request } from './frames.ts';
import { answers, COMMANDS, type Command, STATUS, succeeded, TIMING } from './protocol.ts';

/** Why a question has no answer: nothing came, nothing that could be read came, or the wire ended. */
export type NoAnswer = 'silent' | 'garbled' | 'closed';

/** However many bytes keep coming, a question ends after this many times its own time-out. */
const LONGEST = 4;

type Fits = (reply: Reply) => boolean;

/**
 * One question at a time over a wire that may lose, garble or delay answers. Replies do not name their question; so after
 * a question that went unanswered the line asks for the SAM's number first, whose answer looks like no other, and passes
 * over everything that comes before it: a late answer is never taken for the present one.
 */
export class SamLine {
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #decoder = new FrameDecoder();
  #inStep = true;
  #closed = false;
  #hear: (decoded: Decoded[]) => void = nobody;

  constructor(transport: Transport, timers: Timers) {
    this.#transport = transport;
    this.#timers = timers;
    transport.onData((bytes) => this.#hear(this.#decoder.push(bytes)));
    transport.onClose(() => {
      this.#closed = true;
      this.#hear([]);
    });
  }

  /** Asks, and asks once more when the answer was lost on the way. */
  async ask(command: Command): Promise<Result<Reply, NoAnswer>> {
    const first = await this.askOnce(command);
    return first.ok || first.error === 'closed' ? first : await this.askOnce(command);
  }

  async askOnce(command: Command, timeoutMs = command.timeoutMs): Promise<Result<Reply, NoAnswer>> {
    if (!this.#inStep) {
      const step = await this.#step();
      if (!step.ok) return step;
    }
    return this.#exchange(command, (reply) => answers(command, reply), timeoutMs);
  }

  async close(): Promise<void> {
    await this.#transport.close();
    this.#decoder.clear();
  }

  async #step(again = true): Promise<Result<Reply, NoAnswer>> {
    const { samId } = COMMANDS;
    const step = await this.#exchange(samId, (reply) => succeeded(samId, reply), samId.timeoutMs);
    return !step.ok && step.error === 'garbled' && again ? this.#step(false) : step;
  }

  async #exchange(command: Command, fits: Fits, timeoutMs: number): Promise<Result<Reply, NoAnswer>> {
    this.#decoder.clear();
    const answer = await new Promise<Result<Reply, NoAnswer>>((done) => this.#listen(fits, timeoutMs, command, done));
    this.#hear = nobody;
    this.#decoder.clear();
    this.#inStep = answer.ok;
    return answer;
  }

  #listen(fits: Fits, timeoutMs: number, command: Command, done: (answer: Result<Reply, NoAnswer>) => void): void {
    let garbled = false;
    let stopGap = () => {};
    let extensions = LONGEST - 1;
    const end = (answer: Result<Reply, NoAnswer>) => {
      stopGap();
      stopTime();
      done(answer);
    };
    const look = (decoded: readonly Decoded[]): boolean => {
      for (const one of decoded) {
        if (one.is === 'garbled') garbled = true;
        else if (one.reply.sw3 === STATUS.checksumError || one.reply.sw3 === STATUS.lengthError) garbled = true;
        else if (fits(one.reply)) {
          end(ok(one.reply));
          return true;
        }
      }
      return false;
    };
    // A garbled answer may be noise before the true one: it counts only when nothing follows.
    const gap = () => {
      if (look(this.#decoder.gap())) return;
      if (garbled) end(err('garbled'));
    };
    const time = () => {
      if (this.#decoder.within && extensions > 0) {
        extensions -= 1;
        stopTime = this.#timers.after(timeoutMs, time);
        return;
      }
      end(err(garbled ? 'garbled' : 'silent'));
    };
    let stopTime = this.#timers.after(timeoutMs, time);
    this.#hear = (decoded) => {
      if (this.#closed) {
        end(err('closed'));
        return;
      }
      if (look(decoded)) return;
      stopGap();
      stopGap = garbled || this.#decoder.within ? this.#timers.after(TIMING.gapMs, gap) : () => {};
    };
    if (this.#closed) end(err('closed'));
    else this.#transport.write(request(command));
  }
}
