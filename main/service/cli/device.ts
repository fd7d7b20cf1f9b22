import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Connection } from '#contract/connection.ts';
import { type IdCard, type PrinterState, type PrintOutcome, type ReaderState, Receipt } from '#contract/devices.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import {
  type Device,
  deviceStatus,
  openDocumentPrinter,
  openIdCardReader,
  openReceiptPrinter,
} from '#drivers/index.ts';
import { maskedCard } from './card.ts';
import { type CommandError, conclude, connectionArgument, secondsArgument } from './outcome.ts';

const connectionOption = [
  '--connection <uri>',
  'serial:PATH[?baud=N], tcp:HOST:PORT, hid:VENDOR:PRODUCT[?serial=TEXT] or ipp://HOST[:PORT]/PATH',
  connectionArgument,
] as const;
const timeoutOption = (fallbackMs: number) =>
  ['--timeout <seconds>', `how long to wait (${fallbackMs / 1000})`, secondsArgument, fallbackMs] as const;

type Kind = 'id-card' | 'receipt-printer' | 'document-printer';

export function deviceCommands(): Command {
  const device = new Command('device').description('try a device by itself');
  device
    .command('read-card')
    .description('wait for an ID card and print it as JSON, its number masked')
    .requiredOption(...connectionOption)
    .option(...timeoutOption(30_000))
    .option('--reveal', 'print the number and the birth date in full', false)
    .action(async (o: { connection: Connection; timeout: number; reveal: boolean }) => conclude(await readCard(o)));
  device
    .command('print-receipt')
    .description('print a receipt: a JSON Receipt (contract/devices.ts) or lines of UTF-8 text')
    .requiredOption(...connectionOption)
    .requiredOption('--input <file>', 'the receipt')
    .addOption(new Option('--paper <mm>', 'paper width').choices(['58', '80']).default('80'))
    .option(...timeoutOption(30_000))
    .action(async (o: { connection: Connection; input: string; paper: string; timeout: number }) =>
      conclude(await printReceipt(o)),
    );
  device
    .command('status')
    .description('say what stands at a connection and how it is')
    .requiredOption(...connectionOption)
    .addOption(
      new Option('--kind <kind>', 'what it should be').choices(['id-card', 'receipt-printer', 'document-printer']),
    )
    .option(...timeoutOption(10_000))
    .action(async (o: { connection: Connection; kind?: Kind; timeout: number }) => conclude(await status(o)));
  return device;
}

async function readCard(o: {
  connection: Connection;
  timeout: number;
  reveal: boolean;
}): Promise<Result<IdCard, CommandError>> {
  const reader = openIdCardReader({ connection: o.connection });
  // What happened last before the time was over is the reason that helps.
  let seen: ReaderState = reader.state;
  reader.onState((state) => {
    if (state.state === 'unreadable' || state.state === 'away' || state.state === 'fault') seen = state;
    else if (seen.state === 'away' && state.state !== 'ready') seen = state;
  });
  try {
    const read = await reader.read(AbortSignal.timeout(o.timeout));
    if (!read.ok) return err(read.error.code === 'aborted' ? noCard(seen) : named(read.error));
    const card = read.value.reveal();
    const shown = o.reveal ? card : maskedCard(card);
    read.value.wipe();
    return ok(shown);
  } finally {
    await reader.close();
  }
}

function noCard(state: ReaderState): CommandError {
  switch (state.state) {
    case 'away':
    case 'fault':
      return named({ code: state.state, why: state.why, remedy: state.remedy });
    case 'unreadable':
      return {
        code: state.why,
        detail: 'a card was there but was not read',
        remedy: 'lift the card and lay it down again',
      };
    case 'ready':
    case 'looking':
    case 'reading':
    case 'card':
      return {
        code: 'no-card',
        detail: 'no card was laid on the reader in time',
        remedy: 'lay a card flat on the reader',
      };
    default:
      return unreachable(state);
  }
}

async function printReceipt(o: {
  connection: Connection;
  input: string;
  paper: string;
  timeout: number;
}): Promise<Result<PrintOutcome, CommandError>> {
  const receipt = readReceipt(o.input);
  if (!receipt.ok) return receipt;
  const printer = openReceiptPrinter({ connection: o.connection, paperMm: o.paper === '58' ? 58 : 80 });
  try {
    await present(printer, o.timeout);
    const outcome = await printer.print(receipt.value, AbortSignal.timeout(o.timeout));
    switch (outcome.outcome) {
      case 'confirmed':
        return ok(outcome);
      case 'unknown':
        return err({
          code: 'print-unknown',
          detail: `the receipt was sent, but nothing confirms it: ${outcome.why}`,
          remedy: 'look whether the paper is out before printing again',
        });
      case 'failed':
        return err({
          code: `print-${outcome.problem}`,
          detail: outcome.why,
          remedy: 'mend the printer and print again',
        });
      default:
        return unreachable(outcome);
    }
  } finally {
    await printer.close();
  }
}

function readReceipt(file: string): Result<Receipt, CommandError> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch {
    return err({ code: 'input', detail: `${file} can't be read as UTF-8`, remedy: 'give a file of text or JSON' });
  }
  const receipt = Receipt.safeParse(text.trimStart().startsWith('{') ? json(text) : { lines: textLines(text) });
  if (receipt.success) return ok(receipt.data);
  const where = receipt.error.issues[0]?.path.join('.') ?? '';
  return err({
    code: 'input',
    detail: `${file} is no receipt${where === '' ? '' : `, see ${where}`}`,
    remedy: 'compare with Receipt in contract/devices.ts',
  });
}

function textLines(text: string): object[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => ({ line: 'text', text: line }));
}

async function status(o: {
  connection: Connection;
  kind?: Kind;
  timeout: number;
}): Promise<Result<unknown, CommandError>> {
  const { connection, kind } = o;
  if (kind === undefined) {
    const found = await deviceStatus(connection, { timeoutMs: o.timeout });
    return found.ok ? found : err(named(found.error));
  }
  const state = await stateOf(connection, kind, o.timeout);
  return state.state === 'away' ? err(named({ code: 'away', ...state })) : ok({ device: kind, state });
}

function stateOf(connection: Connection, kind: Kind, timeoutMs: number): Promise<ReaderState | PrinterState> {
  switch (kind) {
    case 'id-card':
      return look(openIdCardReader({ connection }), timeoutMs);
    case 'receipt-printer':
      return look(openReceiptPrinter({ connection, paperMm: 80, looksOnly: true }), timeoutMs);
    case 'document-printer':
      return look(openDocumentPrinter({ connection, looksOnly: true }), timeoutMs);
    default:
      return unreachable(kind);
  }
}

async function look<S extends ReaderState | PrinterState>(device: Device<S>, timeoutMs: number): Promise<S> {
  try {
    return await present(device, timeoutMs);
  } finally {
    await device.close();
  }
}

/** Waits until a device answers, at most `timeoutMs`. @returns its state then. */
async function present<S extends ReaderState | PrinterState>(device: Device<S>, timeoutMs: number): Promise<S> {
  if (device.state.state !== 'away') return device.state;
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(), timeoutMs);
    const forget = device.onState((state) => {
      if (state.state !== 'away') settle();
    });
    const settle = () => {
      clearTimeout(timer);
      forget();
      resolve(device.state);
    };
  });
}

function named(error: { code: string; why: string; remedy: string }): CommandError {
  return { code: error.code, detail: error.why, remedy: error.remedy };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
