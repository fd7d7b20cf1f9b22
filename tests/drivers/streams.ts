/**
 * What must hold for everything that reads a device's bytes, whatever the bytes are: nothing is thrown, nothing hangs, what is held is
 * bounded, and the next good answer is found. `npm test` looks at some streams, `npm run soak -- devices` at a million.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decodeAnswer } from '#drivers/document-printer/ipp.ts';
import { FrameDecoder } from '#drivers/id-card/frames.ts';
import { CountedWrapping, PiecedWrapping, type Wrapping } from '#drivers/id-card/wrapping.ts';
import { AnswerDecoder } from '#drivers/receipt-printer/answers.ts';
import { numbersFrom } from '#tests/soak/random.ts';
import { RESIDENT, reply, textAndPhoto } from './id-card/cards.ts';
import { counted, pieced } from './id-card/reports.ts';
import { reports, scans, typed } from './scanner/subjects.ts';
import { hex } from './stand.ts';
import type { Subject } from './subject.ts';

const found = reply(0x9f, [0, 0, 0, 0]);
const card = reply(0x90, textAndPhoto(RESIDENT));
const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

const frames: Subject = {
  samples: [
    found,
    reply(0x80),
    reply(0x90, new Uint8Array(8).fill(0xaa)),
    card,
    hex('AAAAAA9669'),
    hex('AAAAAA96691000'),
  ],
  pieceMax: 1_024,
  start() {
    const decoder = new FrameDecoder();
    return {
      push: (piece) => void decoder.push(piece),
      findsGood(cut) {
        decoder.gap();
        const [first, ...more] = cut(card).flatMap((piece) => decoder.push(piece));
        return more.length === 0 && first?.is === 'reply' && same(first.reply.data, card.subarray(10, -1));
      },
    };
  },
};

function wrapping(make: () => Wrapping, wrap: (frame: Uint8Array) => Uint8Array[]): Subject {
  return {
    samples: [found, card, reply(0x80)].map((frame) => Buffer.concat(wrap(frame))),
    pieceMax: 64,
    start() {
      const wrapping = make();
      return {
        push: (piece) => void wrapping.unwrap(piece),
        findsGood() {
          // The next question does the same.
          wrapping.clear();
          const said = wrap(card).map((report) => wrapping.unwrap(report));
          return same(Buffer.concat(said.filter((piece) => piece !== 'next')), card);
        },
      };
    },
  };
}

const answers: Subject = {
  samples: ['12', '00', '10000000', '38280F00', '37224141454300', '372500', '10', '3722'].map(hex),
  pieceMax: 16,
  start() {
    const decoder = new AnswerDecoder();
    const last = (pieces: readonly Uint8Array[]) => pieces.flatMap((piece) => decoder.push(piece)).at(-1);
    return {
      push: (piece) => void decoder.push(piece),
      findsGood(cut) {
        const realTime = last([hex('1A')]);
        const automatic = last(cut(hex('18000C00')));
        // What begins with a printable byte may go on a name that broke off; these bytes go on nothing.
        decoder.push(hex('FFFFFFFF'));
        const process = last(cut(hex('37224141454300')));
        return (
          realTime?.is === 'real-time' &&
          automatic?.is === 'automatic' &&
          automatic.flags.has('paperOut') &&
          process?.is === 'process' &&
          process.id === 'AAEC'
        );
      },
    };
  },
};

/** An answer with its attributes, as RFC 8010 lays them out. */
function ipp(...attributes: readonly (readonly [tag: number, name: string, value: string])[]): Uint8Array {
  const sized = (bytes: Buffer) => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
  const body = attributes.map(([tag, name, value]) =>
    Buffer.concat([Buffer.of(tag), sized(Buffer.from(name)), sized(Buffer.from(value, 'latin1'))]),
  );
  return Buffer.concat([hex('0200 0000 00000007 01'), ...body, Buffer.of(3)]);
}

const charset = [0x47, 'attributes-charset', 'utf-8'] as const;
const state = [0x23, 'printer-state', '\0\0\0\x05'] as const;
const printer = ipp(
  charset,
  state,
  [0x44, 'printer-state-reasons', 'media-empty'],
  [0x44, '', 'toner-low'],
  [0x22, 'a', '\x01'],
);

