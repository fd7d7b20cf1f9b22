import { Pace } from '../pace.ts';
import { type Link, openPort, type Session } from '../port.ts';
import { automaticStatus, type Condition, isOnline, paperSensor, realTimeStatus, SOUND } from './condition.ts';
import { Interpreter } from './interpreter.ts';
import { drawSlip } from './picture.ts';
import { HEAD, type PaperMm, plainText, type Row } from './slip.ts';

/** One slip that came out. */
interface Paper {
  /** What a person reads on it, line by line; `[QR data]` and `[picture W x H]` stand for what is no text. */
  readonly text: string;
  readonly rows: readonly Row[];
  /** The commands that it was printed from. */
  readonly bytes: Uint8Array;
  /** `torn` when the roll ended in its middle and was changed. */
  readonly ended: 'cut' | 'torn';
}

/**
 * An ESC/POS receipt printer. It prints at once what it may print; while it is offline it keeps what it receives, over a pulled
 * cable too, and prints it when it may again, unless it was cleared.
 */
export interface EscPosPrinter {
  readonly connection: string;
  readonly plugged: boolean;
  /** Every slip since the start, taken or not, oldest first. */
  readonly papers: readonly Paper[];
  /** Blank pieces: what a cut gives when nothing was printed before it. */
  readonly scraps: number;
  /** Slips that still hang in the printer. */
  readonly papersWaiting: number;
  readonly condition: Condition;
  /** Commands outside the sheet, in hexadecimal. */
  readonly unknown: readonly string[];
  /** Writes a PNG that looks like the slip of this index in `papers`, 8 dots to the millimetre. Throws RangeError when there is none. */
  drawPaper(index: number, file: string): Promise<void>;
  paperOut(): void;
  /** Lays in a new roll; a slip that the old roll ended in is torn off. */
  paperIn(): void;
  coverOpen(): void;
  coverClosed(): void;
  cutterStuck(on: boolean): void;
  /** The knife sticks once at the next cut, or at each; it is freed with `cutterStuck`. */
  jamAtCut(cut: 'next' | 'every' | 'none'): void;
  headHot(on: boolean): void;
  nearEnd(on: boolean): void;
  /** Every answer comes this much later, in milliseconds. */
  slowAnswers(milliseconds: number): void;
  /** A printer that answers nothing. */
  muteAnswers(on: boolean): void;
  /** A printer that answers `10 04 n` alone, and so never says what came out. */
  muteConfirmations(on: boolean): void;
  /** The roll ends once this many more bytes were printed. */
  outOfPaperAfter(bytes: number): void;
  /** The cover is opened once this many more bytes were printed. */
  openCoverAfter(bytes: number): void;
  /** The cable is pulled once this many more bytes were received; the rest is lost. */
  unplugAfter(bytes: number): void;
  takePaper(): void;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

export interface EscPosPrinterOptions {
  readonly transport: 'tcp' | 'pty';
  /** TCP only; 0 or nothing takes a free one. */
  readonly port?: number;
  readonly paperMm: PaperMm;
  /** Chinese characters of the printer's font: GB 2312, as in cheap printers, when not given. */
  readonly font?: 'gb2312' | 'gb18030';
  /** pty only: what comes in is taken as fast as a line of this rate carries it. */
  readonly paced?: number;
  /** Called when a host has changed what can be read here. */
  readonly onChange?: () => void;
}

/** DLE DC4 function 8 and its answer; DLE ENQ 2, which is obeyed in an error alone. */
const CLEAR = Buffer.from('10140801031401060208', 'hex');
const CLEARED = Uint8Array.of(0x37, 0x25, 0x00);
const RECOVER = Buffer.from('100502', 'hex');

type Answers = 'all' | 'real-time' | 'none';

/** Starts a printer and returns when it can be reached. */
export async function startEscPosPrinter(options: EscPosPrinterOptions): Promise<EscPosPrinter> {
  const papers: Paper[] = [];
  const unknown: string[] = [];
  let condition = SOUND;
  let answers: Answers = 'all';
  let slowMs = 0;
  let jam: 'next' | 'every' | 'none' = 'none';
  let waiting = 0;
  let scraps = 0;
  let buffer = Buffer.alloc(0);
  let paperLeft = Number.POSITIVE_INFINITY;
  let closedLeft = Number.POSITIVE_INFINITY;
  let cableLeft = Number.POSITIVE_INFINITY;
  /** Who sent last: answers in the order of the buffer go there. */
  let host: Link | null = null;
  let watcher: Link | null = null;

  function come(rows: readonly Row[], bytes: Uint8Array, ended: Paper['ended']): void {
    waiting += 1;
    papers.push({
      text: plainText(rows),
      rows,
      bytes,
      ended,
    });
  }

  const interpreter = new Interpreter({
    printableDots: HEAD[options.paperMm].printable,
    font: options.font ?? 'gb2312',
    mechanism: {
      reply: (bytes) => {
        if (answers === 'all') answer(host, bytes);
      },
      sensor: (n) => (n === 1 ? paperSensor(condition) : 0),
      automaticStatus: (n) => {
        watcher = n === 0 ? null : host;
        report();
      },
      cut: (rows, bytes) => {
        if (rows.some(({ row }) => row !== 'feed')) come(rows, bytes, 'cut');
        else scraps += 1;
        if (jam !== 'none') stick();
      },
      unknown: (bytes) => unknown.push(Buffer.from(bytes).toString('hex')),
    },
  });

  function report(): void {
    if (answers === 'all') answer(watcher, automaticStatus(condition));
  }

  function answer(link: Link | null, bytes: Uint8Array): void {
    if (slowMs === 0) link?.write(bytes);
    else setTimeout(() => link?.write(bytes), slowMs);
  }

  /** Within a cut: what stands behind it in the buffer waits until a hand has freed the knife. */
  function stick(): void {
    if (jam === 'next') jam = 'none';
    condition = { ...condition, cutter: 'stuck' };
    report();
  }

  function print(): void {
    while (isOnline(condition)) {
      const used = interpreter.step(buffer);
      if (used === 0) return;
      buffer = buffer.subarray(used);
      paperLeft -= used;
      closedLeft -= used;
      if (paperLeft <= 0) become({ paper: 'end' });
      if (closedLeft <= 0) {
        closedLeft = Number.POSITIVE_INFINITY;
        become({ cover: 'open' });
      }
    }
  }

  function become(change: Partial<Condition>): void {
    condition = { ...condition, ...change };
    report();
    print();
  }

  /** Answers every `10 04 n` the moment it comes in, whatever stands before it in the buffer. */
  function answerRealTime(link: Link, bytes: Buffer): void {
    if (answers === 'none') return;
    for (let at = bytes.indexOf('\x10\x04'); at >= 0; at = bytes.indexOf('\x10\x04', at + 1)) {
      const status = realTimeStatus(condition, bytes[at + 2] ?? 0);
      if (status !== null) answer(link, Uint8Array.of(status));
    }
  }

  /** Throws away what was received before the command. */
  function obey(command: Buffer, done: () => void): void {
    const at = buffer.lastIndexOf(command);
    if (at < 0) return;
    buffer = buffer.subarray(at + command.length);
    interpreter.discard();
    done();
  }

  function open(link: Link): Session {
    let tail = Buffer.alloc(0);
    const pace = options.paced === undefined ? null : new Pace(options.paced);
    function take(all: Uint8Array): void {
      const bytes = all.subarray(0, cableLeft);
      cableLeft -= bytes.length;
      host = link;
      const seen = Buffer.concat([tail, bytes]);
      answerRealTime(link, seen);
      tail = seen.subarray(-2);
      buffer = Buffer.concat([buffer, bytes]);
      if (condition.cutter === 'stuck') obey(RECOVER, () => undefined);
      obey(CLEAR, () => {
        if (answers === 'all') answer(link, CLEARED);
      });
      print();
      if (cableLeft === 0) void port.unplug();
      options.onChange?.();
    }
    return {
      receive: (bytes) => (pace ? void pace.carry(bytes, take) : take(bytes)),
      end() {
        if (watcher === link) watcher = null;
        if (host === link) host = null;
      },
    };
  }

  const port = await openPort({
    transport: options.transport,
    port: options.port,
    baud: options.paced ?? 115_200,
    open,
  });

  return {
    connection: port.connection,
    get plugged() {
      return port.plugged();
    },
    papers,
    get papersWaiting() {
      return waiting;
    },
    get scraps() {
      return scraps;
    },
    get condition() {
      return condition;
    },
    unknown,
    async drawPaper(index, file) {
      const paper = papers[index];
      if (!paper) throw new RangeError(`there is no slip ${index}`);
      await drawSlip({ rows: paper.rows, paperMm: options.paperMm, file });
    },
    paperOut: () => become({ paper: 'end' }),
    paperIn() {
      const { rows, bytes } = interpreter.tear();
      if (condition.paper === 'end' && rows.length > 0) come(rows, bytes, 'torn');
      paperLeft = Number.POSITIVE_INFINITY;
      become({ paper: 'enough' });
    },
    coverOpen: () => become({ cover: 'open' }),
    coverClosed: () => become({ cover: 'closed' }),
    cutterStuck: (on) => become({ cutter: on ? 'stuck' : 'free' }),
    jamAtCut: (cut) => {
      jam = cut;
    },
    headHot: (on) => become({ head: on ? 'hot' : 'cool' }),
    nearEnd: (on) => become({ paper: on ? 'near-end' : 'enough' }),
    slowAnswers: (milliseconds) => {
      slowMs = milliseconds;
    },
    muteAnswers: (on) => {
      answers = on ? 'none' : 'all';
    },
    muteConfirmations: (on) => {
      answers = on ? 'real-time' : 'all';
    },
    outOfPaperAfter: (bytes) => {
      paperLeft = bytes;
    },
    unplugAfter: (bytes) => {
      cableLeft = bytes;
    },
    openCoverAfter: (bytes) => {
      closedLeft = bytes;
    },
    takePaper: () => {
      waiting = 0;
    },
    unplug: port.unplug,
    plug: async () => {
      cableLeft = Number.POSITIVE_INFINITY;
      // What came in half before the cable was pulled is no command any more.
      if (isOnline(condition)) buffer = Buffer.alloc(0);
      await port.plug();
    },
    close: port.close,
  };
}
