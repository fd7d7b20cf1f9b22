import type { Dispatcher } from 'undici';
import type { Configuration } from '#contract/configuration.ts';
import { unreachable } from '#contract/result.ts';
import { type BatchAnswer, type EntryAnswer, limits } from '#contract/wire.ts';
import type { GatewayTrust } from '../identity/gateway-trust.ts';
import type { OwnIdentity } from '../identity/identity.ts';
import type { Acknowledged, FinalAnswer } from '../journal/answers.ts';
import type { Outbox } from '../journal/outbox.ts';
import type { Log } from '../log/log.ts';
import { StoreWriteError } from '../store/errors.ts';
import type { Clock, Timers } from '../time/clock.ts';
import { fraction, type Random } from '../time/random.ts';
import type { ServerTime } from '../time/server-time.ts';
import { backoffMs } from './backoff.ts';
import { Bandwidth } from './bandwidth.ts';
import { Batches, type PackedBatch } from './batches.ts';
import { type ExchangeError, GatewayClient } from './client.ts';
import type { Downlink, Taken } from './downlink.ts';
import { type HealthReport, HeartbeatLoop } from './heartbeat.ts';
import type { KeyChange } from './key-change.ts';
import type { KeyNews } from './key-news.ts';
import { SyncNews, type SyncStatus } from './news.ts';
import { Reconciler } from './reconciler.ts';
import type { Uplink } from './uplink.ts';

export interface SyncOptions {
  readonly identity: OwnIdentity;
  readonly gateway: Pick<Configuration['gateway'], 'url' | 'tlsPins' | 'idleSeconds' | 'bytesPerSecond'>;
  readonly outbox: Outbox;
  readonly serverTime: ServerTime;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Name and version of this software. */
  readonly software: string;
  readonly health: () => HealthReport;
  /** Brings another key of this terminal to the gateway; without it the key stays. */
  readonly keyChange?: Pick<KeyChange, 'settle'>;
  /** As {@link ClientOptions.trust}. */
  readonly trust?: Pick<GatewayTrust, 'keyAt' | 'believed'>;
  /** Hears of other keys of the district's side; without it they stay. */
  readonly keyNews?: Pick<KeyNews, 'lookIfDue' | 'lookForGateway'>;
  /** What comes down when nothing waits to be sent; a way without it only carries up. */
  readonly down?: Downlink;
  /** Materials, which go up when nothing else waits to be sent. */
  readonly up?: Uplink;
  /** As {@link ClientOptions.dispatcher}. */
  readonly dispatcher?: Dispatcher;
  /** Milliseconds within which terminals that get power back together make their first requests (5,000). */
  readonly startSpreadMs?: number;
}

/** What follows a turn. */
type Next =
  | { readonly next: 'again' }
  | { readonly next: 'idle' }
  | { readonly next: 'wait'; readonly ms: number }
  | { readonly next: 'stop' };

/**
 * What the engine is doing between turns; `waiting` and `stopped` are times that only their end or {@link SyncEngine.sendNow}
 * breaks.
 */
type Phase = 'off' | 'idle' | 'turning' | 'waiting' | 'stopped';

/** Stops that are known to be over as soon as the gateway takes a heartbeat. */
const IDENTITY_CODES: ReadonlySet<string> = new Set(['signature', 'unknown-terminal', 'revoked']);
/** What the district has, without a word more. */
const WHOLE: ReadonlySet<EntryAnswer['result']> = new Set(['stored', 'duplicate']);
/** After a 413 batches grow again by this many entries with each success. */
const GROWTH = 8;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 300_000;
const START_SPREAD_MS = 5_000;

/**
 * Carries the journal to the district (sync.md, The wire). The server's cursor decides what is sent; an entry counts as delivered
 * only by an explicit answer for it; whatever is unclear is asked again.
 */
