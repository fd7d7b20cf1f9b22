import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Characters of the longest message; the largest input that the shell lets through is two million. */
export const LONGEST_MESSAGE = 8_000_000;

export interface LineEnds {
  /** One message, as it came: whoever listens checks its shape. */
  readonly onMessage: (message: unknown) => void;
  /** Told once: the other side is gone, or said something that is no message. */
  readonly onEnd: () => void;
}

/**
 * The way between the screen's process and the service: JSON, one message a line, over a stream of bytes. It is text, so that
 * neither side lets the other's bytes near a deserialiser of objects, and so that any two runtimes understand each other.
 */
export class Line {
  readonly #stream: Duplex;
  readonly #ends: LineEnds;
  #open = true;

  constructor(stream: Duplex, ends: LineEnds) {
    this.#stream = stream;
    this.#ends = ends;
    const characters = new StringDecoder('utf8');
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + characters.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
      if (rest.length > LONGEST_MESSAGE) this.#end();
    });
    stream.on('error', () => this.#end());
    stream.on('end', () => this.#end());
    stream.on('close', () => this.#end());
  }

  /** @returns `false` when the other side is gone. */
  send(message: object): boolean {
    if (!this.#open || !this.#stream.writable) return false;
    this.#stream.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  /** Lets go of it; the other side hears the end. */
  close(): void {
    this.#open = false;
    this.#stream.destroy();
  }

  #take(line: string): void {
    if (!this.#open) return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#end();
      return;
    }
    this.#ends.onMessage(message);
  }

  #end(): void {
    if (!this.#open) return;
    this.close();
    this.#ends.onEnd();
  }
}
