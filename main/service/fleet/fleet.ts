import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { err, ok, type Result } from '#contract/result.ts';
import { type Catalogue, loadCatalogue } from '../catalogue/catalogue.ts';
import type { CommandError } from '../cli/outcome.ts';
import type { SubmitProblem } from '../intake/case-desk.ts';
import { systemClock, systemTimers } from '../time/clock.ts';
import { atOnce } from './at-once.ts';
import { chanceOf } from './chance.ts';
import { FlappingLine } from './line.ts';
import { type FleetReport, rounded, timing } from './report.ts';
import { countInStore, countOpened, type StoreCounts, type Tally, tallyByCursors } from './tally.ts';
import { FleetTerminal } from './terminal.ts';

export interface FleetOptions {
  /** How many. */
  readonly terminals: number;
  /** Of each terminal. */
  readonly cases: number;
  readonly gateway: { readonly url: string; readonly idleSeconds: number };
  /** One for each terminal. */
  readonly enrolCodes: readonly string[];
  /** The folder of a catalogue package. */
  readonly catalogue: string;
  /** Where a folder for all terminals is made. */
  readonly temporary: string;
  readonly keep: boolean;
  /** Draws residents, their times and the lines' breaks; keys and nonces are never drawn from it. */
  readonly seed: number;
  /** Milliseconds over which each terminal's cases come, while it sends; 0 writes all of them before the first is sent. */
  readonly overMs: number;
  readonly startSpreadMs: number;
  readonly flap: boolean;
  /** Milliseconds that the terminals have after the last case. */
  readonly limitMs: number;
  /** Milliseconds for a gateway that is away, and an intake that stands still, while both sides are counted. */
  readonly patienceMs: number;
  /** The gateway's store, such as `sqlite:PATH`; null asks for cursors only. */
  readonly store: string | null;
  readonly signal: AbortSignal;
}

/** Terminals that enrol, and that are asked about, at one time. */
const WIDTH = 8;

const clock = systemClock();
const timers = systemTimers();
const now = () => performance.now();

/** Many terminals in one process, each with its own store and keys, write cases and carry them to a gateway; then both sides are counted. */
export async function simulateFleet(o: FleetOptions): Promise<Result<FleetReport, CommandError>> {
  const catalogue = loadCatalogue(o.catalogue);
  if (!catalogue.ok) return err({ ...catalogue.error, remedy: 'give a whole package with --catalogue' });
  if (o.enrolCodes.length < o.terminals) {
    return err({
      code: 'enrol-codes',
      detail: `there are ${o.enrolCodes.length} codes for ${o.terminals} terminals`,
      remedy: 'have the district make more of them: yichuang gateway enrol-code --count N',
    });
  }
  const before = o.store === null ? null : await countInStore(o.store);
  if (before?.ok === false) return before;
  const folder = mkdtempSync(join(o.temporary, 'yichuang-fleet-'));
  const fleet = new Fleet(o, folder);
  try {
    return await fleet.run(catalogue.value, before?.value ?? null);
  } finally {
    await fleet.close();
    if (!o.keep) rmSync(folder, { recursive: true, force: true });
  }
}

class Fleet {
  readonly #o: FleetOptions;
  readonly #folder: string;
  readonly #terminals: FleetTerminal[] = [];
  readonly #lines: FlappingLine[] = [];

  constructor(o: FleetOptions, folder: string) {
    this.#o = o;
    this.#folder = folder;
  }

