import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { Receipt } from '#contract/devices.ts';
import { openReceiptPrinter, type ReceiptPrinter } from '#drivers/index.ts';
import { type EscPosPrinter, startEscPosPrinter } from '#tests/simulators/index.ts';

const RECEIPT = Receipt.parse({
  lines: [
    { line: 'text', text: '和平街社区·一窗', align: 'centre', size: 2, bold: true },
    { line: 'rule' },
    { line: 'pair', label: '收件号', value: '120103-000100-261123-0001-X' },
    { line: 'pair', label: '办理事项', value: '社区居住证明（吉祥里小区）' },
    { line: 'qr', data: 'YC1:120103-000100-261123-0001-X' },
    { line: 'feed', lines: 2 },
  ],
});

let slip: EscPosPrinter;
let printer: ReceiptPrinter;

async function open(transport: 'tcp' | 'pty', paperMm: 58 | 80): Promise<void> {
  slip = await startEscPosPrinter({ transport, paperMm });
  const connection = parseConnection(slip.connection);
  if (!connection.ok) throw new Error(connection.error.remedy);
  printer = openReceiptPrinter({ connection: connection.value, paperMm });
  await expect.poll(() => printer.state.state).toBe('ready');
}

afterEach(async () => {
  await printer.close();
  await slip.close();
});

describe.each([
  ['tcp', 80],
  ['pty', 58],
] as const)('a printer that was written from the sheet alone, by %s, %i mm', (transport, paperMm) => {
  it('prints a receipt that can be read back', async () => {
    await open(transport, paperMm);
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
    await expect.poll(() => slip.papers.length).toBe(1);
    const text = slip.papers[0]?.text ?? '';
    for (const part of ['和平街社区·一窗', '收件号', '261123-0001-X', '吉祥里', 'YC1:120103-000100-261123-0001-X']) {
      expect(text).toContain(part);
    }
  });
});

describe.each([115_200, 9_600])('a printer on a line of %i baud', (paced) => {
  it('confirms a receipt only when it has taken all of it', async () => {
    slip = await startEscPosPrinter({ transport: 'pty', paperMm: 80, paced });
    const connection = parseConnection(slip.connection);
    if (!connection.ok) throw new Error(connection.error.remedy);
    printer = openReceiptPrinter({ connection: connection.value, paperMm: 80 });
    await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('ready');
    const drawn = Receipt.parse({ lines: [...RECEIPT.lines, { line: 'text', text: '名字：𠮷㙍𫖯' }] });
    expect(await printer.print(drawn)).toEqual({ outcome: 'confirmed' });
    expect(slip.papers.map(({ ended }) => ended)).toEqual(['cut']);
    expect(slip.unknown).toEqual([]);
  });
});

describe('a printer in trouble', () => {
  it('has no paper, or an open cover: nothing is sent, and it is ready when that is mended', async () => {
    await open('tcp', 80);
    slip.paperOut();
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    slip.paperIn();
    slip.coverOpen();
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'failed', problem: 'cover-open' });
    slip.coverClosed();
    expect(slip.papers).toHaveLength(0);
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
    slip.nearEnd(true);
    await expect.poll(() => printer.state, { timeout: 5_000 }).toEqual({ state: 'ready', low: ['paper'] });
  });

  it('runs out of paper in the middle', async () => {
    await open('tcp', 80);
    slip.outOfPaperAfter(60);
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
  });

  it('that stopped for paper prints no rest of a receipt when paper comes, and the next receipt stands alone', async () => {
    await open('tcp', 80);
    slip.outOfPaperAfter(60);
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'failed', problem: 'paper-out' });
    await expect.poll(() => slip.condition.paper).toBe('end');
    slip.paperIn();
    expect(slip.papers.map(({ ended }) => ended)).toEqual(['torn']);
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
    expect(slip.papers.map(({ ended }) => ended)).toEqual(['torn', 'cut']);
    expect(slip.papers[1]?.text.match(/收件号/g)).toHaveLength(1);
  });

  it('that an open cover stopped in the middle keeps the torn piece apart from the next receipt', async () => {
    await open('tcp', 80);
    slip.openCoverAfter(60);
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'failed', problem: 'cover-open' });
    slip.coverClosed();
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
    expect(slip.papers.map(({ text }) => /YC1/.test(text))).toEqual([false, true]);
    expect(slip.papers[1]?.text.match(/和平街社区/g)).toHaveLength(1);
  });

  it('is cleared of what a killed run left in it, before paper comes', async () => {
    slip = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
    slip.paperOut();
    const connection = parseConnection(slip.connection);
    if (!connection.ok || connection.value.by !== 'tcp') throw new Error('not by TCP');
    const { host, port } = connection.value;
    await new Promise<void>((done) => {
      const killed = connect(port, host, () => killed.end('A STRANGER\n\x1dVA\x03', done));
    });
    printer = openReceiptPrinter({ connection: connection.value, paperMm: 80 });
    await expect.poll(() => printer.state.state).toBe('blocked');
    slip.paperIn();
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
    expect(slip.papers.map(({ text }) => text).join()).not.toContain('STRANGER');
  });

  it('is hot: the receipt comes when it has cooled down', async () => {
    await open('tcp', 80);
    slip.headHot(true);
    const outcome = printer.print(RECEIPT);
    await expect.poll(() => printer.state.state).toBe('printing');
    expect(slip.papers).toHaveLength(0);
    slip.headHot(false);
    expect(await outcome).toEqual({ outcome: 'confirmed' });
  });

  it('answers nothing: the outcome is unknown', async () => {
    await open('tcp', 80);
    slip.muteAnswers(true);
    expect(await printer.print(RECEIPT)).toMatchObject({ outcome: 'unknown' });
  });

  it('goes and comes back', async () => {
    await open('tcp', 80);
    await slip.unplug();
    await expect.poll(() => printer.state.state, { timeout: 10_000 }).toBe('away');
    await slip.plug();
    expect(await printer.print(RECEIPT)).toEqual({ outcome: 'confirmed' });
  });
});
