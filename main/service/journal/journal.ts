import { err, ok, type Result } from '#contract/result.ts';
import { limits } from '#contract/wire.ts';
import { type DayKey, type DistrictKey, newDayKey, sealBody } from '../sealing/district.ts';
import type { Store } from '../store/store.ts';
import { type Clock, isoWithOffset, localDay, type Timers, untilNextDay } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import type { ServerTime } from '../time/server-time.ts';
import { bodyHash, SUITE_META, storedSuite } from './chain.ts';
import { type AnyEntry, caseOf, type NewEntry, requireShape } from './entries.ts';
import { EntryRows, NEXT_INCARNATION } from './rows.ts';

export interface JournalOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly serverTime: Pick<ServerTime, 'offsetMs'>;
  /** The enrolled terminal's UUID. */
  readonly terminal: string;
  /** Its suite is the terminal's, and the journal's too. */
  readonly district: DistrictKey;
  /** Content hash of the installed catalogue package. */
  readonly catalogue: string;
}

export interface JournalError {
  readonly code: 'foreign-journal';
  readonly detail: string;
  readonly remedy: string;
}

export interface Appended {
  readonly incarnation: number;
  readonly seq: number;
  /** UUID of the entry. */
  readonly id: string;
}

/** Thrown by {@link Journal.append}: the entry can't travel; the transaction rolls back. */
class EntryTooLarge extends Error {
  override readonly name = 'EntryTooLarge';
}

/**
 * The append-only journal (sync.md): every entry is frozen, hashed and chained inside the transaction that writes what it tells
 * of, and its personal part is sealed for the district alone before it reaches the disk.
 */
export class Journal {
  readonly #o: JournalOptions;
  #district: DistrictKey;
  readonly #rows: EntryRows;
  readonly #listeners = new Set<() => void>();
  #day: { readonly name: string; readonly key: DayKey };
  /** Sealed ahead of need, because sealing to the district can't be awaited inside a transaction. */
  #spare: DayKey | null;
  #sealing: Promise<void> = Promise.resolve();
  #closed = false;
  #cancelMidnight: () => void = () => undefined;

  private constructor(o: JournalOptions, first: DayKey, spare: DayKey) {
    this.#o = o;
    this.#district = o.district;
    this.#rows = new EntryRows(o.store, { terminal: o.terminal, suite: o.district.suite });
    this.#day = { name: localDay(o.clock.wall()), key: first };
    this.#spare = spare;
  }

  /** Opens the journal, binds it to this terminal at first use, and journals the day key of this start. */
  static async open(o: JournalOptions): Promise<Result<Journal, JournalError>> {
    const owner = o.store.meta('terminal');
    if (owner !== null && owner !== o.terminal) {
      return err({
        code: 'foreign-journal',
        detail: `the journal belongs to terminal ${owner}, this identity is ${o.terminal}`,
        remedy: 'bring the identity that belongs to this data folder back, or give the terminal an empty data folder',
      });
    }
    const suite = storedSuite(o.store.meta(SUITE_META));
    if (owner !== null && suite !== o.district.suite) {
      return err({
        code: 'foreign-journal',
        detail: `the journal is of the ${suite ?? 'unknown'} suite, this identity of the ${o.district.suite} one`,
        remedy: 'bring the identity that belongs to this data folder back, or give the terminal an empty data folder',
      });
    }
    const first = await newDayKey(o.terminal, o.district, o.random);
    const spare = await newDayKey(o.terminal, o.district, o.random);
    const journal = new Journal(o, first, spare);
    o.store.transaction(() => {
      if (owner === null) {
        o.store.setMeta('terminal', o.terminal);
        o.store.setMeta('incarnation', '1');
        o.store.setMeta(SUITE_META, o.district.suite);
      }
      journal.#requireDayKeyEntry();
    });
    journal.#awaitMidnight();
    return ok(journal);
  }

