import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EscPosPrinter, startEscPosPrinter } from './index.ts';

const RECEIPTIO = createRequire(import.meta.url).resolve('receiptio/bin/cli.js');

let printer: EscPosPrinter;

/** Runs `receiptio`, a host of ESC/POS printers that nobody here wrote; it knows port 9100 alone. @returns its verdict. */
async function receiptio(args: readonly string[], receipt = ''): Promise<string> {
  const child = spawn(process.execPath, [RECEIPTIO, '-d', '127.0.0.1', '-t', '60', '-l', 'zh-hans', ...args]);
  child.stdin.end(receipt);
  const [said] = await Promise.all([text(child.stderr), text(child.stdout)]);
  return said.trim();
}

beforeAll(async () => {
  printer = await startEscPosPrinter({ transport: 'tcp', paperMm: 80, port: 9100, font: 'gb18030' });
});
afterAll(() => printer.close());

describe('receiptio', () => {
  it('understands how the simulated printer is', async () => {
    expect(await receiptio(['-q'])).toBe('online');
    printer.coverOpen();
    expect(await receiptio(['-q'])).toBe('coveropen');
    printer.coverClosed();
    printer.paperOut();
    expect(await receiptio(['-q'])).toBe('paperempty');
    printer.paperIn();
    expect(await receiptio(['-q'])).toBe('online');
  });

  it('prints on it, and believes that it did', async () => {
    expect(await receiptio(['-p', 'escpos'], '社区一窗\n收件号 120103-000100\n')).toBe('success');
    expect(printer.papers.at(-1)?.text).toContain('社区一窗');
    expect(printer.papers.at(-1)?.text).toContain('120103-000100');
  });
});
