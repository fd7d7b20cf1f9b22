import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import type { Timers } from './port.ts';
import type { Connect, Transport } from './wire.ts';

/**
 * One line of a recording (JSONL): when it was, in milliseconds from the beginning, and what went over the wire. Personal data is
 * replaced before a line is made; of what can't be read as an answer no byte is told, for it may be a part of one.
 */
export const TrafficLine = z.discriminatedUnion('is', [
  z.strictObject({ ms: z.number(), is: z.literal('opened'), baud: z.int() }),
  z.strictObject({ ms: z.number(), is: z.literal('not-opened'), why: z.string() }),
  z.strictObject({ ms: z.number(), is: z.literal('to-device'), hex: z.string().regex(/^([\da-f]{2})*$/) }),
  z.strictObject({ ms: z.number(), is: z.literal('to-host'), hex: z.string().regex(/^([\da-f]{2})*$/) }),
  z.strictObject({ ms: z.number(), is: z.literal('garbled') }),
  z.strictObject({ ms: z.number(), is: z.literal('closed') }),
]);
export type TrafficLine = z.infer<typeof TrafficLine>;

/** Takes what a device sent; gives the answers that are complete now, with nobody's data in them, and `garbled` for one that was none. */
export interface Concealer {
  take(bytes: Uint8Array): readonly (Uint8Array | 'garbled')[];
}

/** A way to a device of which all that goes over it is told. */
export function recorded(connect: Connect, conceal: () => Concealer, tell: (line: TrafficLine) => void): Connect {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  return async (baud) => {
    const opened = await connect(baud);
    if (!opened.ok) {
      tell({ ms: ms(), is: 'not-opened', why: opened.error.why });
      return opened;
    }
    tell({ ms: ms(), is: 'opened', baud });
    const { value: wire } = opened;
    const concealer = conceal();
    return ok({
      write: (bytes) => {
        tell({ ms: ms(), is: 'to-device', hex: Buffer.from(bytes).toString('hex') });
        wire.write(bytes);
      },
      onData: (listener) =>
        wire.onData((bytes) => {
          for (const answer of concealer.take(bytes)) {
            if (answer === 'garbled') tell({ ms: ms(), is: 'garbled' });
            else tell({ ms: ms(), is: 'to-host', hex: Buffer.from(answer).toString('hex') });
          }
          listener(bytes);
        }),
      onClose: (listener) =>
        wire.onClose(() => {
          tell({ ms: ms(), is: 'closed' });
          listener();
        }),
      close: () => wire.close(),
    });
  };
}

/**
 * A device as a recording has it: a question is answered as it was answered there, and after the same time; each answer once. One that
 * was not recorded is met with silence.
 */
export function replayed(lines: readonly TrafficLine[], timers: Timers): Connect {
  let at = 0;
  return async () => {
    const refused = lines.slice(at).find((line) => line.is === 'opened' || line.is === 'not-opened');
    if (refused?.is === 'not-opened') {
      at = lines.indexOf(refused) + 1;
      return err({ why: refused.why, remedy: 'the recording has it so' });
    }
    let hear: (bytes: Uint8Array) => void = () => undefined;
    let end: () => void = () => undefined;
    const transport: Transport = {
      write: (bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        const asked = lines.findIndex((line, i) => i >= at && line.is === 'to-device' && line.hex === hex);
        if (asked < 0) return;
        for (at = asked + 1; at < lines.length && lines[at]?.is !== 'to-device'; at += 1) {
          const line = lines[at];
          const after = (line?.ms ?? 0) - (lines[asked]?.ms ?? 0);
          if (line?.is === 'to-host') timers.after(after, () => hear(Buffer.from(line.hex, 'hex')));
          if (line?.is === 'closed') timers.after(after, () => end());
        }
      },
      onData: (listener) => {
        hear = listener;
      },
      onClose: (listener) => {
        end = listener;
      },
      close: async () => {
        const ended = end;
        end = () => undefined;
        hear = () => undefined;
        ended();
      },
    };
    return ok(transport);
  };
}

/** Reads a recording; the number of the first line that is none of it. */
export function readTraffic(text: string): Result<TrafficLine[], { readonly line: number }> {
  const lines: TrafficLine[] = [];
  for (const [index, each] of text.split('\n').entries()) {
    if (each.trim() === '') continue;
    const line = TrafficLine.safeParse(parsed(each));
    if (!line.success) return err({ line: index + 1 });
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
