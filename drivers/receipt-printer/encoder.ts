import type { Receipt, ReceiptLine } from '#contract/devices.ts';
import { unreachable } from '#contract/result.ts';
import { encodeText, pair, wrap } from './layout.ts';
import { CELL_DOTS, COMMANDS, DOTS } from './protocol.ts';

type TextLine = Extract<ReceiptLine, { line: 'text' }>;

const ALIGN = { left: 0, centre: 1, right: 2 } as const;

/** Bytes that a QR code of version 1, 2, ... holds at level M (ISO/IEC 18004); the contract's longest text fits the last. */
const QR_BYTES: readonly number[] = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857, 911,
  997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
];
const QUIET_MODULES = 8;

/** The bytes of a receipt: initialise, the lines, cut. Text is GB 18030. */
export function encodeReceipt(receipt: Receipt, paperMm: 58 | 80): Uint8Array {
  const dots = DOTS[paperMm];
  const parts = [
    bytes(COMMANDS.initialise, COMMANDS.chineseOn),
    ...receipt.lines.flatMap((line) => encodeLine(line, dots)),
    bytes(COMMANDS.cut),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

function encodeLine(line: ReceiptLine, dots: number): Uint8Array[] {
  const cells = dots / CELL_DOTS;
  switch (line.line) {
    case 'text':
      return text(wrap(line.text, Math.floor(cells / line.size)), line);
    case 'pair':
      return text(pair(line.label, line.value, cells));
    case 'rule':
      return text(['-'.repeat(cells)]);
    case 'qr':
      return qr(line.data, line.moduleDots, dots);
    case 'feed':
      return [bytes(COMMANDS.feed(line.lines))];
    default:
      return unreachable(line);
  }
}

const PLAIN: Pick<TextLine, 'align' | 'size' | 'bold'> = { align: 'left', size: 1, bold: false };

function text(lines: readonly string[], { align, size, bold } = PLAIN): Uint8Array[] {
  return [
    bytes(COMMANDS.align(ALIGN[align]), COMMANDS.size(size), COMMANDS.bold(bold)),
    ...lines.flatMap((line) => [encodeText(line), bytes(COMMANDS.lineEnd)]),
  ];
}

function qr(data: string, moduleDots: number, dots: number): Uint8Array[] {
  const content = Buffer.from(data, 'utf8');
  const version = QR_BYTES.findIndex((room) => room >= content.length) + 1;
  const modules = 17 + 4 * version + QUIET_MODULES;
  const size = Math.max(1, Math.min(moduleDots, Math.floor(dots / modules)));
  return [
    bytes(COMMANDS.align(ALIGN.centre), COMMANDS.qrModel2, COMMANDS.qrSize(size), COMMANDS.qrLevelM),
    bytes(COMMANDS.qrStore(content), COMMANDS.qrPrint, COMMANDS.lineEnd),
  ];
}

function bytes(...commands: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(commands.flat());
}
