import type { PrinterState, PrintOutcome, Receipt } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { CoolDown, keep, type Life, type Tier, type Trouble } from '../common/life.ts';
import { pluggedAt } from '../common/plug.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { failed, PrintQueue, type Queued, STOPPED, UNREACHED } from '../common/print-queue.ts';
import { ratesOf } from '../common/transport.ts';
import { Alarm, pause } from '../common/wait.ts';
import { Watched } from '../common/watched.ts';
import type { Connect } from '../common/wire.ts';
import { condition, mayBeReset, recoversItself } from './condition.ts';
import { encodeReceipt, type Paper } from './encoder.ts';
import { GlyphPress } from './glyphs.ts';
import { runJob } from './job.ts';
import { PrinterLine } from './line.ts';
import type { ReceiptPrinter, ReceiptPrinterOptions } from './port.ts';
import { BAUD_RATES, COMMANDS, type Flag, jobId, TIMING } from './protocol.ts';

const SILENT: Trouble = { why: 'no-answer', remedy: 'check the power and the cable of the receipt printer' };
const CLOSED: Trouble = { ...SILENT, why: 'port-closed' };
/** After an unknown outcome the wire is opened anew, so that a late answer is not taken for that of the next job. */
const UNCONFIRMED: Trouble = { ...SILENT, why: 'unconfirmed' };

/** One round of questions without an answer says nothing; after two the printer shows as away, after three it is called anew. */
const MUTE = { away: 2, reopen: 3 } as const;

/**
 * The printer's life: one loop holds the line, so that status and jobs never meet on it unmeant.
 *
 * A receipt that was not confirmed never comes out later, for somebody else: its rest is cleared out of the printer's buffer when
 * its job ends, and once more when the printer is reached again, for a run that was killed cleared nothing. What had come out
 * before that hangs in the printer: a cut before the next receipt parts the two (a blank scrap when nothing hangs there). The
 * torn piece is void; the receipt is printed again as a whole.
 */
export class EscPosPrinter implements ReceiptPrinter, Life<PrinterLine, Trouble> {
  readonly #connect: Connect;
  readonly #paper: Paper;
  readonly #press: GlyphPress;
  readonly #looksOnly: boolean;
  readonly #timers: Timers;
  readonly #watched: Watched<PrinterState>;
  readonly #closing = new AbortController();
  readonly #alarm = new Alarm();
  readonly #queue = new PrintQueue<Uint8Array>();
  readonly #coolDown: CoolDown;
  readonly #life: Promise<void>;
  #rates: readonly number[];
  #line: PrinterLine | undefined;
  #tier: Tier = 'reconnect';
  #flags: ReadonlySet<Flag> | undefined;
  #muteRounds = 0;
  #printing = false;
  #namesIds = false;
  /** A piece of an earlier receipt may hang in the printer. */
  #torn = true;
  #jobNumber: number;

  constructor(connect: Connect, options: ReceiptPrinterOptions) {
    this.#connect = connect;
    this.#paper = { paperMm: options.paperMm, characters: options.characters ?? 'gb2312' };
    this.#press = new GlyphPress(options.fonts);
    this.#looksOnly = options.looksOnly ?? false;
    this.#jobNumber = options.firstJob ?? Math.floor(Math.random() * 10_000);
    this.#rates = ratesOf(options.connection, BAUD_RATES);
    this.#timers = options.timers ?? systemTimers();
    this.#coolDown = new CoolDown(this.#timers);
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<PrinterState>('receipt-printer', first, options.log);
    this.#life = keep(this, this.#timers, this.#closing.signal, pluggedAt(options.connection));
  }

  get state(): PrinterState {
    return this.#watched.state;
  }

  onState(listener: (state: PrinterState) => void): () => void {
    return this.#watched.on(listener);
  }

