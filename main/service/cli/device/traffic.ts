import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Connection } from '#contract/connection.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import {
  kindOf,
  openDocumentPrinter,
  openIdCardReader,
  openReceiptPrinter,
  openScanner,
  type RecordedKind,
  type ReplayedPrinter,
  readTraffic,
  replayDocumentPrinter,
  replayIdCardReader,
  replayReceiptPrinter,
  replayScanner,
  type TrafficLine,
} from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';
import { watch } from './present.ts';
import { paperOf, printDocumentOn, printed, printOn, readPdf, readReceipt } from './print.ts';
import { readOn } from './read-card.ts';
import { scanOn } from './scan.ts';

type Outcome = Promise<Result<unknown, CommandError>>;
/** What a device is put through while it is recorded, with what it is opened with. */
type Run = (given: { connection: Connection; record: (line: TrafficLine) => void }) => Outcome;

/** A replay is given this much more time than the recording has, to be slower in. Milliseconds. */
const SLOWER_MS = 500;

interface Recording {
  readonly connection: Connection;
  readonly kind: RecordedKind;
  readonly output: string;
  readonly input?: string;
  readonly paper: string;
  readonly timeout: number;
}

/**
 * Writes down what goes over a device's wire, with nobody's data in it, while a card is read, a code is scanned, a file is printed or a
 * printer's state is watched.
 */
export async function record(o: Recording): Outcome {
  const run = runOf(o);
  if (!run.ok) return run;
  // A recording that is there already may be the only one of its kind.
  const file = openSync(o.output, 'wx', 0o600);
  try {
    return await run.value({
      connection: o.connection,
      record: (line) => void writeSync(file, `${JSON.stringify(line)}\n`),
    });
  } finally {
    closeSync(file);
  }
}

function runOf({ connection, kind, input, paper, timeout }: Recording): Result<Run, CommandError> {
  switch (kind) {
    case 'id-card':
      if (input !== undefined) return printsNothing(kind);
      return ok((given) => readOn(openIdCardReader(given), { timeout, reveal: false }));
    case 'scanner':
      if (input !== undefined) return printsNothing(kind);
      if (connection.by === 'hid' || connection.by === 'keyboard') {
        return err({
          code: 'input',
          detail: `a scanner by ${connection.by} is not recorded`,
          remedy: 'try it with device scan, or set the scanner to a serial line',
        });
      }
      return ok(async (given) => {
        const scan = await scanOn(openScanner(given), timeout);
        return scan.ok ? ok({ kind: scan.value.kind }) : scan;
      });
    case 'receipt-printer': {
      const paperMm = paperOf(paper);
      if (input === undefined) {
        return ok((given) => watch(openReceiptPrinter({ ...given, paperMm, looksOnly: true }), timeout));
      }
      const receipt = readReceipt(input);
      return receipt.ok ? ok((given) => printOn({ ...given, paperMm }, receipt.value, timeout)) : receipt;
    }
    case 'document-printer': {
      if (input === undefined) return ok((given) => watch(openDocumentPrinter({ ...given, looksOnly: true }), timeout));
      const pdf = readPdf(input);
      return pdf.ok ? ok((given) => printDocumentOn(given, { pdf: pdf.value }, timeout)) : pdf;
    }
    default:
      return unreachable(kind);
  }
}

function printsNothing(kind: RecordedKind): Result<never, CommandError> {
  return err({
    code: 'input',
    detail: `${kind} prints nothing`,
    remedy: 'leave out --input, or name a printer as --kind',
  });
}

/** What the driver makes of a recording; the recording says of which device it is. */
export async function replay(o: { input: string; timeout: number }): Outcome {
  const read = readTraffic(readFileSync(o.input, 'utf8'));
  if (!read.ok) {
    const detail = `line ${read.error.line} of ${o.input} is none of a recording`;
    return err({ code: 'input', detail, remedy: 'give a file that `device record` wrote' });
  }
  const { value: lines } = read;
  const lastMs = (lines.at(-1)?.ms ?? 0) + SLOWER_MS;
  const timeout = Math.max(o.timeout, lastMs);
  const kind = kindOf(lines);
  switch (kind) {
    case 'id-card':
      return readOn(replayIdCardReader(lines), { timeout, reveal: false });
    case 'scanner':
      return scanOn(replayScanner(lines), timeout);
    case 'receipt-printer':
      return replayPrinter(replayReceiptPrinter(lines), timeout, lastMs);
    case 'document-printer':
      return replayPrinter(replayDocumentPrinter(lines), timeout, lastMs);
    default:
      return unreachable(kind);
  }
}

function replayPrinter({ printer, jobs }: ReplayedPrinter, timeoutMs: number, lastMs: number): Outcome {
  const [job] = jobs;
  return job ? printed(printer, job, timeoutMs) : watch(printer, lastMs);
}
