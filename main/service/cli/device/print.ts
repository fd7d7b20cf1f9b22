import { readFileSync } from 'node:fs';
import type { Connection } from '#contract/connection.ts';
import { type PrintOutcome, Receipt } from '#contract/devices.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import { openDocumentPrinter, openReceiptPrinter, type ReceiptPrinterOptions } from '#drivers/index.ts';
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
  return printOn({ connection: o.connection, paperMm: o.paper === '58' ? 58 : 80 }, receipt.value, o.timeout);
}

/** Prints one receipt and says how it ended. */
export async function printOn(
  given: ReceiptPrinterOptions,
  receipt: Receipt,
  timeoutMs: number,
): Promise<Result<PrintOutcome, CommandError>> {
  const printer = openReceiptPrinter(given);
  try {
    await present(printer, timeoutMs);
    return concluded(await printer.print(receipt, AbortSignal.timeout(timeoutMs)));
  } finally {
    await printer.close();
  }
}

export async function printDocument(
  o: Job & { readonly copies: number; readonly bothSides: boolean },
): Promise<Result<PrintOutcome, CommandError>> {
  const pdf = readFileSync(o.input);
  if (!pdf.subarray(0, 1024).includes('%PDF-')) {
    return err({ code: 'input', detail: `${o.input} is no PDF`, remedy: 'give a PDF of A4 pages' });
  }
  const printer = openDocumentPrinter({ connection: o.connection });
  try {
    await present(printer, o.timeout);
    return concluded(
      await printer.print({
        pdf,
        name: 'test',
        copies: o.copies,
        bothSides: o.bothSides,
        signal: AbortSignal.timeout(o.timeout),
      }),
    );
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

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