  /** It stands in receipt numbers, so that no number is given twice: the next one counts as soon as it is being begun. */
  get incarnation(): number {
    return Number(this.#o.store.meta(NEXT_INCARNATION) ?? this.#o.store.meta('incarnation'));
  }

  /**
   * Appends one entry; inside `store.transaction`, with the rows that it tells of.
   * @throws EntryTooLarge above the contract's limit for bodies
   */
  append(entry: NewEntry): Appended {
    if (this.#closed) throw new Error('the journal is closed');
    if (!this.#o.store.db.inTransaction) throw new Error('the journal is written inside a transaction only');
    return this.#write(entry, this.#o.random.uuid());
  }

  /** Hears of every append; the transaction may still be open. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the key of the next day, if it is being sealed, is ready. */
  settled(): Promise<void> {
    return this.#sealing;
  }

  /** Wipes the day keys; nothing can be appended after it. */
  close(): void {
    this.#closed = true;
    this.#cancelMidnight();
    this.#day.key.key.fill(0);
    this.#spare?.key.fill(0);
    this.#spare = null;
    this.#listeners.clear();
  }

  #write(entry: AnyEntry, id: string): Appended {
    requireShape(entry);
    const { clock, random, terminal } = this.#o;
    let part = null;
    if ('sealed' in entry) {
      this.#turnDay();
      this.#requireDayKeyEntry();
      const sealed = sealBody({
        terminal,
        entryId: id,
        kind: entry.kind,
        content: entry.sealed,
        dayKey: this.#day.key,
        random,
        caseKey: entry.caseKey,
      });
      this.#rows.addKey(id, sealed.key);
      part = sealed.part;
    }
    const body = Buffer.from(JSON.stringify({ v: 1, open: entry.open, sealed: part }), 'utf8');
    if (body.length > limits.bodyBytes) throw new EntryTooLarge(`a body of ${body.length} bytes`);
    const incarnation = Number(this.#o.store.meta('incarnation'));
    const seq = this.#rows.chain(incarnation, {
      id,
      kind: entry.kind,
      catalogue: this.#o.catalogue,
      case_id: caseOf(entry),
      body,
      body_hash: bodyHash(this.#o.district.suite, body),
      wall: isoWithOffset(clock.wall()),
      monotonic_ms: Math.trunc(clock.monotonicMs()),
      boot: clock.boot,
      server_offset_ms: this.#o.serverTime.offsetMs,
    });
    for (const listener of this.#listeners) listener();
    return { incarnation, seq, id };
  }

  /**
   * A rolled-back transaction takes the key's entry with it, so its presence is looked up and not remembered: no body may
   * ever rest on a day key that the district can't get.
   */
  #requireDayKeyEntry(): void {
    const { key } = this.#day;
    if (!this.#rows.has(key.id)) this.#write({ kind: 'key', open: key.sealed }, key.id);
  }

  #awaitMidnight(): void {
    this.#cancelMidnight = this.#o.timers.after(untilNextDay(this.#o.clock.wall()), () => {
      this.#turnDay();
      this.#awaitMidnight();
    });
  }

  /** At a new local day the old key is forgotten and the spare takes its place. */
  #turnDay(): void {
    const today = localDay(this.#o.clock.wall());
    if (today === this.#day.name || this.#spare === null) return;
    this.#day.key.key.fill(0);
    this.#day = { name: today, key: this.#spare };
    this.#spare = null;
    this.#sealing = this.#makeSpare();
  }

  /** Seals the day keys that follow to another key of the district, of the same suite; that of today stays. */
  sealTo(district: DistrictKey): void {
    this.#district = district;
    this.#spare?.key.fill(0);
    this.#spare = null;
    this.#sealing = this.#sealing.then(() => this.#makeSpare());
  }

  async #makeSpare(): Promise<void> {
    const district = this.#district;
    const spare = await newDayKey(this.#o.terminal, district, this.#o.random);
    // Another key of the district came meanwhile: its own spare is made behind this one.
    if (this.#closed || district !== this.#district) spare.key.fill(0);
    else this.#spare = spare;
  }
}
