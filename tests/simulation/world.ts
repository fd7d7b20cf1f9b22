import { EntryAnswer, paths } from '#contract/wire.ts';
import type { Acknowledged } from '#main/service/journal/answers.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { uuidV7 } from '#main/service/time/random.ts';
import { answersOf } from './answers.ts';
import type { Chance } from './chance.ts';
import { checkGateway, checkTerminal } from './checks.ts';
import { Disks } from './disk.ts';
import { Events } from './events.ts';
import { SimulatedGateway } from './gateway.ts';
import { keyOf, keysOfDistrict } from './keys.ts';
import { Ledger } from './ledger.ts';
import { emptiedTooEarly, lossesIn } from './letting-go.ts';
import { type GatewayMutant, gatewayMutants, type Mutant } from './mutants.ts';
import { type Letter, Network, type Reply } from './network.ts';
import type { Profile } from './profile.ts';
import { Scheduler } from './scheduler.ts';
import { type Content, contentOf, EMPTY, isWithdrawn, type Site, sweep } from './site.ts';
import { Standing } from './standing.ts';
import { Changes } from './tables.ts';
import { identityOf, SimulatedTerminal, type TerminalOptions } from './terminal.ts';

const REGION = '120103';

/** Thrown when a promise is broken: the run ends there. */
export class Broken extends Error {}

/** Everything that a seed owns: time, chance, network, disks, machines, and the books by which promises are checked. */
export class World {
  readonly chance: Chance;
  readonly profile: Profile;
  readonly scheduler: Scheduler;
  readonly events: Events;
  readonly ledger = new Ledger();
  readonly standing = new Standing();
  readonly network: Network;
  readonly gateway: SimulatedGateway;
  readonly sites: Site[] = [];
  readonly disks = new Disks();
  /** The gateway dies at its next request: before it commits, or after it and before it has answered. */
  gatewayDies: 'before-commit' | 'before-answer' | null = null;
  /** Runs when the next batch arrives: what its sender knows of the district is old then. */
  beforeBatch: (() => Promise<void>) | null = null;
  /** When the backup was made, by the world's clock. */
  backedUpMs = 0;
  /** Nothing is brought about any more, and nobody acts. */
  isMended = false;
  readonly counts = { steps: 0, requests: 0 };
  /** How often each fault befell something. */
  readonly struck = new Map<string, number>();
  readonly #mutant: Mutant | null;
  readonly #gatewayChanges = new Changes();
  /** Bodies went, and what the gateway has was not looked at since. */
  #bodiesWent = false;
  readonly #ids: Chance;

  private constructor(o: WorldOptions, gateway: (world: World) => SimulatedGateway) {
    this.chance = o.chance;
    this.profile = o.profile;
    this.events = new Events(o.trace);
    this.#mutant = o.mutant;
    this.#ids = o.chance.stream('ids');
    this.scheduler = new Scheduler(o.chance.stream('order'));
    this.network = new Network({
      scheduler: this.scheduler,
      chance: o.chance.stream('network'),
      faults: o.profile.network,
      deliver: (letter) => this.#deliver(letter),
      onFault: (who, fault, letter) => this.fault(who, fault, `${letter.method} ${letter.path}`),
    });
    this.gateway = gateway(this);
  }

  static async open(o: WorldOptions): Promise<World> {
    const bytes = (name: string) => o.chance.stream(name).bytes(32);
    const ours = await keysOfDistrict(bytes, o.profile.national);
    const world = new World(o, (world) => {
      return new SimulatedGateway({
        ...ours,
        disks: world.disks,
        now: () => world.now(),
        newId: () => world.newId(),
        mutant: isGatewayMutant(o.mutant) ? o.mutant : null,
      });
    });
    await world.gateway.start();
    for (let at = 1; at <= o.profile.terminals; at += 1) {
      const suite = at === 1 && o.profile.national ? 'national' : 'standard';
      const key = keyOf(suite, 'signing', bytes(`terminal-key-${at}`));
      const terminalId = world.newId();
      const publicKey = rawPublicKey(key);
      const { code, epoch } = await world.gateway.enrol(REGION, { id: terminalId, suite, publicKey });
      const identity = identityOf({
        terminalId,
        suite,
        region: REGION,
        code,
        epoch,
        key,
        districtKey: ours.districts[suite].publicKey,
        districtKeyId: ours.districts[suite].id,
        gatewayKey: ours.keys[suite].publicKey,
      });
      world.add(`terminal-${at}`, identity, { sure: [1], content: EMPTY });
    }
    world.backUp();
    return world;
  }

