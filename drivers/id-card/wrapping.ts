import type { HidDevice } from '../common/hid.ts';
import { nobody, type Transport } from '../common/wire.ts';
import { LEN_MAX, PREAMBLE } from './protocol.ts';

/**
 * How readers on HID wrap the frames of the SAM into reports of 64 bytes (devices.md, section 1, connections; both from one source
 * each, not checked on a physical reader).
 *
 * 10C4:0007  out `88 00 00` len(2, little-endian) `B1` frame sum(2), len = frame + 1, sum = the bytes from len on, added in 16 bits;
 *            in `AA` srn(2) len(2) result data sum(2), counted in the same way
 * 0483:572B  either way one byte of length, at most 63, and so much of the frame; `FF` in its place asks for the next piece
 */
export interface Wrapping {
  /** The reports of one request, in order. */
  wrap(frame: Uint8Array): Uint8Array[];
  /** Bytes of the SAM in one report, or that the device asks for the next piece. */
  unwrap(report: Uint8Array): Uint8Array | 'next';
  /** Forgets what is begun. */
  clear(): void;
  /** Whether reports after the first wait until the device asks for them. */
  readonly asked: boolean;
}

const REPORT_BYTES = 64;
const NOTHING = new Uint8Array();

const COUNTED = { head: [0x88, 0x00, 0x00], order: 0xb1, answer: 0xaa, lenAt: 3 } as const;
/** `AA srn(2)`, len(2); behind them len bytes and the sum(2). */
const HEAD_BYTES = 5;
const SUM_BYTES = 2;
/** No packet is longer than the longest frame and its result byte. */
const PACKET_MAX = PREAMBLE.length + 2 + LEN_MAX + 1;

/** 10C4:0007. */
export class CountedWrapping implements Wrapping {
  readonly asked = false;
  #held: number[] = [];

  wrap(frame: Uint8Array): Uint8Array[] {
    const counted = [...word(frame.length + 1), COUNTED.order, ...frame];
    return reports([...COUNTED.head, ...counted, ...word(sum(counted))]);
  }

  unwrap(report: Uint8Array): Uint8Array {
    // A packet begins with a report of its own.
    if (this.#held.length === 0 && report[0] !== COUNTED.answer) return NOTHING;
    this.#held.push(...report);
    const [low = 0, high = 0] = this.#held.slice(COUNTED.lenAt, HEAD_BYTES);
    const length = low + high * 256;
    if (length === 0 || length > PACKET_MAX) {
      this.clear();
      return NOTHING;
    }
    if (this.#held.length < HEAD_BYTES + length + SUM_BYTES) return NOTHING;
    const counted = this.#held.slice(COUNTED.lenAt, HEAD_BYTES + length);
    const [sumLow = 0, sumHigh = 0] = this.#held.slice(HEAD_BYTES + length);
    this.clear();
    return sum(counted) === sumLow + sumHigh * 256 ? Uint8Array.from(counted.slice(3)) : NOTHING;
  }

  clear(): void {
    this.#held.fill(0);
    this.#held = [];
  }
}

const PIECE_MAX = 63;
const NEXT = 0xff;

/** 0483:572B. */
export class PiecedWrapping implements Wrapping {
  readonly asked = true;

  wrap(frame: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < frame.length; at += PIECE_MAX) {
      const piece = frame.subarray(at, at + PIECE_MAX);
      pieces.push(...reports([piece.length, ...piece]));
    }
    return pieces;
  }

  unwrap(report: Uint8Array): Uint8Array | 'next' {
    const [length = 0] = report;
    if (length === NEXT) return 'next';
    return length <= PIECE_MAX ? report.subarray(1, 1 + length) : NOTHING;
  }

  clear(): void {
    // Each report stands for itself.
  }
}

/** A HID device as a wire that carries the frames of the SAM. */
export function wrapped(device: HidDevice, wrapping: Wrapping): Transport {
  let waiting: Uint8Array[] = [];
  let hear: (bytes: Uint8Array) => void = nobody;
  const next = () => {
    const report = waiting.shift();
    if (report) device.write(report);
  };
  device.onReport((report) => {
    const said = wrapping.unwrap(report);
    if (said === 'next') next();
    else if (said.length > 0) hear(said);
  });
  return {
    write: (frame) => {
      wrapping.clear();
      waiting = wrapping.wrap(frame);
      if (wrapping.asked) next();
      else while (waiting.length > 0) next();
    },
    onData: (listener) => {
      hear = listener;
    },
    onClose: (listener) => device.onClose(listener),
    close: async () => {
      wrapping.clear();
      await device.close();
    },
  };
}

function word(n: number): readonly [low: number, high: number] {
  return [n & 0xff, (n >> 8) & 0xff];
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xffff, 0);
}

/** Cut into reports; the last is filled up with zeros. */
function reports(bytes: readonly number[]): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / REPORT_BYTES) }, (_report, i) => {
    const report = new Uint8Array(REPORT_BYTES);
    report.set(bytes.slice(i * REPORT_BYTES, (i + 1) * REPORT_BYTES));
    return report;
  });
}
