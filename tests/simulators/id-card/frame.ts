/** The SAM_V frame, seen from the reader: requests come in, replies go out (devices.md, section 1, "Frame"). */
const PREAMBLE = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69);

/** No request of the sheet has a LEN above 4; a larger one is noise and is not waited for. */
const LONGEST_REQUEST = 16;

/** A request that was cut out of the stream. */
export type Request =
  | { readonly is: 'request'; readonly command: number; readonly parameter: number; readonly data: Uint8Array }
  | { readonly is: 'wrong-checksum' }
  | { readonly is: 'wrong-length' };

/** XOR of all bytes. */
function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

/** A reply frame: status and data, LEN in front and the checksum behind. */
export function replyFrame(sw: readonly [number, number, number], data: Uint8Array): Buffer {
  const length = sw.length + data.length + 1;
  const body = Buffer.from([length >> 8, length & 0xff, ...sw, ...data]);
  return Buffer.concat([PREAMBLE, body, Uint8Array.of(checksum(body))]);
}

/** Cuts requests out of a stream that may come byte by byte and with noise between frames. */
export class RequestDecoder {
  #buffer = Buffer.alloc(0);

  /** True while a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#buffer.length >= PREAMBLE.length;
  }

  push(bytes: Uint8Array): readonly Request[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const requests: Request[] = [];
    for (let next = this.#take(); next !== null; next = this.#take()) requests.push(next);
    return requests;
  }

  /** Drops what has come of a frame. */
  clear(): void {
    this.#buffer = Buffer.alloc(0);
  }

  #take(): Request | null {
    this.#dropNoise();
    const frame = this.#buffer;
    const start = PREAMBLE.length;
    if (frame.length < start + 2) return null;
    const length = frame.readUInt16BE(start);
    if (length < 3 || length > LONGEST_REQUEST) {
      this.#buffer = frame.subarray(start + 2);
      return { is: 'wrong-length' };
    }
    const end = start + 2 + length;
    if (frame.length < end) return null;
    this.#buffer = frame.subarray(end);
    if (checksum(frame.subarray(start, end)) !== 0) return { is: 'wrong-checksum' };
    return {
      is: 'request',
      command: frame.readUInt8(start + 2),
      parameter: frame.readUInt8(start + 3),
      data: frame.subarray(start + 4, end - 1),
    };
  }

  /** Keeps a preamble, or what may become one, at the head of the buffer. */
  #dropNoise(): void {
    const at = this.#buffer.indexOf(PREAMBLE);
    if (at >= 0) {
      this.#buffer = this.#buffer.subarray(at);
      return;
    }
    let tail = Math.min(this.#buffer.length, PREAMBLE.length - 1);
    while (tail > 0 && !this.#buffer.subarray(-tail).equals(PREAMBLE.subarray(0, tail))) tail -= 1;
    this.#buffer = this.#buffer.subarray(this.#buffer.length - tail);
  }
}
