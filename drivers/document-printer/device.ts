import type { PrinterState, PrintOutcome } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { keep, type Life, type Tier, type Trouble } from '../common/life.ts';
import { pluggedAt } from '../common/plug.ts';
import { systemTimers, type Timers } from '../common/port.ts';
import { failed, PrintQueue, type Queued, UNREACHED } from '../common/print-queue.ts';
import { Alarm } from '../common/wait.ts';
import { Watched } from '../common/watched.ts';
import { printsBothSides, type Supply, suppliesOf, unfit } from './capabilities.ts';
import { type Ask, ippClient, refusal } from './client.ts';
import { condition, isCups, remembersOnly } from './condition.ts';
import type { IppAnswer } from './ipp.ts';
import { runJob } from './job.ts';
import { forget, takeBack } from './leftovers.ts';
import type { DocumentPrinter, DocumentPrinterOptions, PrintDocument } from './port.ts';
import { CAPABILITY_ATTRIBUTES, PRINTER_ATTRIBUTES, SUPPLY_ATTRIBUTES, TIMING } from './protocol.ts';

type Condition = ReturnType<typeof condition>;

/** What the printer said of itself. */
interface Seen {
  readonly said: IppAnswer;
  /** What of ours may still be in it, for the log; it is looked for again before anything else is printed. */
  readonly left?: string | undefined;
}

/** One printer; there is no wire to hold, so a session is no more than a first answer. */
export class IppPrinter implements DocumentPrinter, Life<Seen, Trouble> {
  readonly #ask: Ask;
  readonly #timers: Timers;
  readonly #looksOnly: boolean;
  readonly #watched: Watched<PrinterState>;
  readonly #closing = new AbortController();
  readonly #alarm = new Alarm();
  readonly #queue = new PrintQueue<PrintDocument>();
  readonly #life: Promise<void>;
  #tier: Tier = 'reconnect';
  #unfit: ReturnType<typeof unfit>;
  #bothSides = false;

  constructor(ask: Ask, options: DocumentPrinterOptions) {
    this.#ask = ask;
    this.#timers = options.timers ?? systemTimers();
    this.#looksOnly = options.looksOnly ?? false;
    const first = { state: 'away', why: 'connecting', remedy: 'wait a moment' } as const;
    this.#watched = new Watched<PrinterState>('document-printer', first, options.log);
    this.#life = keep(this, this.#timers, this.#closing.signal, pluggedAt(options.connection));
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

  async supplies(): Promise<readonly Supply[]> {
    const attributes = { 'requested-attributes': SUPPLY_ATTRIBUTES };
    const said = await this.#ask('Get-Printer-Attributes', attributes, { timeoutMs: TIMING.answerMs });
    return said.ok && refusal(said) === undefined ? suppliesOf(said.value) : [];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#alarm.ring();
    await this.#life;
    this.#queue.refuseAll();
  }

  async open(signal: AbortSignal): Promise<Result<Seen, Trouble>> {
    const seen = await this.#see(signal, [...PRINTER_ATTRIBUTES, ...CAPABILITY_ATTRIBUTES]);
    if (!seen.ok) return seen;
    this.#unfit = unfit(seen.value.said);
    this.#bothSides = printsBothSides(seen.value.said);
    if (this.#looksOnly) return seen;
    return ok({ ...seen.value, left: await takeBack(this.#ask, seen.value.said, signal) });
  }

  async serve(first: Seen, signal: AbortSignal, works: () => void): Promise<Trouble> {
    works();
    this.#tier = 'reconnect';
    let now: Result<Seen, Trouble> = ok(first);
    while (now.ok) {
      this.#watched.set(this.#condition(now.value.said), now.value.left);
      if (this.#queue.length === 0) await this.#alarm.wait(this.#timers, TIMING.idleMs);
      if (signal.aborted) break;
      now = await this.#look(now.value, signal);
      const queued = now.ok && !signal.aborted ? this.#queue.take() : undefined;
      if (!now.ok || !queued) continue;
      now = await this.#look(await this.#run(queued, now.value, signal), signal);
    }
    return now.ok ? { why: 'closed', remedy: 'open the printer again' } : now.error;
  }

  lost(trouble: Trouble, tier: Tier): void {
    this.#tier = tier;
    this.#watched.set({ state: 'away', why: trouble.why, remedy: trouble.remedy }, trouble.detail);
    if (tier === 'callStaff') this.#queue.refuseAll();
  }

  /** A printer that can't print our documents at all is blocked, whatever else it says. */
  #condition(said: IppAnswer): Condition {
    return this.#unfit ? { state: 'blocked', ...this.#unfit } : condition(said);
  }

  async #see(signal: AbortSignal, wanted: readonly string[] = PRINTER_ATTRIBUTES): Promise<Result<Seen, Trouble>> {
    const attributes = { 'requested-attributes': wanted };
    const said = await this.#ask('Get-Printer-Attributes', attributes, { timeoutMs: TIMING.answerMs, signal });
    const detail = refusal(said);
    if (said.ok && detail === undefined) return ok({ said: said.value });
    const remedy = 'switch the printer on and check its network cable and its address';
    return err({ why: said.ok ? 'refused' : 'no-answer', remedy, ...(detail === undefined ? {} : { detail }) });
  }

  /** Asks the printer, and once more when one answer was lost. What was left in it the last time is taken back first. */
  async #look({ left }: Seen, signal: AbortSignal): Promise<Result<Seen, Trouble>> {
    const see = () => (left === undefined ? this.#see(signal) : this.open(signal));
    const now = await see();
    return now.ok || signal.aborted ? now : see();
  }

  /** @returns what is known of the printer then, and whether the job may still be in it. */
  async #run({ job, signal, done }: Queued<PrintDocument>, seen: Seen, closing: AbortSignal): Promise<Seen> {
    const now = this.#condition(seen.said);
    switch (now.state) {
      case 'away':
        if (remembersOnly(seen.said)) break;
        done(failed('away', 'the printer’s queue cannot reach it'));
        return seen;
      case 'blocked':
        if (!this.#unfit && remembersOnly(seen.said)) break;
        done(failed(now.problem, 'nothing was printed'));
        return seen;
      case 'ready':
    }
    this.#watched.set({ state: 'printing' });
    const told = (later: Condition) => this.#watched.set(later.state === 'ready' ? { state: 'printing' } : later);
    const printing = { ask: this.#ask, timers: this.#timers, bothSides: this.#bothSides, seen: told };
    const { outcome, number } = await runJob(printing, job, AbortSignal.any([signal, closing]));
    done(outcome);
    const kept = isCups(seen.said) && number !== undefined ? await forget(this.#ask, this.#timers, number) : undefined;
    const left = outcome.outcome === 'confirmed' ? kept : outcome.why;
    return left === undefined ? seen : { ...seen, left };
  }
}

/** What stands in for a printer's answers when the connection is none that speaks IPP. */
const wrongConnection: Ask = async () => err({ detail: 'write ipp://HOST[:PORT]/PATH for the document printer' });

export function askOf({ connection }: DocumentPrinterOptions, timers: Timers): Ask {
  return connection.by === 'ipp' ? ippClient(connection.url, timers) : wrongConnection;
}