/** An answer comes whole over HTTP: each piece is one, and nothing is held between them. */
const documents: Subject = {
  samples: [printer, ipp(charset), ipp(state, state, state)],
  pieceMax: 1_024,
  start() {
    let overfull = false;
    return {
      push(piece) {
        const read = decodeAnswer(piece);
        const values = read.ok ? read.value.groups.flatMap(({ attributes }) => [...attributes.values()].flat()) : [];
        // A value takes a tag and two lengths.
        overfull ||= values.length * 5 > piece.length;
      },
      findsGood() {
        const good = decodeAnswer(printer);
        return !overfull && good.ok && good.value.groups[0]?.attributes.get('printer-state')?.[0] === 5;
      },
    };
  },
};

export const decoders = {
  'id card, frames': frames,
  'id card, HID 10C4:0007': wrapping(() => new CountedWrapping(), counted),
  'id card, HID 0483:572B': wrapping(() => new PiecedWrapping(), pieced),
  'receipt printer, answers': answers,
  'document printer, IPP': documents,
  'scanner, scans': scans,
  'scanner, HID-POS': reports,
  'scanner, keys': typed,
} as const satisfies Record<string, Subject>;
export type DecoderName = keyof typeof decoders;

export interface StreamCounts {
  readonly streams: number;
  readonly bytes: number;
  /** Numbers of the streams, with what was thrown. */
  readonly thrown: readonly string[];
  /** Numbers of the streams behind which a good answer was not found. */
  readonly notFound: readonly number[];
  readonly slowestMs: number;
  /** What one decoder holds after all streams, in bytes of the heap; some kilobytes are chance. */
  readonly heldBytes: number;
}

/** A stream may never take longer; only what hangs does. */
export const HANG_MS = 2_000;
export const HELD_BYTES_MAX = 512 * 1024;

const WARM_UP = 500;
const ENDLESS_BYTES = 1 << 20;

/** Sends so many streams to one decoder. */
export function sendStreams(name: DecoderName, streams: number, seed: number): StreamCounts {
  const decoder: Subject = decoders[name];
  const { samples, pieceMax } = decoder;
  const next = numbersFrom(seed);
  const thrown: string[] = [];
  const notFound: number[] = [];
  let bytes = 0;
  let slowestMs = 0;
  let decoding = decoder.start();
  // Tables that are loaded with the first use are not what a decoder holds.
  for (let warm = 0; warm < WARM_UP; warm += 1) decoding.push(makeStream(samples, next).subarray(0, pieceMax));
  decoding.findsGood((good) => [good]);
  const before = heapBytes();
  for (let number = 1; number <= streams; number += 1) {
    const stream = makeStream(samples, next);
    bytes += stream.length;
    const began = performance.now();
    try {
      for (const piece of cutAtRandom(stream, pieceMax, next)) decoding.push(piece);
      if (!decoding.findsGood((good) => cutAtRandom(good, pieceMax, next))) notFound.push(number);
    } catch (error) {
      thrown.push(`${number}: ${String(error)}`);
      decoding = decoder.start();
    }
    slowestMs = Math.max(slowestMs, performance.now() - began);
  }
  // The last stream has neither an end nor a gap.
  for (let sent = 0; sent < ENDLESS_BYTES; ) {
    const stream = makeStream(samples, next);
    sent += stream.length;
    for (const piece of cutAtRandom(stream, pieceMax, next)) decoding.push(piece);
  }
  const heldBytes = Math.max(0, heapBytes() - before);
  // It lives as long as it is measured.
  decoding.push(new Uint8Array());
  return { streams, bytes, thrown, notFound, slowestMs, heldBytes };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use after what is garbage was collected. */
export function heapBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** One to four parts: noise, a good sample, or one with mutations. */
function makeStream(samples: readonly Uint8Array[], next: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(next() * limit);
  const parts = Array.from({ length: 1 + below(4) }, () => {
    const kind = next();
    if (kind < 0.3) return Uint8Array.from({ length: below(kind < 0.01 ? 5_000 : 64) }, () => below(256));
    const sample = samples[below(samples.length)] ?? new Uint8Array();
    return kind < 0.45 ? sample : mutated(sample, below);
  });
  return Buffer.concat(parts);
}

function mutated(sample: Uint8Array, below: (limit: number) => number): Uint8Array {
  let bytes = Array.from(sample);
  for (let times = 1 + below(3); times > 0; times -= 1) {
    // Heads and lengths stand in front: half of the blows fall there.
    const at = below(2) === 0 ? below(Math.min(16, bytes.length)) : below(bytes.length);
    switch (below(4)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        bytes.splice(at, 1 + below(4));
        break;
      default:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + below(8)));
    }
  }
  return Uint8Array.from(bytes);
}

function cutAtRandom(bytes: Uint8Array, pieceMax: number, next: () => number): Uint8Array[] {
  const longest = next() < 0.3 ? Math.min(8, pieceMax) : pieceMax;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(next() * longest);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
