import { type Command, LEN_MAX, LEN_MIN, PREAMBLE } from './protocol.ts';

export interface Reply {
  readonly sw1: number;
  readonly sw2: number;
  readonly sw3: number;
  readonly data: Uint8Array;
}

/** What the decoder makes of a stream: a reply, or something that began like one and was none. */
export type Decoded = { readonly is: 'reply'; readonly reply: Reply } | { readonly is: 'garbled' };

/** The bytes of a request. */
export function request(command: Pick<Command, 'cmd' | 'para' | 'data'>): Uint8Array {
  return frame([command.cmd, command.para, ...(command.data ?? [])]);
}

/** The bytes of a reply, as the reader would send it. */
export function replyFrame({ sw1, sw2, sw3, data }: Reply): Uint8Array {
  return frame([sw1, sw2, sw3, ...data]);
}

function frame(content: readonly number[]): Uint8Array {
  const length = content.length + 1;
  const body = [length >> 8, length & 0xff, ...content];
  return Uint8Array.from([...PREAMBLE, ...body, body.reduce((sum, byte) => sum ^ byte, 0)]);
}

const HEAD = PREAMBLE.length + 2;

/**
 * Finds replies in a stream of bytes. Noise is passed over; after a frame whose LEN or CHK is wrong the search goes on
 * one byte behind its start, so that a good frame inside or behind it is found. Its memory is bounded.
 */
export class FrameDecoder {
  readonly #buffer = new Uint8Array(HEAD + LEN_MAX);
  #length = 0;

  /** Whether a frame has begun and is not complete. */
  get within(): boolean {
    return this.#length >= PREAMBLE.length;
  }

  push(bytes: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#buffer.length - this.#length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      this.#take(decoded);
    }
    return decoded;
  }

  /** The rest of a begun frame did not come: gives it up and looks for another in what is held. */
  gap(): Decoded[] {
    const decoded: Decoded[] = [];
    while (this.within) {
      decoded.push({ is: 'garbled' });
      this.#drop(1);
      this.#take(decoded);
    }
    return decoded;
  }

  /** Forgets what is held; the bytes may be personal data and are overwritten. */
  clear(): void {
    this.#buffer.fill(0);
    this.#length = 0;
  }

  #take(decoded: Decoded[]): void {
    for (;;) {
      this.#drop(this.#noise());
      if (this.#length < HEAD) return;
      const length = this.#word(PREAMBLE.length);
      const whole = HEAD + length;
      if (length >= LEN_MIN && length <= LEN_MAX && this.#length < whole) return;
      const reply = length >= LEN_MIN && length <= LEN_MAX ? this.#reply(whole) : undefined;
      decoded.push(reply ? { is: 'reply', reply } : { is: 'garbled' });
      this.#drop(reply ? whole : 1);
    }
  }

  #reply(whole: number): Reply | undefined {
    const [sw1 = 0, sw2 = 0, sw3 = 0] = this.#buffer.subarray(HEAD, HEAD + 3);
    let sum = 0;
    for (const byte of this.#buffer.subarray(PREAMBLE.length, whole)) sum ^= byte;
    return sum === 0 ? { sw1, sw2, sw3, data: this.#buffer.slice(HEAD + 3, whole - 1) } : undefined;
  }

  /** How many bytes stand before the first place where a preamble is, or may be beginning. */
  #noise(): number {
    const held = this.#buffer.subarray(0, this.#length);
    for (let at = held.indexOf(0xaa); at >= 0; at = held.indexOf(0xaa, at + 1)) {
      const start = at;
      if (PREAMBLE.every((byte, i) => start + i >= held.length || held[start + i] === byte)) return start;
    }
    return held.length;
  }

  #word(at: number): number {
    return ((this.#buffer[at] ?? 0) << 8) | (this.#buffer[at + 1] ?? 0);
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#buffer.copyWithin(0, count, this.#length);
    this.#buffer.fill(0, this.#length - count, this.#length);
    this.#length -= count;
  }
}