export class SyncEngine {
  readonly #o: SyncOptions;
  readonly #client: GatewayClient;
  readonly #heartbeat: HeartbeatLoop;
  readonly #bandwidth: Bandwidth;
  readonly #batches: Batches;
  readonly #reconciler: Reconciler;
  readonly #news: SyncNews;
  readonly #beside: (Uplink | Downlink)[];
  readonly #acknowledged = new Set<(entries: readonly Acknowledged[]) => void>();
  #phase: Phase = 'off';
  #pokedMeanwhile = false;
  #cancelTurn: () => void = () => undefined;
  #turn: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Whether the district's cursor was heard since the last doubt. */
  #cursorKnown = false;
  /** Whether the last answer was not believed to be the gateway's. */
  #doubted = false;
  #maxEntries: number = limits.batchEntries;

  constructor(o: SyncOptions) {
    this.#o = o;
    this.#news = new SyncNews(o);
    this.#reconciler = new Reconciler(o);
    this.#beside = [o.up, o.down].filter((way) => way !== undefined);
    this.#bandwidth = new Bandwidth(o.gateway.bytesPerSecond ?? null, o.clock);
    const { url, tlsPins } = o.gateway;
    this.#client = new GatewayClient({ ...o, url, tlsPins, spend: (bytes) => this.#bandwidth.spend(bytes) });
    this.#batches = new Batches({ ...o, client: this.#client });
    this.#heartbeat = new HeartbeatLoop({
      ...o,
      client: this.#client,
      sync: () => this.#news.state.at,
      onTaken: () => this.#liftStop(),
    });
  }

  start(): void {
    if (this.#phase !== 'off') return;
    this.#news.open();
    const spread = Math.min(this.#o.startSpreadMs ?? START_SPREAD_MS, this.#o.gateway.idleSeconds * 1000);
    this.#schedule('idle', Math.round(fraction(this.#o.random) * spread));
    this.#heartbeat.start(spread);
  }

  /** Ends what is under way; what was not answered is sent after the next start. */
  async stop(): Promise<void> {
    this.#phase = 'off';
    this.#cancelTurn();
    this.#news.close();
    this.#heartbeat.stop();
    await this.#client.close();
    await this.settled();
    await this.#batches.forget();
  }

  /** Resolves when the exchange under way, if any, has ended and its answers are on the disk. */
  async settled(): Promise<void> {
    await Promise.all([this.#turn, this.#heartbeat.settled()]);
  }

  /** Something was appended: it goes soon, unless the gateway asked for patience. May be called inside the transaction. */
  poke(): void {
    if (this.#phase === 'idle') this.#schedule('idle', 0);
    else this.#pokedMeanwhile = true;
    this.#news.announceSoon();
  }

  /** Staff's "send now": also ends a back-off and tries again after a stop. */
  sendNow(): void {
    if (this.#phase !== 'off' && this.#phase !== 'turning') this.#schedule('idle', 0);
  }

  get network(): SyncStatus['network'] {
    return this.#news.network;
  }

  get status(): SyncStatus {
    return this.#news.status;
  }

  onChange(listener: (status: SyncStatus) => void): () => void {
    return this.#news.onChange(listener);
  }

  /** Hears of entries that the district has answered for, after that is on the disk. */
  onAcknowledged(listener: (entries: readonly Acknowledged[]) => void): () => void {
    this.#acknowledged.add(listener);
    return () => this.#acknowledged.delete(listener);
  }

  #schedule(phase: Exclude<Phase, 'off' | 'turning'>, ms: number): void {
    this.#cancelTurn();
    this.#phase = phase;
    this.#cancelTurn = this.#o.timers.after(ms, () => {
      this.#phase = 'turning';
      this.#turn = this.#take();
    });
  }

  async #take(): Promise<void> {
    this.#pokedMeanwhile = false;
    const next = await this.#exchange().catch((error: unknown): Next => {
      // The answers could not be written down: they are asked for again when the disk takes them.
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'sync.not-written', code: error.code });
      return this.#later();
    });
    if (this.#phase === 'off') return;
    this.#news.announce();
    switch (next.next) {
      case 'again':
        return this.#schedule('idle', 0);
      case 'idle':
        return this.#schedule('idle', this.#pokedMeanwhile ? 0 : this.#o.gateway.idleSeconds * 1000);
      case 'wait':
        return this.#schedule('waiting', next.ms);
      case 'stop':
        return this.#schedule('stopped', this.#capMs);
      default:
        return unreachable(next);
    }
  }

  /** One turn: hear the cursor if it is in doubt, send one batch, write the answers down. */
  async #exchange(): Promise<Next> {
    if (!this.#batches.isUnderWay) {
      const trouble = await this.#prepare();
      if (trouble) return trouble;
    }
    const answered = await this.#batches.exchange(this.#most);
    if (!answered) {
      await this.#o.keyNews?.lookIfDue(this.#client);
      if ((await this.#takeBeside(this.#bandwidth.batchBytes)) === 'more') return { next: 'again' };
      // The next look asks for the cursor again: a district restored from a backup shows there.
      this.#cursorKnown = false;
      return { next: 'idle' };
    }
    const { batch, answer } = answered;
    if (!answer.ok) return this.#failed(answer.error, batch.seqs.size);
    if (this.#isGood(answer.value, batch)) await this.#batches.goOn(batch, this.#most);
    let next: Next | null = null;
    try {
      next = await this.#apply(batch, answer.value);
      return next;
    } finally {
      if (next?.next !== 'again' || !this.#cursorKnown) await this.#batches.forget();
    }
  }

  /** Whether the district has taken all of a batch and says nothing that might change what comes next. */
  #isGood({ entries, cursor }: BatchAnswer, batch: PackedBatch): boolean {
    const { outbox } = this.#o;
    const isHome = batch.incarnation === outbox.incarnation && cursor.incarnation === batch.incarnation;
    const isAll = entries.length === batch.seqs.size && entries.every(({ result }) => WHOLE.has(result));
    return isHome && isAll && cursor.epoch === outbox.epoch && this.#bandwidth.waitMs === 0 && this.#phase !== 'off';
  }

  get #most() {
    return { entries: this.#maxEntries, bytes: Math.min(limits.batchBytes, this.#bandwidth.batchBytes) };
  }

  /** @returns what to do instead of sending, or null when the way is free. */
  async #prepare(): Promise<Next | null> {
    await this.#reconciler.resume();
    if (this.#doubted) {
      this.#doubted = false;
      await this.#o.keyNews?.lookForGateway(this.#client);
    }
    const { state } = this.#news;
    const unknown = state.at === 'stopped' && state.code === 'signature';
    const unchanged = await this.#o.keyChange?.settle(this.#client, unknown, (work) => this.#heartbeat.alone(work));
    if (unchanged) return this.#failed(unchanged, 0);
    const trouble = this.#cursorKnown ? null : await this.#look();
    if (trouble) return trouble;
    const { waitMs } = this.#bandwidth;
    return waitMs > 0 ? { next: 'wait', ms: waitMs } : null;
  }

  /** Materials and packages take turns: neither waits for all of the other. */
  async #takeBeside(partBytes: number): Promise<Taken> {
    this.#beside.reverse();
    for (const way of this.#beside) if ((await way.take(this.#client, partBytes)) === 'more') return 'more';
    return 'done';
  }

  /** @returns what to do instead of sending, or null when the way is free. */
  async #look(): Promise<Next | null> {
    const looked = await this.#reconciler.look(this.#client);
    if (!looked.ok) return this.#failed(looked.error, 0);
    this.#news.become({ at: 'online' });
    if (looked.value === 'contradicted') return this.#later();
    this.#cursorKnown = true;
    return null;
  }

  async #apply(batch: PackedBatch, answer: BatchAnswer): Promise<Next> {
    const { outbox, log } = this.#o;
    const final = answer.entries
      .filter(isFinal)
      .filter((e) => e.incarnation === batch.incarnation && batch.seqs.has(e.seq));
    const acknowledged = outbox.answer(final);
    for (const { seq, code } of final.filter((entry) => entry.result === 'quarantined')) {
      log.error({ event: 'sync.quarantined', incarnation: batch.incarnation, seq, code });
    }
    if (acknowledged.length > 0) for (const listener of this.#acknowledged) listener(acknowledged);
    this.#news.become({ at: 'online' });

    if (final.some((entry) => entry.code === 'conflict' || entry.code === 'chain')) {
      await this.#reconciler.begin(outbox.incarnation + 1);
      return this.#later();
    }
    const isLeft = batch.incarnation !== outbox.incarnation;
    const agreed = await this.#reconciler.reconcile(answer.cursor, batch.incarnation);
    await this.#reconciler.bridge();
    if (isLeft && agreed !== 'rewound' && isHeldWhole(answer)) {
      // What stood before them here was carried over, and the district has lost it in its old place: that gap is never filled.
      await this.#reconciler.begin(outbox.incarnation + 1);
      return this.#later();
    }
    // An incarnation that was left stays contradicted: each of its entries is answered for by itself.
    const isAtOdds = agreed === 'rewound' || (agreed === 'contradicted' && !isLeft);
    if (acknowledged.length === 0 || isAtOdds) return this.#later();
    this.#failures = 0;
    this.#maxEntries = Math.min(limits.batchEntries, answer.cursor.maxBatch, this.#maxEntries + GROWTH);
    this.#cursorKnown = answer.cursor.epoch === outbox.epoch;
    return { next: 'again' };
  }

  /** @param entries how many were in the request; 0 for one without a batch */
  #failed(error: ExchangeError, entries: number): Next {
    this.#cursorKnown = false;
    this.#doubted = error.code === 'not-the-gateway';
    switch (error.code) {
      case 'unreachable':
      case 'not-the-gateway':
      case 'failed':
        this.#news.become({ at: 'offline', why: `${error.code}: ${error.why}` });
        return this.#later();
      case 'busy': {
        this.#news.become({ at: 'offline', why: 'busy' });
        const patience = this.#later();
        return { next: 'wait', ms: Math.max(error.retryAfterMs ?? 0, patience.ms) };
      }
      case 'too-large':
        if (entries > 1) {
          this.#maxEntries = Math.floor(entries / 2);
          return { next: 'again' };
        }
        if (error.signed) return this.#stopFor('too-large', 'one entry alone is too large for the gateway');
        this.#news.become({ at: 'offline', why: 'not-the-gateway: a 413 without its signature' });
        return this.#later();
      case 'refused':
        if (error.why !== 'clock') return this.#stopFor(error.why, error.detail);
        this.#news.become({ at: 'offline', why: 'clock' });
        return this.#later();
      default:
        return unreachable(error);
    }
  }

  #later(): Next & { next: 'wait' } {
    this.#cursorKnown = false;
    this.#failures += 1;
    const ms = backoffMs(this.#failures, {
      baseMs: Math.min(BACKOFF_BASE_MS, this.#o.gateway.idleSeconds * 1000),
      capMs: this.#capMs,
      random: this.#o.random,
    });
    return { next: 'wait', ms };
  }

  /** A terminal that is set to look often also comes back sooner. */
  get #capMs(): number {
    return Math.min(BACKOFF_CAP_MS, this.#o.gateway.idleSeconds * 5_000);
  }

  #stopFor(code: string, detail: string): Next {
    this.#news.become({ at: 'stopped', code, detail });
    return { next: 'stop' };
  }

  /** The gateway takes this terminal's word again: it was enrolled anew or is no longer revoked. */
  #liftStop(): void {
    const { state } = this.#news;
    if (state.at === 'stopped' && IDENTITY_CODES.has(state.code)) this.sendNow();
  }
}

function isHeldWhole({ entries }: BatchAnswer): boolean {
  return entries.length > 0 && entries.every(({ result }) => result === 'held');
}

function isFinal(answer: EntryAnswer): answer is FinalAnswer {
  return answer.result !== 'held';
}