  async run(catalogue: Catalogue, before: StoreCounts | null): Promise<Result<FleetReport, CommandError>> {
    const { cases, keep, overMs, seed, signal } = this.#o;
    const from = now();
    const enrolled = await this.#enrol(catalogue);
    if (!enrolled.ok) return enrolled;
    const enrolSeconds = rounded((now() - from) / 1000);

    if (overMs > 0) this.#start();
    const writingFrom = now();
    const written = await this.#write();
    if (!written.ok) return written;
    const writeSeconds = rounded((now() - writingFrom) / 1000);
    if (overMs === 0) this.#start();
    const startedAt = overMs === 0 ? now() : writingFrom;
    await this.#drain();
    if (signal.aborted) return interrupted();
    await Promise.all(this.#terminals.map((terminal) => terminal.stop()));

    const counted = await this.#count(before);
    if (signal.aborted) return interrupted();
    if (!counted.ok) return counted;
    const { committed, ...rest } = counted.value;
    const undelivered = sum(this.#terminals.map((terminal) => terminal.undelivered));
    return ok({
      terminals: this.#terminals.length,
      cases: this.#terminals.length * cases,
      entries: committed,
      ...rest,
      undelivered,
      ...timing(
        this.#terminals.map(({ seen }) => seen),
        { delivered: committed - undelivered, startedAt },
      ),
      breaks: sum(this.#lines.map(({ breaks }) => breaks)),
      enrolSeconds,
      writeSeconds,
      seed,
      folder: keep ? this.#folder : null,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal.stop()));
    for (const { records } of this.#terminals) records.close();
  }

  /** The first refusal ends it. */
  async #enrol(catalogue: Catalogue): Promise<Result<void, CommandError>> {
    const { enrolCodes, flap, seed, signal, terminals, ...o } = this.#o;
    const refused: CommandError[] = [];
    const wanted = enrolCodes.slice(0, terminals).map((enrolCode, i) => ({ enrolCode, name: String(i + 1) }));
    await atOnce(WIDTH, wanted, async ({ enrolCode, name }) => {
      if (refused.length > 0 || signal.aborted) return;
      const line = flap ? new FlappingLine({ chance: chanceOf(seed, `line ${name}`), timers, now }) : null;
      const folder = join(this.#folder, name);
      const chance = chanceOf(seed, `residents ${name}`);
      const opened = await FleetTerminal.open({ ...o, folder, enrolCode, catalogue, line, chance, clock, timers, now });
      if (!opened.ok) refused.push(opened.error);
      else this.#terminals.push(opened.value);
      if (line) this.#lines.push(line);
    });
    const [first] = refused;
    if (first) return err(first);
    return signal.aborted ? interrupted() : ok();
  }

  #start(): void {
    for (const terminal of this.#terminals) terminal.start();
  }

  async #write(): Promise<Result<void, CommandError>> {
    const written = await Promise.all(this.#terminals.map((terminal, i) => this.#visits(terminal, String(i + 1))));
    return written.find(({ ok }) => !ok) ?? ok();
  }

  async #visits(terminal: FleetTerminal, name: string): Promise<Result<void, CommandError>> {
    const { cases, overMs, seed, signal } = this.#o;
    const chance = chanceOf(seed, `times ${name}`);
    const times = Array.from({ length: cases }, () => chance() * overMs).toSorted((a, b) => a - b);
    const from = now();
    for (const time of times) {
      if (overMs === 0) await setImmediate();
      else await pause(Math.max(0, from + time - now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return interrupted();
      const visited = await terminal.visit();
      if (!visited.ok) return notWritten(visited.error);
    }
    return ok();
  }

  /** Until nothing waits any more, or the time is over. */
  async #drain(): Promise<void> {
    const over = AbortSignal.any([this.#o.signal, AbortSignal.timeout(this.#o.limitMs)]);
    if (over.aborted) return;
    const end = once(over, 'abort');
    do {
      await Promise.race([end, Promise.all(this.#terminals.map((terminal) => terminal.drained()))]);
      // What a restored gateway has lost waits again.
    } while (!over.aborted && this.#terminals.some(({ undelivered }) => undelivered > 0));
  }

  /** The greater of what the cursors and the store say is told. */
  async #count(before: StoreCounts | null): Promise<Result<Counted, CommandError>> {
    const { cases, gateway, patienceMs, signal, store } = this.#o;
    const tallies: Tally[] = [];
    const asked = await atOnce(WIDTH, this.#terminals, ({ records }) =>
      tallyByCursors(records, { url: gateway.url, clock, now, patienceMs, signal }),
    );
    for (const tally of asked) {
      if (!tally.ok) return tally;
      tallies.push(tally.value);
    }
    const committed = sum(tallies.map((tally) => tally.committed));
    const byCursors = {
      committed,
      countedBy: 'cursors',
      lost: sum(tallies.map(({ lost }) => lost)),
      doubled: sum(tallies.map(({ doubled }) => doubled)),
      quarantined: sum(this.#terminals.map(({ records }) => records.outbox.counts().quarantined)),
    } as const;
    if (store === null || before === null) return ok(byCursors);

    const accepted = this.#terminals.length * cases;
    const after = await countOpened(store, before.cases + accepted, { now, patienceMs, signal });
    if (!after.ok) return after;
    const [entries, opened] = [after.value.entries - before.entries, after.value.cases - before.cases];
    return ok({
      committed,
      countedBy: 'store',
      lost: Math.max(byCursors.lost, committed - entries, accepted - opened),
      doubled: Math.max(byCursors.doubled, entries - committed, opened - accepted),
      quarantined: Math.max(byCursors.quarantined, after.value.quarantined - before.quarantined),
    });
  }
}

type Counted = Pick<FleetReport, 'countedBy' | 'lost' | 'doubled' | 'quarantined'> & { readonly committed: number };

function interrupted(): Result<never, CommandError> {
  return err({
    code: 'interrupted',
    detail: 'the run was ended before its time',
    remedy: 'run it anew, with new codes',
  });
}

function notWritten(code: SubmitProblem): Result<never, CommandError> {
  return err({
    code,
    detail: 'a terminal could not write a case down',
    remedy: 'make room where temporary files lie, or set TMPDIR to another folder',
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