  async print(receipt: Receipt, signal?: AbortSignal): Promise<PrintOutcome> {
    const encoded = await encodeReceipt(receipt, this.#paper, this.#press);
    if (!encoded.ok) {
      const why = `no font draws ${encoded.error.glyph}; install the packages fonts-noto-cjk and fonts-hanazono`;
      return failed('missing-glyph', why);
    }
    return this.printBytes(encoded.value, signal);
  }

  /** Prints a receipt that is encoded already. */
  printBytes(encoded: Uint8Array, signal?: AbortSignal): Promise<PrintOutcome> {
    if (this.#closing.signal.aborted || this.#tier === 'callStaff') return Promise.resolve(UNREACHED);
    const outcome = this.#queue.add(encoded, signal);
    this.#alarm.ring();
    return outcome;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#line?.close();
    this.#alarm.ring();
    await this.#life;
    this.#coolDown.end();
    this.#queue.refuseAll();
  }

  /** A printer that answers nothing is served too: what becomes of its jobs stays unknown. */
  async open(signal: AbortSignal): Promise<Result<PrinterLine, Trouble>> {
    for (const rate of this.#rates) {
      const line = await this.#dial(rate);
      if (!line.ok) return line;
      this.#flags = signal.aborted ? undefined : await line.value.flags(TIMING.baudTryMs);
      if (line.value.closed) return err(CLOSED);
      if (this.#flags) this.#rates = [rate];
      if (this.#rates.length === 1 || signal.aborted) return line;
      await line.value.close();
    }
    return this.#dial(this.#rates[0] ?? 0);
  }

  async serve(line: PrinterLine, signal: AbortSignal, works: () => void): Promise<Trouble> {
    works();
    this.#tier = 'reconnect';
    this.#torn = true;
    this.#muteRounds = this.#flags ? 0 : MUTE.away;
    const off = line.on((heard) => {
      if (heard.is === 'automatic') this.#heard(heard.flags);
      else if (heard.is === 'closed') this.#alarm.ring();
    });
    if (!this.#looksOnly) void line.clear(TIMING.clearMs);
    line.write(COMMANDS.automaticStatus);
    try {
      while (!line.closed && !signal.aborted) {
        this.#show();
        const job = this.#queue.take();
        if (job) {
          const known = await this.#run(line, job);
          if (!known) return UNCONFIRMED;
        } else await this.#alarm.wait(this.#timers, TIMING.idleMs);
        if (this.#queue.length === 0) await this.#ask(line);
        if (this.#flags && mayBeReset(this.#flags)) await this.#reset(line);
        if (this.#muteRounds >= MUTE.reopen) return SILENT;
      }
      return CLOSED;
    } finally {
      off();
      await line.close();
    }
  }

  lost(trouble: Trouble, tier: Tier): void {
    this.#tier = tier;
    if (tier === 'callStaff') this.#queue.refuseAll();
    if (trouble === UNCONFIRMED) return;
    this.#watched.set({ state: 'away', why: trouble.why, remedy: trouble.remedy }, trouble.detail);
  }

  async #dial(rate: number): Promise<Result<PrinterLine, Trouble>> {
    const opened = await this.#connect(rate);
    if (!opened.ok) return opened;
    this.#line = new PrinterLine(opened.value, this.#timers);
    return ok(this.#line);
  }

  /** Prints one job; whether its outcome is known. */
  async #run(line: PrinterLine, job: Queued<Uint8Array>): Promise<boolean> {
    this.#printing = true;
    this.#watched.set({ state: 'printing' });
    try {
      await this.#askUntilCool(line, job.signal);
      const now = this.#flags && condition(this.#flags);
      if (line.closed) this.#queue.putBack(job);
      else if (job.signal.aborted) job.done(STOPPED);
      else if (now?.state === 'blocked') job.done(failed(now.problem, 'nothing was printed'));
      else return await this.#send(line, job);
      return true;
    } finally {
      this.#printing = false;
      this.#show();
    }
  }

  async #send(line: PrinterLine, job: Queued<Uint8Array>): Promise<boolean> {
    const confirmation = { id: jobId(this.#jobNumber), onlyId: this.#namesIds };
    this.#jobNumber = (this.#jobNumber + 1) % 10_000;
    const printing = {
      line,
      timers: this.#timers,
      mute: this.#muteRounds > 0,
      seen: (flags: ReadonlySet<Flag>) => this.#heard(flags),
    };
    const data = this.#torn
      ? Buffer.concat([Buffer.from([...COMMANDS.initialise, ...COMMANDS.cut]), job.job])
      : job.job;
    const end = await runJob(printing, data, confirmation, job.signal);
    this.#namesIds ||= end.namedId;
    this.#torn = end.outcome.outcome !== 'confirmed';
    if (this.#torn) await line.clear(TIMING.clearMs);
    job.done(end.outcome);
    return end.outcome.outcome !== 'unknown';
  }

  /** A print head that is hot keeps a job waiting and does not refuse it. */
  async #askUntilCool(line: PrinterLine, signal: AbortSignal): Promise<void> {
    for (let waited = 0; ; waited += TIMING.printingMs) {
      await this.#ask(line);
      const hot = this.#flags !== undefined && recoversItself(this.#flags);
      if (!hot || line.closed || signal.aborted || waited >= TIMING.coolMs) return;
      await pause(this.#timers, TIMING.printingMs, AbortSignal.any([signal, this.#closing.signal]));
      if (this.#closing.signal.aborted) return;
    }
  }

  /** Once the paper at the cutter is away, many a printer goes on only when it is told to. */
  async #reset(line: PrinterLine): Promise<void> {
    if (this.#looksOnly || line.closed || !this.#coolDown.take()) return;
    this.#torn = true;
    await line.clear(TIMING.clearMs);
  }

  async #ask(line: PrinterLine): Promise<void> {
    const flags = line.closed ? undefined : await line.flags(TIMING.statusMs);
    if (flags) {
      this.#heard(flags);
      return;
    }
    this.#muteRounds += 1;
    if (this.#muteRounds >= MUTE.away) this.#flags = undefined;
  }

  #heard(flags: ReadonlySet<Flag>): void {
    this.#flags = flags;
    this.#muteRounds = 0;
    this.#show();
  }

  #show(): void {
    if (this.#printing) return;
    this.#watched.set(this.#flags ? condition(this.#flags) : { state: 'away', why: SILENT.why, remedy: SILENT.remedy });
  }
}