  /** The district backs its store up. */
  backUp(): void {
    this.gateway.backUp();
    this.backedUpMs = this.scheduler.clockMs;
    this.standing.backedUp(this.gateway.tables, this.sites);
  }

  /** The right time, which the gateway has. */
  now(): Date {
    return new Date(this.profile.start.getTime() + this.scheduler.clockMs);
  }

  newId(): string {
    return uuidV7(this.now().getTime(), this.#ids.bytes(10));
  }

  log(who: string, what: string): void {
    this.events.add(this.scheduler.nowMs, who, what);
  }

  fault(who: string, fault: string, what = ''): void {
    this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
    this.log(who, `${fault} ${what}`);
  }

  /** Adds a machine. @param disk what it begins with; an empty one without it */
  add(
    name: string,
    identity: TerminalOptions['identity'],
    given: { sure: readonly number[]; content: Content; disk?: string },
  ): Site {
    const options: TerminalOptions = {
      name,
      identity,
      scheduler: this.scheduler,
      disks: this.disks,
      idleSeconds: this.profile.idleSeconds,
      startMs: this.profile.start.getTime(),
      chance: this.chance.stream(name),
      network: (who, isAlive) => this.network.end(who, isAlive),
      onAcknowledged: (terminal, entries) => this.#acknowledged(terminal, entries),
      onDeath: (terminal) => {
        this.log(terminal.name, 'power lost in the middle of a write');
        this.startLater(terminal);
      },
      mutant: isGatewayMutant(this.#mutant) ? null : this.#mutant,
    };
    const site: Site = {
      terminal: new SimulatedTerminal(options, given.disk),
      lineage: { name, sure: new Set(given.sure), own: new Set() },
      ...contentOf(given.content),
      image: null,
      changes: new Changes(),
    };
    this.sites.push(site);
    this.startLater(site.terminal, 1);
    return site;
  }

  /** Starts a service that is down, by default after as long as a person or systemd needs. */
  startLater(terminal: SimulatedTerminal, ms = this.chance.between(1_000, 60_000)): void {
    this.scheduler.after(ms, async () => {
      if (terminal.service) return;
      await terminal.start();
      this.log(terminal.name, 'started');
    });
  }

  startGatewayLater(ms = this.chance.between(1_000, 90_000)): void {
    this.scheduler.after(ms, async () => {
      if (this.gateway.isUp) return;
      await this.gateway.start();
      this.log('gateway', 'started');
    });
  }

  /** Runs one errand and checks every promise. @returns false when nothing waits any more. @throws Broken */
  async step(): Promise<boolean> {
    const went = await this.scheduler.step();
    this.counts.steps += 1;
    this.check('gateway');
    return went;
  }

  /**
   * Looks at every store that has changed since the last look.
   * @throws Broken with the first promise that does not hold.
   */
  check(found: 'gateway' | 'all'): void {
    const broken: string[] = [];
    for (const site of this.sites) {
      const db = site.terminal.service?.store.db;
      if (!db || !site.changes.since(db, 'SELECT total_changes() AS n')) continue;
      const { ledger, standing } = this;
      const terminal = site.terminal.identity.terminalId;
      const emptied = sweep(site, db, ledger);
      ledger.letGo += emptied.length;
      this.#bodiesWent ||= emptied.length > 0;
      const wrong = [
        ...checkTerminal(db, terminal, ledger, site.kept),
        ...emptiedTooEarly(db, { terminal, ledger, emptied, nowMs: this.scheduler.clockMs }),
      ];
      if (isWithdrawn(db) && !standing.told.has(terminal)) wrong.push('it counts as withdrawn, and nobody has said so');
      broken.push(...wrong.map((words) => `${site.terminal.name}: ${words}`));
    }
    if (this.gateway.isUp) {
      const db = this.gateway.tables;
      if (this.#gatewayChanges.since(db, 'PRAGMA data_version') || found === 'all') {
        broken.push(...checkGateway(db, this.ledger, found), ...this.standing.lockedOut(db, this.sites));
      }
      if (this.#bodiesWent) this.reckonLosses('gateway');
    }
    if (broken[0] !== undefined) throw new Broken(broken[0]);
  }

  /** A disaster may have taken the last copy of something; the gateway must be up. @throws Broken when it can't have */
  reckonLosses(disaster: 'terminal' | 'gateway'): void {
    const { gateway, ledger, scheduler, sites } = this;
    this.#bodiesWent = false;
    const wrong = lossesIn(gateway.tables, { ledger, sites, disaster, nowMs: scheduler.clockMs });
    if (wrong !== null) throw new Broken(wrong);
  }

  async close(): Promise<void> {
    for (const { terminal } of this.sites) await terminal.stop();
    await this.scheduler.quiet();
    await this.gateway.close();
    this.disks.close();
  }

  async #deliver(letter: Letter): Promise<Reply | null> {
    this.counts.requests += 1;
    if (!this.gateway.isUp) return null;
    const { beforeBatch } = this;
    if (beforeBatch && letter.path.startsWith(paths.batches)) {
      this.beforeBatch = null;
      await beforeBatch();
    }
    const dies = this.gatewayDies;
    this.gatewayDies = null;
    const reply = dies === 'before-commit' ? null : await this.gateway.answer(letter);
    if (reply) await this.#standsRight(letter, reply);
    if (dies !== null) {
      this.log('gateway', `dies ${dies}`);
      await this.gateway.crash();
      this.startGatewayLater();
    }
    this.log('gateway', `${letter.method} ${letter.path}: ${reply?.status ?? '-'}`);
    // An answer that nobody got is a promise nonetheless: it was given after the commit.
    if (reply?.status === 200 && letter.path.startsWith(paths.batches)) this.#heard(letter, reply);
    return dies === null ? reply : null;
  }

  async #standsRight(letter: Letter, reply: Reply): Promise<void> {
    const { gateway, sites, standing } = this;
    const wrong = standing.heard(letter, reply);
    if (wrong !== null) throw new Broken(wrong);
    if (reply.status !== 200 || letter.path !== paths.key) return;
    const refused = await standing.tried(letter, { gateway, now: this.now(), sites });
    if (refused[0] !== undefined) throw new Broken(refused[0]);
  }

  #heard(letter: Letter, reply: Reply): void {
    for (const { incarnation, place, result, seq } of answersOf(letter, reply)) {
      this.log('gateway', `${incarnation}/${seq} ${result}`);
      if (result === EntryAnswer.shape.result.enum.held) continue;
      this.ledger.answered.add(place);
      if (result !== EntryAnswer.shape.result.enum.quarantined) this.ledger.confirm(place, this.scheduler.clockMs);
    }
  }

  #acknowledged(terminal: SimulatedTerminal, entries: readonly Acknowledged[]): void {
    const site = this.sites.find((site) => site.terminal === terminal);
    for (const { id, incarnation, seq, result } of entries) {
      this.log(terminal.name, `${incarnation}/${seq} is ${result}`);
      if (result !== 'quarantined' && site?.lineage.own.has(id)) site.lineage.sure.add(incarnation);
    }
  }
}

export interface WorldOptions {
  readonly chance: Chance;
  readonly profile: Profile;
  readonly mutant: Mutant | null;
  readonly trace: (line: string) => void;
}

function isGatewayMutant(mutant: Mutant | null): mutant is GatewayMutant {
  return gatewayMutants.some((one) => one === mutant);
}
