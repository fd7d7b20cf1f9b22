import { join } from 'node:path';
import { ok, type Result } from '#contract/result.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EnrolError, enrolByCode } from '../identity/enrol.ts';
import type { CaseDesk, SubmitProblem } from '../intake/case-desk.ts';
import type { Acknowledged } from '../journal/answers.ts';
import { silentLog } from '../log/log.ts';
import type { PrintDesk } from '../print/print-desk.ts';
import { Records, type RecordsError } from '../records.ts';
import type { SyncEngine } from '../sync/engine.ts';
import { type Clock, localDay, type Timers } from '../time/clock.ts';
import { systemRandom } from '../time/random.ts';
import { COMMUNITY, syntheticApplication } from './applications.ts';
import type { Chance } from './chance.ts';
import type { FlappingLine } from './line.ts';

export interface FleetTerminalOptions {
  /** Its own; it need not exist. */
  readonly folder: string;
  readonly enrolCode: string;
  readonly gateway: { readonly url: string; readonly idleSeconds: number };
  readonly startSpreadMs: number;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Draws its residents and what they do. */
  readonly chance: Chance;
  /** Null for the machine's own network. */
  readonly line: FlappingLine | null;
  /** Milliseconds with their fractions. */
  readonly now: () => number;
}

/** What a terminal of the fleet saw, in milliseconds of `now`. */
export interface Seen {
  /** How long each case took until it was durable and its receipt was on its way. */
  readonly acceptedMs: readonly number[];
  /** From then to the district's answer for it. */
  readonly acknowledgedMs: readonly number[];
  /** Entries of any kind that the gateway had already when they came. */
  readonly again: number;
  readonly lastCommit: number;
  /** Before the first one, minus infinity. */
  readonly lastAnswer: number;
}

/** A printer that needs no paper. */
const PAPERLESS = { print: async () => ({ outcome: 'confirmed' }) as const };

/** One terminal of the fleet: enrolled, with its own keys and store, and all that a real one has but devices, templates and screen. */
export class FleetTerminal {
  readonly records: Records;
  readonly #o: FleetTerminalOptions;
  readonly #prints: PrintDesk;
  readonly #desk: CaseDesk;
  readonly #engine: SyncEngine;
  /** When each case was committed that the district has not answered for. */
  readonly #waiting = new Map<string, number>();
  readonly #acceptedMs: number[] = [];
  readonly #acknowledgedMs: number[] = [];
  #again = 0;
  #lastCommit = Number.NEGATIVE_INFINITY;
  #lastAnswer = Number.NEGATIVE_INFINITY;

  static async open(o: FleetTerminalOptions): Promise<Result<FleetTerminal, EnrolError | RecordsError>> {
    const folders = { etc: join(o.folder, 'etc'), data: join(o.folder, 'data') };
    const enrolled = await enrolByCode({ etc: folders.etc, url: o.gateway.url, code: o.enrolCode });
    if (!enrolled.ok) return enrolled;
    // Keys and nonces come from the system: the seed is known to everyone.
    const records = await Records.open({
      ...o,
      folders,
      suite: 'standard',
      random: systemRandom(o.clock),
      log: silentLog(),
    });
    return records.ok ? ok(new FleetTerminal(o, records.value)) : records;
  }

  private constructor(o: FleetTerminalOptions, records: Records) {
    this.#o = o;
    this.records = records;
    this.#prints = records.printDesk({
      receiptPrinter: PAPERLESS,
      documentPrinter: PAPERLESS,
      sheets: { pdf: async () => new Uint8Array() },
    });
    this.#desk = records.caseDesk({ prints: this.#prints, community: COMMUNITY });
    this.#engine = records.engine({
      gateway: o.gateway,
      startSpreadMs: o.startSpreadMs,
      ...(o.line ? { dispatcher: o.line.agent() } : {}),
      devices: () => ({}),
    });
    this.#engine.onAcknowledged((entries) => this.#heard(entries));
  }

  /** What a visit without a worker writes: the case, the outcome of receipt and acceptance notice, and a rating. */
  async visit(): Promise<Result<void, SubmitProblem>> {
    const { catalogue, chance, clock, now } = this.#o;
    const application = syntheticApplication(catalogue, localDay(clock.wall()), chance);
    const from = now();
    const accepted = this.#desk.submit(application);
    if (!accepted.ok) return accepted;
    this.#lastCommit = now();
    this.#acceptedMs.push(this.#lastCommit - from);
    this.#waiting.set(accepted.value.id, this.#lastCommit);
    const noticed = this.#desk.orderNotice(accepted.value, application);
    const rated = this.#desk.rate(accepted.value, chance() < 0.5 ? null : 5, []);
    await this.#prints.idle();
    if (!noticed.ok) return noticed;
    return rated.ok ? ok() : rated;
  }

  /** From now on the district hears of it. */
  start(): void {
    this.#engine.start();
  }

  /** Resolves when the district has answered for everything, which a gateway that was restored may take back later. */
  async drained(): Promise<void> {
    if (this.undelivered === 0) return;
    await new Promise<void>((resolve) => {
      const end = this.#engine.onChange(({ unsynced }) => {
        if (unsynced > 0) return;
        end();
        resolve();
      });
    });
  }

  get undelivered(): number {
    return this.records.outbox.counts().unsynced;
  }

  get seen(): Seen {
    return {
      acceptedMs: this.#acceptedMs,
      acknowledgedMs: this.#acknowledgedMs,
      again: this.#again,
      lastCommit: this.#lastCommit,
      lastAnswer: this.#lastAnswer,
    };
  }

  /** Says nothing more to the district; its records stay open. */
  async stop(): Promise<void> {
    await this.#prints.idle();
    await this.#engine.stop();
  }

  #heard(entries: readonly Acknowledged[]): void {
    this.#lastAnswer = this.#o.now();
    for (const { kind, caseId, result } of entries) {
      if (result === 'duplicate') this.#again += 1;
      const since = kind === 'case' && caseId !== null ? this.#waiting.get(caseId) : undefined;
      if (caseId === null || since === undefined) continue;
      this.#waiting.delete(caseId);
      this.#acknowledgedMs.push(this.#lastAnswer - since);
    }
  }
}
