import iconv from 'iconv-lite';
import { type Align, type Bitmap, CELL, cellsOf, type QrLevel, type Row, type Run } from './slip.ts';

/** What the interpreter asks of the printer around it. */
interface Mechanism {
  /** Sends an answer that stands in the order of the print data. */
  reply(bytes: Uint8Array): void;
  /** The byte that `1D 72 n` asks for. */
  sensor(n: number): number;
  /** `1D 61 n`: automatic status back, off when n is 0. */
  automaticStatus(n: number): void;
  cut(rows: readonly Row[], bytes: Uint8Array): void;
  unknown(bytes: Uint8Array): void;
}

export interface InterpreterOptions {
  readonly printableDots: number;
  /** Chinese characters that the printer's font holds; any other comes out as `？`. */
  readonly font: 'gb2312' | 'gb18030';
  readonly mechanism: Mechanism;
}

/** A command of the sheet: how many bytes follow its name (`null`: not known yet), and what it does with them. */
interface Command {
  readonly args: number | ((args: Buffer) => number | null);
  readonly run: (args: Buffer) => void;
}

const LINE_SPACING = 30;
const QR_LEVELS: readonly QrLevel[] = ['L', 'M', 'Q', 'H'];
const ALIGNS: readonly Align[] = ['left', 'centre', 'right'];

const fresh = {
  chinese: false,
  bold: false,
  underline: false,
  width: 1,
  height: 1,
  chineseWidth: 1,
  chineseHeight: 1,
  align: 'left' as Align,
  spacing: LINE_SPACING,
};

