/**
 * What a gateway does beside answering: it takes the day's anchors when they are due, throws away what is of no use of materials, moves old
 * bodies to the archive, and says what began and ended to be amiss.
 */
import type { Logger } from 'pino';
import { Suite } from '#contract/suite.ts';
import { exchangeSuccessors } from '../identity/keys.ts';
import type { Succession } from '../identity/succession.ts';
import { HORIZON_MS } from '../store/archive.ts';
import type { Alert } from '../store/audit.ts';
import { isBusy } from '../store/busy.ts';
import type { GatewayStore } from '../store/store.ts';
import { anchorDayOf, takeAnchors } from './anchors.ts';

const ROUND_MS = 60_000;
/** Three heartbeats of a minute each (R36). */
export const SILENT_MS = 180_000;
export const GAP_MS = 24 * 3_600_000;
/** At night, when no one is served. */
export const ANCHOR_HOUR = 2;

/** Milliseconds after which what came of a material that nobody goes on sending is thrown away. */
const STOPPED_MS = 7 * 86_400_000;
/** Of the archive, in one round: who stops the gateway waits for the round in hand. */
const ROUND_PORTIONS = 40;

export interface WatchOptions {
  readonly store: GatewayStore;
  readonly keys: Readonly<Record<Suite, Succession>>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => Date;
  /** Of the district's time, 0 to 23: when a day's anchors are taken. */
  readonly anchorHour: number;
  /** Milliseconds that a gap may last. */
  readonly gapMs: number;
}

/** One round after another, each of which looks once; anchors that were missed while no gateway ran are taken by the first. */
export function watch({ store, keys, log, now, anchorHour, gapMs }: WatchOptions): {
  readonly round: () => Promise<void>;
} {
  const startedAt = now().getTime();
  let open: ReadonlyMap<string, Alert> = new Map();
  let taken = '';

  async function anchor(at: Date): Promise<void> {
    const day = anchorDayOf(at, anchorHour);
    if (day === taken) return;
    const suites = await takeAnchors(store, keys, day, at);
    taken = day;
    if (suites.length > 0) log.info({ day, suites }, 'the anchors of the day were taken');
  }

  /** What another process announced, and whether the key is here that will have to sign. */
  async function look(at: Date): Promise<void> {
    try {
      await exchangeSuccessors(store, keys);
    } catch (error) {
      if (isBusy(error)) throw error;
      log.error({ why: error instanceof Error ? error.message : 'unknown' }, "the gateway's next keys were not taken");
    }
    for (const suite of Suite.options) {
      const from = keys[suite].successors.at(-1)?.from;
      const file =
        from === undefined ? null : keys[suite].missingAt(new Date(Math.max(at.getTime(), Date.parse(from))));
      if (file !== null) log.warn({ file, from }, 'a gateway key is not here: bring it before its time');
    }
  }

  let tidied = '';

  async function tidy(at: Date): Promise<void> {
    const day = anchorDayOf(at, anchorHour);
    if (day === tidied) return;
    const forgotten = await store.forgetMaterials(new Date(at.getTime() - STOPPED_MS));
    tidied = day;
    if (forgotten.stopped + forgotten.erased > 0) log.info(forgotten, 'materials were thrown away');
  }

  let archived = '';

  /** What is old is moved in portions: a first run over years of it goes on in the next rounds. */
  async function archive(at: Date): Promise<void> {
    const day = anchorDayOf(at, anchorHour);
    if (day === archived) return;
    let bodies = 0;
    for (let portions = 0; portions < ROUND_PORTIONS; portions += 1) {
      const moved = await store.archive(new Date(at.getTime() - HORIZON_MS));
      bodies += moved;
      if (moved > 0) continue;
      archived = day;
      break;
    }
    if (bodies > 0) log.info({ bodies }, 'bodies were moved to the archive of their month');
  }

  async function compare(at: Date): Promise<void> {
    const silentBefore = new Date(at.getTime() - SILENT_MS);
    // While no gateway ran nobody could be heard.
    const silenceCounts = startedAt <= silentBefore.getTime();
    const found = await store.alerts(new Date(at.getTime() - gapMs), silentBefore);
    const current = new Map(
      found.filter(({ kind }) => kind !== 'silent' || silenceCounts).map((alert) => [nameOf(alert), alert]),
    );
    for (const [name, alert] of current) if (!open.has(name)) log.warn({ alert }, 'an alert began');
    for (const [name, alert] of open) if (!current.has(name)) log.info({ alert }, 'an alert ended');
    open = current;
  }

  async function round(): Promise<void> {
    const at = now();
    try {
      await look(at);
      await anchor(at);
      await tidy(at);
      await compare(at);
      // The last, since it may take long, and fail where the others do not: no alert waits for it.
      await archive(at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      if (isBusy(error)) log.warn({ code }, 'the store is busy or away: the rest of this round waits for the next');
      else log.error({ code }, 'the rest of this round failed: anchors, alerts or the archive');
    }
  }

  return { round };
}

/** What makes an alert the same as one a minute ago. */
function nameOf(alert: Alert): string {
  const { kind, region, terminal } = alert;
  const rest = kind === 'gap' ? String(alert.incarnation) : kind === 'quarantine' ? alert.code : '';
  return [kind, region, terminal, rest].join(' ');
}

/** Watches every minute, and at once. @returns how to stop, which waits for the round in hand. */
export function startWatch(options: WatchOptions): () => Promise<void> {
  const { round } = watch(options);
  let running = round();
  const timer = setInterval(() => {
    running = running.then(round);
  }, ROUND_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
