import { zstdDecompressSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import { BatchAnswer, EntryAnswer, paths } from '#contract/wire.ts';
import { dayKeyOpener } from '#gateway/intake/unseal.ts';
import type { Acknowledged } from '#main/service/journal/outbox.ts';
import { uuidV7 } from '#main/service/time/random.ts';
import { Chance } from './chance.ts';
import { checkGateway, checkTerminal, entriesAtGateway, placeOf } from './checks.ts';
import { Disks } from './disk.ts';
import { Events } from './events.ts';
import { SimulatedGateway } from './gateway.ts';
import { gatewayKeyOf, privateKeyOf, publicHalf } from './keys.ts';
import { Ledger, type Lineage } from './ledger.ts';
import { type GatewayMutant, gatewayMutants, type Mutant } from './mutants.ts';
import { type Letter, Network, type Reply } from './network.ts';
import type { Profile } from './profile.ts';
import { Scheduler } from './scheduler.ts';
import { Changes, sql } from './tables.ts';
import { identityOf, SimulatedTerminal, type TerminalOptions } from './terminal.ts';

const REGION = '120103';
const ENTRY_LINE = /^\{"v":1,.*?"incarnation":(\d+),"seq":(\d+),.*?"hash":"([0-9a-f]{64})"/;

/** A terminal's machine with what the simulation knows of its disk. */
export interface Site {
  readonly terminal: SimulatedTerminal;
  lineage: Lineage;
  /** Entries that were committed on this disk. */
  kept: Set<string>;
  /** An image of the disk, and what was committed on it then. */
  image: { readonly folder: string; readonly kept: ReadonlySet<string> } | null;
  readonly changes: Changes;
}

/** Thrown when a promise is broken: the run ends there. */
export class Broken extends Error {}

/** Everything that a seed owns: time, chance, network, disks, machines, and the books by which promises are checked. */
export class World {
  readonly chance: Chance;
  readonly profile: Profile;
  readonly scheduler: Scheduler;
  readonly events: Events;
  readonly ledger = new Ledger();
  readonly network: Network;
  readonly gateway: SimulatedGateway;
  readonly sites: Site[] = [];
  readonly disks = new Disks();
  /** The gateway dies at its next request: before it commits, or after it and before it has answered. */
  gatewayDies: 'before-commit' | 'before-answer' | null = null;
  /** Runs when the next batch arrives: what its sender knows of the district is old then. */
  beforeBatch: (() => Promise<void>) | null = null;
  readonly counts = { steps: 0, requests: 0 };
  /** How often each fault befell something. */
  readonly struck = new Map<string, number>();
  readonly #mutant: Mutant | null;
  readonly #gatewayChanges = new Changes();
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
    const gatewayKey = gatewayKeyOf(bytes('gateway-key'));
    const districtPrivate = privateKeyOf('x25519', bytes('district-key'));
    const district = { id: 'district-1', publicKey: publicHalf(districtPrivate) };
    const opener = await dayKeyOpener('standard', districtPrivate);
    const world = new World(o, (world) => {
      return new SimulatedGateway({
        disks: world.disks,
        key: gatewayKey,
        district,
        opener,
        now: () => world.now(),
        newId: () => world.newId(),
        mutant: isGatewayMutant(o.mutant) ? o.mutant : null,
      });
    });
    await world.gateway.start();
    for (let at = 1; at <= o.profile.terminals; at += 1) {
      const key = privateKeyOf('ed25519', bytes(`terminal-key-${at}`));
      const terminalId = world.newId();
      const { code, epoch } = await world.gateway.enrol(REGION, terminalId, publicHalf(key));
      const identity = identityOf({
        terminalId,
        suite: 'standard',
        region: REGION,
        code,
        epoch,
        key,
        districtKey: district.publicKey,
        districtKeyId: district.id,
        gatewayKey: gatewayKey.publicKey,
      });
      world.add(`terminal-${at}`, identity, { sure: [1], kept: [] });
    }
    world.gateway.backUp();
    return world;
  }

  /** The right time, which the gateway has. */
  now(): Date {
    return new Date(this.profile.start.getTime() + this.scheduler.nowMs);
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
    given: { sure: readonly number[]; kept: Iterable<string>; disk?: string },
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
      kept: new Set(given.kept),
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
      this.#sweep(site, db);
      const wrong = checkTerminal(db, site.terminal.identity.terminalId, this.ledger, site.kept);
      broken.push(...wrong.map((words) => `${site.terminal.name}: ${words}`));
    }
    if (this.gateway.isUp) {
      const db = this.gateway.tables;
      if (this.#gatewayChanges.since(db, 'PRAGMA data_version') || found === 'all') {
        broken.push(...checkGateway(db, this.ledger, found));
      }
    }
    if (broken[0] !== undefined) throw new Broken(broken[0]);
  }

  /** Takes into the books what was committed to a disk since the last look. */
  #sweep(site: Site, db: Database.Database): void {
    for (const { id, body_hash: hash } of sql<[], { id: string; body_hash: string }>(
      db,
      'SELECT id, body_hash FROM entry',
    ).all()) {
      if (site.kept.has(id)) continue;
      site.kept.add(id);
      site.lineage.own.add(id);
      this.ledger.frozen.set(id, hash);
    }
  }

  /** Entries that lie on a terminal's disk or at the gateway; the gateway must be up. */
  everywhere(): { kept: Set<string>; atGateway: Set<string> } {
    const atGateway = entriesAtGateway(this.gateway.tables);
    return { kept: new Set([...atGateway, ...this.sites.flatMap(({ kept }) => [...kept])]), atGateway };
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

  #heard(letter: Letter, reply: Reply): void {
    const lines = zstdDecompressSync(letter.body ?? new Uint8Array()).toString('utf8');
    const terminal = letter.headers['yichuang-terminal'] ?? '';
    const hashes = new Map(
      lines.split('\n').flatMap((line) => {
        const found = ENTRY_LINE.exec(line);
        return found ? [[`${found[1]}/${found[2]}`, found[3] ?? ''] as const] : [];
      }),
    );
    for (const { incarnation, seq, result } of BatchAnswer.parse(JSON.parse(reply.body.toString('utf8'))).entries) {
      const place = placeOf(terminal, incarnation, seq, hashes.get(`${incarnation}/${seq}`) ?? '');
      this.log('gateway', `${incarnation}/${seq} ${result}`);
      if (result === EntryAnswer.shape.result.enum.held) continue;
      this.ledger.answered.add(place);
      if (result !== EntryAnswer.shape.result.enum.quarantined) this.ledger.confirmed.add(place);
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
