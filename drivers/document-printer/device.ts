import type { PrinterState, PrintOutcome } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { keep, type Life, type Tier, type Trouble } from '../common/life.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { failed, PrintQueue, type Queued, UNREACHED } from '../common/print-queue.ts';
import { Alarm } from '../common/wait.ts';
import { Watched } from '../common/watched.ts';
import { type Ask, ippClient } from './client.ts';
import { condition } from './condition.ts';
import { cancelLeftovers, runJob } from './job.ts';
import type { DocumentPrinter, DocumentPrinterOptions, PrintDocument } from './port.ts';
import { FIRST_ERROR, PRINTER_ATTRIBUTES, TIMING } from './protocol.ts';

type Condition = ReturnType<typeof condition>;

/** One printer; there is no wire to hold, so a session is no more than a first answer. */
export class IppPrinter implements DocumentPrinter, Life<Condition, Trouble> {
  readonly #ask: Ask;
  readonly #timers: Timers;
  readonly #watched: Watched<PrinterState>;
  readonly #closing = new AbortController();
  readonly #alarm = new Alarm();
  readonly #queue = new PrintQueue<PrintDocument>();
  readonly #life: Promise<void>;
  #tier: Tier = 'reconnect';

  constructor(ask: Ask, options: DocumentPrinterOptions) {
    this.#ask = ask;
    this.#timers = options.timers ?? systemTimers();
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<PrinterState>('document-printer', first, options.log);
    this.#life = keep(this, this.#timers, this.#closing.signal);
  }

  get state(): PrinterState {
    return this.#watched.state;
  }

  onState(listener: (state: PrinterState) => void): () => void {
    return this.#watched.on(listener);
  }

  print(document: PrintDocument): Promise<PrintOutcome> {
    if (this.#closing.signal.aborted || this.#tier === 'callStaff') return Promise.resolve(UNREACHED);
    const outcome = this.#queue.add(document, document.signal);
    this.#alarm.ring();
    return outcome;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#alarm.ring();
    await this.#life;
    this.#queue.refuseAll();
  }

  async open(signal: AbortSignal): Promise<Result<Condition, Trouble>> {
    const attributes = { 'requested-attributes': PRINTER_ATTRIBUTES };
    const said = await this.#ask('Get-Printer-Attributes', attributes, { timeoutMs: TIMING.answerMs, signal });
    const remedy = 'switch the printer on and check its network cable and its address';
    if (!said.ok) return err({ why: 'no-answer', remedy, detail: said.error.detail });
    if (said.value.status < FIRST_ERROR) return ok(condition(said.value));
    return err({ why: 'refused', remedy, detail: `status ${said.value.status.toString(16).padStart(4, '0')}` });
  }

  async serve(first: Condition, signal: AbortSignal): Promise<Trouble> {
    this.#tier = 'reconnect';
    await cancelLeftovers(this.#ask, signal);
    let now: Result<Condition, Trouble> = ok(first);
    while (now.ok) {
      this.#watched.set(now.value);
      if (this.#queue.length === 0) await this.#alarm.wait(this.#timers, TIMING.idleMs);
      if (signal.aborted) break;
      now = await this.#look(signal);
      const queued = now.ok && !signal.aborted ? this.#queue.take() : undefined;
      if (!now.ok || !queued) continue;
      await this.#run(queued, now.value, signal);
      now = await this.#look(signal);
    }
    return now.ok ? { why: 'closed', remedy: 'open the printer again' } : now.error;
  }

  lost(trouble: Trouble, tier: Tier): void {
    this.#tier = tier;
    this.#watched.set({ state: 'away', why: trouble.why, remedy: trouble.remedy }, trouble.detail);
    if (tier === 'callStaff') this.#queue.refuseAll();
  }

  /** Asks the printer, and once more when one answer was lost. */
  async #look(signal: AbortSignal): Promise<Result<Condition, Trouble>> {
    const now = await this.open(signal);
    return now.ok || signal.aborted ? now : this.open(signal);
  }

  async #run({ job, signal, done }: Queued<PrintDocument>, now: Condition, closing: AbortSignal): Promise<void> {
    switch (now.state) {
      case 'away':
        done(failed('away', 'the printer’s queue cannot reach it'));
        return;
      case 'blocked':
        done(failed(now.problem, 'nothing was printed'));
        return;
      case 'ready':
    }
    this.#watched.set({ state: 'printing' });
    const seen = (later: Condition) => this.#watched.set(later.state === 'ready' ? { state: 'printing' } : later);
    done(await runJob({ ask: this.#ask, timers: this.#timers, seen }, job, AbortSignal.any([signal, closing])));
  }
}

/** What stands in for a printer's answers when the connection is none that speaks IPP. */
const wrongConnection: Ask = async () => err({ detail: 'write ipp://HOST[:PORT]/PATH for the document printer' });

export function askOf({ connection }: DocumentPrinterOptions, timers: Timers): Ask {
  return connection.by === 'ipp' ? ippClient(connection.url, timers) : wrongConnection;
}
