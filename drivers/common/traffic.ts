import { z } from 'zod';
import type { Connection } from '#contract/connection.ts';
import type { PrinterState, PrintOutcome } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Device, Timers } from './port.ts';
import { type Connect, nobody, type Transport } from './wire.ts';

/** The devices that a driver talks with; of a camera it only looks whether it is there. */
export const RECORDED_KINDS = ['id-card', 'receipt-printer', 'document-printer', 'scanner'] as const;

const ms = z.number();
const hex = z.string().regex(/^([\da-f]{2})*$/);
/** A question of IPP without the names in it; of a document there is its length alone. */
const question = {
  /** When it was answered, and how long that took. */
  ms,
  tookMs: z.number(),
  operation: z.string(),
  sent: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()])),
  documentBytes: z.int(),
};
const groups = z.array(
  z.strictObject({
    tag: z.int(),
    attributes: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).readonly()),
  }),
);

/**
 * One line of a recording (JSONL): when it was, in milliseconds from the beginning, and what went over the wire. The first says which
 * device it is. Personal data is replaced before a line is made; of what can't be read as an answer no byte is told, for it may be a
 * part of one.
 */
export const TrafficLine = z.discriminatedUnion('is', [
  z.strictObject({
    ms,
    is: z.literal('device'),
    kind: z.enum(RECORDED_KINDS),
  }),
  z.strictObject({ ms, is: z.literal('opened'), baud: z.int() }),
  z.strictObject({ ms, is: z.literal('not-opened'), why: z.string() }),
  z.strictObject({ ms, is: z.literal('to-device'), hex }),
  z.strictObject({ ms, is: z.literal('to-host'), hex }),
  z.strictObject({ ms, is: z.literal('garbled') }),
  /** The device or the wire ended it, not the driver. */
  z.strictObject({ ms, is: z.literal('closed') }),
  z.strictObject({ is: z.literal('answered'), ...question, status: z.int(), groups }),
  z.strictObject({ is: z.literal('unanswered'), ...question, detail: z.string() }),
]);
export type TrafficLine = z.infer<typeof TrafficLine>;
export type RecordedKind = (typeof RECORDED_KINDS)[number];

/** What a driver that can be recorded is opened with. */
export interface Recordable {
  /** Told of all that goes between the driver and the device, with nobody's data in it. */
  readonly record?: (line: TrafficLine) => void;
}

/** A printer as a recording has it, and the jobs that were sent to it: each is sent again when it is called. */
export interface ReplayedPrinter {
  readonly printer: Device<PrinterState>;
  readonly jobs: readonly ((signal: AbortSignal) => Promise<PrintOutcome>)[];
}

/** Replaces what tells of a person, on one connection. */
export interface Concealer {
  /** Takes what goes to the device; gives as many bytes. Without it nothing that goes there tells of a person. */
  give?(bytes: Uint8Array): Uint8Array;
  /** Takes what a device sent; gives the answers that are complete now, with nobody's data in them, and `garbled` for one that was none. */
  take(bytes: Uint8Array): readonly (Uint8Array | 'garbled')[];
}

/** Begins a recording. @returns how many milliseconds it has lasted. */
export function begin(kind: RecordedKind, tell: (line: TrafficLine) => void): () => number {
  const began = performance.now();
  tell({ ms: 0, is: 'device', kind });
  return () => Math.round(performance.now() - began);
}

/** A way to a device of which all that goes over it is told. */
export function recorded(
  kind: RecordedKind,
  connect: Connect,
  conceal: () => Concealer,
  tell: (line: TrafficLine) => void,
): Connect {
  const now = begin(kind, tell);
  return async (baud, reset) => {
    const opened = await connect(baud, reset);
    if (!opened.ok) {
      tell({ ms: now(), is: 'not-opened', why: opened.error.why });
      return opened;
    }
    tell({ ms: now(), is: 'opened', baud });
    const { value: wire } = opened;
    const concealer = conceal();
    let ours = false;
    return ok({
      write: (bytes) => {
        tell({ ms: now(), is: 'to-device', hex: hexOf(concealer.give?.(bytes) ?? bytes) });
        wire.write(bytes);
      },
      onData: (listener) =>
        wire.onData((bytes) => {
          for (const answer of concealer.take(bytes)) {
            if (answer === 'garbled') tell({ ms: now(), is: 'garbled' });
            else tell({ ms: now(), is: 'to-host', hex: hexOf(answer) });
          }
          listener(bytes);
        }),
      onClose: (listener) =>
        wire.onClose(() => {
          if (!ours) tell({ ms: now(), is: 'closed' });
          listener();
        }),
      close: () => {
        ours = true;
        return wire.close();
      },
    });
  };
}

/**
 * A device as a recording has it: it opens as it opened there, a question is answered as it was answered there, and after the same
 * time; each answer once. A question that was not recorded is met with silence.
 */
export function replayed(lines: readonly TrafficLine[], timers: Timers): Connect {
  let at = 0;
  return async () => {
    const next = lines.findIndex((line, i) => i >= at && isOpening(line));
    if (next >= 0) at = next + 1;
    // What was not there at the end of the recording does not come after it.
    const opening = lines[next] ?? lines.findLast(isOpening);
    if (opening?.is === 'not-opened') return err({ why: opening.why, remedy: 'the recording has it so' });
    let hear: (bytes: Uint8Array) => void = nobody;
    let end: () => void = nobody;
    /** Plays what came behind a line, up to the next question or the next connection. */
    const play = (from: number) => {
      for (at = from + 1; at < lines.length; at += 1) {
        const line = lines[at];
        if (!line || line.is === 'to-device' || isOpening(line)) return;
        const after = line.ms - (lines[from]?.ms ?? 0);
        if (line.is === 'to-host') timers.after(after, () => hear(Buffer.from(line.hex, 'hex')));
        if (line.is === 'closed') timers.after(after, () => end());
      }
    };
    if (next >= 0) play(next);
    const transport: Transport = {
      write: (bytes) => {
        const asked = lines.findIndex(
          (line, i) => i >= at && (isOpening(line) || (line.is === 'to-device' && line.hex === hexOf(bytes))),
        );
        if (lines[asked]?.is === 'to-device') play(asked);
      },
      onData: (listener) => {
        hear = listener;
      },
      onClose: (listener) => {
        end = listener;
      },
      close: async () => {
        const ended = end;
        end = nobody;
        hear = nobody;
        ended();
      },
    };
    return ok(transport);
  };
}

function isOpening(line: TrafficLine): boolean {
  return line.is === 'opened' || line.is === 'not-opened';
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Stands for the connection of a recording: as many rates are tried as were tried there. */
export function connectionOf(lines: readonly TrafficLine[]): Connection {
  const rates = new Set(lines.flatMap((line) => (line.is === 'opened' ? line.baud : [])));
  if (rates.size > 1) return { by: 'serial', path: '/dev/recording', baud: 'auto' };
  return { by: 'tcp', host: 'recording', port: 1 };
}

/** Which device a recording is of; the first recordings, of readers alone, do not say it. */
export function kindOf([first]: readonly TrafficLine[]): RecordedKind {
  return first?.is === 'device' ? first.kind : 'id-card';
}

/** Reads a recording; the number of the first line that is none of it. */
export function readTraffic(text: string): Result<TrafficLine[], { readonly line: number }> {
  const lines: TrafficLine[] = [];
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue;
    const line = TrafficLine.safeParse(parsed(each));
    if (!line.success || (line.data.is === 'device' && lines.length > 0)) return err({ line: index + 1 });
    lines.push(line.data);
  }
  return ok(lines);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
