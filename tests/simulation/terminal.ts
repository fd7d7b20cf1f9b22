import type { Dispatcher } from 'undici';
import { type OwnIdentity, writeIdentity } from '#main/service/identity/identity.ts';
import { writeKey } from '#main/service/identity/own-keys.ts';
import type { Acknowledged } from '#main/service/journal/answers.ts';
import { StoreWriteError } from '#main/service/store/errors.ts';
import { publicKeyOf } from '#main/service/suite/suite.ts';
import type { Clock, Timers } from '#main/service/time/clock.ts';
import { uuidV7 } from '#main/service/time/random.ts';
import { fakeRandom } from '#tests/service/time/fakes.ts';
import type { Chance } from './chance.ts';
import { type Disks, walSize } from './disk.ts';
import type { TerminalMutant } from './mutants.ts';
import type { Scheduler } from './scheduler.ts';
import { type Machine, type Service, startService } from './service.ts';

export interface TerminalOptions {
  readonly name: string;
  readonly identity: OwnIdentity;
  readonly idleSeconds: number;
  readonly startMs: number;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly disks: Disks;
  readonly network: (who: string, isAlive: () => boolean) => Dispatcher;
  readonly onAcknowledged: (terminal: SimulatedTerminal, entries: readonly Acknowledged[]) => void;
  /** The machine lost its power in the middle of a write. */
  readonly onDeath: (terminal: SimulatedTerminal) => void;
  readonly mutant: TerminalMutant | null;
}

/** A service and whether its machine still runs it. */
interface Run {
  alive: boolean;
  service: Service | null;
  readonly folder: string;
}

/** A terminal's machine: a clock that can be wrong, a disk that can be copied, and a service that can end at any moment. */
export class SimulatedTerminal {
  readonly name: string;
  readonly identity: OwnIdentity;
  readonly #o: TerminalOptions;
  #folder: string;
  #run: Run | null = null;
  #starts = 0;
  #bootedMs = 0;
  #boot = '';
  /** Milliseconds by which the wall clock is wrong. */
  wallErrorMs = 0;
  /** The disk takes nothing. */
  diskRefuses = false;
  /** The next write of the engine or of a case loses its power in the middle. */
  diesInCommit = false;

  /** @param folder a disk of another machine that this one begins with; without it one as enrolment leaves it */
  constructor(o: TerminalOptions, folder?: string) {
    this.#o = o;
    this.name = o.name;
    this.identity = o.identity;
    this.#folder = folder ?? enrolledDisk(o);
    this.#bootAnew();
  }

  /** Null while it is off. */
  get service(): Service | null {
    return this.#run?.alive === true ? this.#run.service : null;
  }

  get folder(): string {
    return this.#folder;
  }

  async start(): Promise<void> {
    if (this.#run) return;
    const { identity, idleSeconds, mutant, onAcknowledged, network, scheduler } = this.#o;
    const run: Run = { alive: true, service: null, folder: this.#folder };
    this.#run = run;
    this.#starts += 1;
    const clock = this.#clock();
    const timers: Timers = {
      after: (ms, work) =>
        scheduler.after(ms, () => {
          if (run.alive) work();
          this.#awaitDayKey(run);
        }),
    };
    run.service = await startService({
      folder: run.folder,
      suite: identity.suite,
      idleSeconds,
      clock,
      timers,
      mutant,
      random: fakeRandom(clock, `${this.#o.chance.name}/${this.#starts}`),
      machine: this.#machine(run),
      dispatcher: network(this.name, () => run.alive),
      onAcknowledged: (entries) => (run.alive ? onAcknowledged(this, entries) : undefined),
    });
  }

  /** The service is killed; what was committed is on the disk. */
  kill(): void {
    this.#die(walSize(this.#folder));
  }

  /** The machine loses its power: only what was synced is on the disk, and the next start is another boot. */
  cutPower(): void {
    const db = this.service?.store.db;
    const isSynced = db === undefined || Number(db.pragma('synchronous', { simple: true })) >= 2;
    const written = walSize(this.#folder);
    this.#die(isSynced ? written : this.#o.chance.between(0, written));
    this.#bootAnew();
  }

  /** The service is asked to end, and ends what it is doing. */
  async stop(): Promise<void> {
    const service = this.service;
    if (!service) return;
    await service.engine.stop();
    this.kill();
  }

  /** Runs a write that is the resident's; null when the machine did not outlive it. */
  write<T>(work: (service: Service) => T): T | null {
    const run = this.#run;
    const { service } = this;
    if (!run || !service) return null;
    const result = this.#commit(run, () => work(service));
    this.#awaitDayKey(run);
    return run.alive ? result : null;
  }

  /** A copy of the disk, as it stands. */
  image(): string {
    return this.#o.disks.copy(this.#folder);
  }

  /** Puts another disk in; the machine is off. */
  replaceDisk(folder: string): void {
    this.kill();
    this.#o.disks.drop(this.#folder);
    this.#folder = folder;
    this.#bootAnew();
  }

  #machine(run: Run): Machine {
    return {
      begun: () => this.#o.scheduler.begun(),
      isFull: () => this.diskRefuses,
      write: (work) => {
        if (this.diskRefuses) throw new StoreWriteError('disk-full', 'the disk is full');
        return this.#commit(run, work);
      },
    };
  }

  /** At a new day a key is sealed outside of the thread. */
  #awaitDayKey(run: Run): void {
    void run.service?.journal.settled().then(this.#o.scheduler.begun());
  }

  /** Power may go in the middle of this write: its part of the log is torn, and nobody has heard that it was done. */
  #commit<T>(run: Run, work: () => T): T {
    const dies = this.diesInCommit && run.alive;
    const before = walSize(run.folder);
    const result = work();
    if (dies) {
      this.diesInCommit = false;
      const after = walSize(run.folder);
      this.#die(this.#o.chance.between(Math.min(before, after), after));
      this.#bootAnew();
      this.#o.onDeath(this);
    }
    return result;
  }

  /** @param walBytes how much of the log is on the disk. */
  #die(walBytes: number): void {
    const run = this.#run;
    if (!run) return;
    this.#run = null;
    run.alive = false;
    this.#folder = this.#o.disks.copy(run.folder, walBytes);
    // What it was doing runs on in this process, unheard, until the step ends.
    this.#o.scheduler.afterStep(() => {
      run.service?.journal.close();
      run.service?.store.close();
      this.#o.disks.drop(run.folder);
    });
  }

  #clock(): Clock {
    const { scheduler, startMs } = this.#o;
    const bootedMs = this.#bootedMs;
    return {
      boot: this.#boot,
      wall: () => new Date(startMs + scheduler.clockMs + this.wallErrorMs),
      monotonicMs: () => scheduler.clockMs - bootedMs,
    };
  }

  #bootAnew(): void {
    const { chance, scheduler } = this.#o;
    this.#bootedMs = scheduler.clockMs;
    this.#boot = uuidV7(0, chance.bytes(10));
  }
}

function enrolledDisk({ disks, identity }: TerminalOptions): string {
  const folder = disks.fresh();
  const { key, gateway: _, ...written } = identity;
  writeKey(folder, identity.suite, key);
  writeIdentity(folder, written);
  return folder;
}

/** An identity as enrolment leaves it. */
export function identityOf(o: Omit<OwnIdentity, 'gateway'>): OwnIdentity {
  return { ...o, gateway: publicKeyOf(o.gatewayKey) };
}