/** Turns ESC/POS bytes into rows on paper, command by command (devices.md, section 2). */
export class Interpreter {
  readonly #options: InterpreterOptions;
  #style = { ...fresh };
  #qr: { data: string; moduleDots: number; level: QrLevel } = { data: '', moduleDots: 3, level: 'L' };
  #runs: Run[] = [];
  #rows: Row[] = [];
  #bytes: Buffer[] = [];

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    '0a': { args: 0, run: () => this.#endLine() },
    '0d': { args: 0, run: () => undefined },
    '1b40': { args: 0, run: () => this.#initialise() },
    '1b32': { args: 0, run: () => this.#set({ spacing: LINE_SPACING }) },
    '1b33': { args: 1, run: ([n = 0]) => this.#set({ spacing: n }) },
    '1b45': { args: 1, run: ([n = 0]) => this.#set({ bold: (n & 1) === 1 }) },
    '1b4a': { args: 1, run: ([n = 0]) => this.#feed(n) },
    '1b61': { args: 1, run: ([n = 0]) => this.#set({ align: ALIGNS[n % 48] ?? 'left' }) },
    '1b64': { args: 1, run: ([n = 0]) => this.#feed(n * this.#style.spacing) },
    '1c21': {
      args: 1,
      run: ([n = 0]) =>
        this.#set({ chineseWidth: n & 4 ? 2 : 1, chineseHeight: n & 8 ? 2 : 1, underline: (n & 0x80) !== 0 }),
    },
    '1c26': { args: 0, run: () => this.#set({ chinese: true }) },
    '1c2e': { args: 0, run: () => this.#set({ chinese: false }) },
    '1d21': { args: 1, run: ([n = 0]) => this.#set({ width: ((n >> 4) & 7) + 1, height: (n & 7) + 1 }) },
    '1d56': { args: ([m]) => (m === undefined ? null : m === 65 || m === 66 ? 2 : 1), run: (args) => this.#cut(args) },
    '1d61': { args: 1, run: ([n = 0]) => this.#options.mechanism.automaticStatus(n) },
    '1d72': {
      args: 1,
      run: ([n = 0]) => this.#options.mechanism.reply(Uint8Array.of(this.#options.mechanism.sensor(n % 48))),
    },
    '1d2848': { args: counted, run: (args) => this.#processId(args.subarray(2)) },
    '1d286b': { args: counted, run: (args) => this.#qrCode(args.subarray(2)) },
    '1d7630': {
      args: (args) => (args.length < 5 ? null : 5 + args.readUInt16LE(1) * args.readUInt16LE(3)),
      run: (args) => this.#raster(args),
    },
    // Real-time commands were obeyed when they came in; in the buffer they mean nothing more.
    '1004': { args: 1, run: () => undefined },
    '1005': { args: 1, run: () => undefined },
    '1014': { args: ([fn]) => (fn === undefined ? null : fn === 8 ? 8 : 3), run: () => undefined },
  };

  /** Takes one command or character from the head of the buffer; returns its length, 0 when it is not all there. */
  step(buffer: Buffer): number {
    const first = buffer[0];
    if (first === undefined) return 0;
    const used = first >= 0x20 ? this.#character(buffer) : this.#control(buffer);
    if (used > 0) this.#bytes.push(Buffer.from(buffer.subarray(0, used)));
    return used;
  }

  /** Takes away what is printed so far, as a hand does that tears it off. */
  tear(): { readonly rows: readonly Row[]; readonly bytes: Uint8Array } {
    this.#endRuns();
    const torn = { rows: this.#rows, bytes: Buffer.concat(this.#bytes) };
    this.#rows = [];
    this.#bytes = [];
    return torn;
  }

  /** Forgets the line that stands in the print buffer; what is on the paper stays there. */
  discard(): void {
    this.#runs = [];
  }

  #control(buffer: Buffer): number {
    for (const length of [1, 2, 3]) {
      if (buffer.length < length) return 0;
      const command = this.#commands[buffer.toString('hex', 0, length)];
      if (!command) continue;
      const given = buffer.subarray(length);
      const args = typeof command.args === 'number' ? command.args : command.args(given);
      if (args === null || given.length < args) return 0;
      command.run(given.subarray(0, args));
      return length + args;
    }
    const length = this.#unknownLength(buffer);
    if (length > 0) this.#options.mechanism.unknown(buffer.subarray(0, length));
    return length;
  }

  /** Only `1D 28 x` says how long it is; of any other command no more than its name can be passed over. */
  #unknownLength(buffer: Buffer): number {
    if (![0x10, 0x1b, 0x1c, 0x1d].includes(buffer.readUInt8(0))) return 1;
    if (buffer.readUInt16BE(0) !== 0x1d28) return 2;
    const args = counted(buffer.subarray(3));
    return args === null || buffer.length < 3 + args ? 0 : 3 + args;
  }

  #character(buffer: Buffer): number {
    const first = buffer.readUInt8(0);
    if (first < 0x80) return this.#put(String.fromCharCode(first), 1);
    if (!this.#style.chinese) return this.#put(iconv.decode(buffer.subarray(0, 1), 'cp437'), 1);
    const second = buffer[1];
    if (second === undefined) return 0;
    const length = second >= 0x30 && second <= 0x39 ? 4 : 2;
    if (buffer.length < length) return 0;
    const held = this.#options.font === 'gb18030' || (first >= 0xa1 && first <= 0xf7 && second >= 0xa1);
    return this.#put(held ? iconv.decode(buffer.subarray(0, length), 'gb18030') : '？', length);
  }

  #put(text: string, used: number): number {
    const { bold, underline, width, height, chineseWidth, chineseHeight } = this.#style;
    const chinese = cellsOf(text) === 2;
    const run = {
      text,
      bold,
      underline: chinese && underline,
      width: chinese ? Math.max(width, chineseWidth) : width,
      height: chinese ? Math.max(height, chineseHeight) : height,
    };
    if (lineDots([...this.#runs, run]) > this.#options.printableDots) this.#endLine();
    this.#runs.push(run);
    return used;
  }

  /** Prints what stands in the line, if anything does. */
  #endRuns(): void {
    if (this.#runs.length > 0) this.#endLine();
  }

  #endLine(spacing = this.#style.spacing): void {
    const { align } = this.#style;
    this.#rows.push({ row: 'line', align, runs: joined(this.#runs), spacing });
    this.#runs = [];
  }

  #set(change: Partial<typeof fresh>): void {
    this.#style = { ...this.#style, ...change };
  }

  #initialise(): void {
    this.#style = { ...fresh };
    this.#runs = [];
    this.#qr = { data: '', moduleDots: 3, level: 'L' };
  }

  #feed(dots: number): void {
    if (this.#runs.length > 0) this.#endLine(dots);
    else this.#rows.push({ row: 'feed', dots });
  }

  #cut([mode = 0, n = 0]: Buffer): void {
    if (mode === 65 || mode === 66) this.#feed(n);
    const { rows, bytes } = this.tear();
    this.#options.mechanism.cut(rows, bytes);
  }

  #processId(args: Buffer): void {
    if (args[0] !== 0x30 || args[1] !== 0x30 || args.length !== 6) {
      this.#options.mechanism.unknown(Buffer.concat([Buffer.of(0x1d, 0x28, 0x48), args]));
      return;
    }
    this.#options.mechanism.reply(Buffer.of(0x37, 0x22, ...args.subarray(2), 0));
  }

  #qrCode(args: Buffer): void {
    const [symbol, what = 0, n = 0] = args;
    const { align } = this.#style;
    switch (symbol === 0x31 ? what : 0) {
      case 0x41:
        return;
      case 0x43:
        this.#qr.moduleDots = n;
        return;
      case 0x45:
        this.#qr.level = QR_LEVELS[n - 0x30] ?? 'L';
        return;
      case 0x50:
        this.#qr.data = args.toString('utf8', 3);
        return;
      case 0x51:
        this.#endRuns();
        this.#rows.push({ row: 'qr', align, ...this.#qr });
        return;
      default:
        this.#options.mechanism.unknown(Buffer.concat([Buffer.of(0x1d, 0x28, 0x6b), args]));
    }
  }

  #raster(args: Buffer): void {
    this.#endRuns();
    const mode = args.readUInt8(0);
    const perRow = args.readUInt16LE(1);
    const bitmap: Bitmap = Array.from({ length: args.readUInt16LE(3) }, (_row, y) =>
      Array.from(args.subarray(5 + y * perRow, 5 + (y + 1) * perRow)).flatMap((byte) =>
        [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((byte >> bit) & 1) === 1),
      ),
    );
    const { align } = this.#style;
    this.#rows.push({ row: 'raster', align, bitmap, scaleX: mode & 1 ? 2 : 1, scaleY: mode & 2 ? 2 : 1 });
  }
}

/** `pL pH` and as many bytes behind it. */
function counted(args: Buffer): number | null {
  return args.length < 2 ? null : 2 + args.readUInt16LE(0);
}

/** How wide a line is, in dots. */
export function lineDots(runs: readonly Run[]): number {
  return runs.reduce(
    (sum, run) => sum + Array.from(run.text, cellsOf).reduce((cells, one) => cells + one, 0) * run.width * CELL.width,
    0,
  );
}

/** Joins neighbours of one style. */
function joined(runs: readonly Run[]): readonly Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    const same =
      last?.bold === run.bold &&
      last.underline === run.underline &&
      last.width === run.width &&
      last.height === run.height;
    if (last && same) out[out.length - 1] = { ...last, text: last.text + run.text };
    else out.push(run);
  }
  return out;
}
