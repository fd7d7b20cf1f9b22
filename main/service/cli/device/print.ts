import { readFileSync } from 'node:fs';
import type { Connection } from '#contract/connection.ts';
import { type PrinterState, type PrintOutcome, Receipt } from '#contract/devices.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import {
  type Device,
  type DocumentPrinterOptions,
  openDocumentPrinter,
  openReceiptPrinter,
  type PrintDocument,
  type ReceiptPrinterOptions,
} from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';
import { present } from './present.ts';

interface Job {
  readonly connection: Connection;
  readonly input: string;
  readonly timeout: number;
}

export async function printReceipt(o: Job & { readonly paper: string }): Promise<Result<PrintOutcome, CommandError>> {
  const receipt = readReceipt(o.input);
  if (!receipt.ok) return receipt;
  return printOn({ connection: o.connection, paperMm: paperOf(o.paper) }, receipt.value, o.timeout);
}

export function paperOf(given: string): 58 | 80 {
  return given === '58' ? 58 : 80;
}

/** Prints one receipt and says how it ended. */
export function printOn(
  given: ReceiptPrinterOptions,
  receipt: Receipt,
  timeoutMs: number,
): Promise<Result<PrintOutcome, CommandError>> {
  const printer = openReceiptPrinter(given);
  return printed(printer, (signal) => printer.print(receipt, signal), timeoutMs);
}

export async function printDocument(
  o: Job & { readonly copies: number; readonly bothSides: boolean },
): Promise<Result<PrintOutcome, CommandError>> {
  const pdf = readPdf(o.input);
  if (!pdf.ok) return pdf;
  const { copies, bothSides } = o;
  return printDocumentOn({ connection: o.connection }, { pdf: pdf.value, copies, bothSides }, o.timeout);
}

/** Prints one document and says how it ended. */
export function printDocumentOn(
  given: DocumentPrinterOptions,
  document: Omit<PrintDocument, 'name' | 'signal'>,
  timeoutMs: number,
): Promise<Result<PrintOutcome, CommandError>> {
  const printer = openDocumentPrinter(given);
  return printed(printer, (signal) => printer.print({ ...document, name: 'test', signal }), timeoutMs);
}

/** Waits for a printer, has it print, and lets go of it. */
export async function printed(
  printer: Device<PrinterState>,
  print: (signal: AbortSignal) => Promise<PrintOutcome>,
  timeoutMs: number,
): Promise<Result<PrintOutcome, CommandError>> {
  try {
    await present(printer, timeoutMs);
    return concluded(await print(AbortSignal.timeout(timeoutMs)));
  } finally {
    await printer.close();
  }
}

function concluded(outcome: PrintOutcome): Result<PrintOutcome, CommandError> {
  switch (outcome.outcome) {
    case 'confirmed':
      return ok(outcome);
    case 'unknown':
      return err({
        code: 'print-unknown',
        detail: `it was sent, but nothing confirms it: ${outcome.why}`,
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
}

export function readReceipt(file: string): Result<Receipt, CommandError> {
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

export function readPdf(file: string): Result<Uint8Array, CommandError> {
  const pdf = readFileSync(file);
  if (pdf.subarray(0, 1024).includes('%PDF-')) return ok(pdf);
  return err({ code: 'input', detail: `${file} is no PDF`, remedy: 'give a PDF of A4 pages' });
}

function textLines(text: string): object[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => ({ line: 'text', text: line }));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
