/**
 * Engine, journal and gateway in one process under a scheduler that owns time, chance, network and disks (as FoundationDB and
 * TigerBeetle test): a seed decides everything that happens, so that a seed that breaks a promise breaks it again, step by step.
 */
import { verifyJournal } from '#main/service/journal/verify.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { act, mend, readmit, strike } from './acts.ts';
import { Chance } from './chance.ts';
import { entriesAtGateway } from './checks.ts';
import { untold } from './letting-go.ts';
import type { Mutant } from './mutants.ts';
import { profileOf } from './profile.ts';
import { application } from './service.ts';
import { isWithdrawn, type Site } from './site.ts';
import { Broken, World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  /** The first promise that did not hold; null when all did. */
  readonly broken: string | null;
  /** The end of the event log. */
  readonly last: readonly string[];
  /** Over every line of the event log, and what the disks held at the end. */
  readonly hash: string;
  readonly counts: {
    readonly steps: number;
    readonly requests: number;
    readonly told: number;
    readonly destroyed: number;
    readonly forks: number;
    readonly poisoned: number;
    /** Bodies that terminals let go of, and cases that the district lost after that. */
    readonly letGo: number;
    readonly lost: number;
    readonly withdrawn: number;
    readonly keyChanges: number;
    readonly national: number;
  };
  /** How often each fault befell something. */
  readonly struck: ReadonlyMap<string, number>;
}

/** Virtual time in which everything must have reached the district after all is mended: some of the longest waits there are. */
const DRAIN_MS = 2 * 3_600_000;
/** After that nothing may change any more, while every terminal has looked at least once. */
const REST_MS = 75_000;

export interface SimulateOptions {
  readonly mutant?: Mutant;
  /** Hears every event. */
  readonly trace?: (line: string) => void;
}

export async function simulate(seed: number, o: SimulateOptions = {}): Promise<Outcome> {
  const chance = new Chance(`seed-${seed}`);
  const profile = profileOf(chance.stream('profile'));
  const world = await World.open({ chance, profile, mutant: o.mutant ?? null, trace: o.trace ?? (() => undefined) });
  let broken: string | null = null;
  try {
    await live(world);
    mend(world);
    await sayWithdrawn(world);
    await drain(world);
    await world.gateway.workIntake();
    await settle(world);
  } catch (error) {
    // Whatever the code under test throws is a broken promise too.
    broken = error instanceof Broken ? error.message : `thrown: ${String(error)}`;
  } finally {
    await world.close();
  }
  const { counts, events, ledger, standing, struck } = world;
  return {
    seed,
    broken,
    last: events.last,
    hash: events.digest(),
    counts: {
      ...counts,
      told: ledger.told,
      destroyed: ledger.destroyed,
      forks: ledger.forks,
      poisoned: ledger.rotten.size + ledger.senseless.size,
      letGo: ledger.letGo,
      lost: ledger.lost,
      withdrawn: standing.told.size,
      keyChanges: standing.keyChanges,
      national: profile.national ? 1 : 0,
    },
    struck,
  };
}

/** Residents come, and things go wrong. */
async function live(world: World): Promise<void> {
  const { chance, profile, scheduler } = world;
  const endMs = profile.minutes * 60_000;
  const again = (meanMs: number, run: () => void | Promise<void>): void => {
    scheduler.after(chance.wait(meanMs), async () => {
      if (scheduler.nowMs > endMs) return;
      await run();
      again(meanMs, run);
    });
  };
  again(profile.actMs / profile.terminals, () => act(world, chance.pick(world.sites)));
  if (profile.faults.length > 0) again(profile.faultMs, () => strike(world, chance.pick(profile.faults)));
  while (scheduler.nowMs < endMs && (await world.step()));
}

/** Who is revoked still says so, and takes no cases; then it is readmitted. */
async function sayWithdrawn(world: World): Promise<void> {
  const { gateway, scheduler, sites, standing } = world;
  const revoked = sites.filter(({ terminal }) => standing.revoked.has(terminal.identity.terminalId));
  const mendedMs = scheduler.nowMs;
  const silent = () => revoked.filter(({ terminal }) => terminal.service?.engine.status.withdrawn !== true);
  while (revoked.length > 0 && (!gateway.isUp || silent().length > 0)) {
    await world.step();
    if (scheduler.nowMs - mendedMs > DRAIN_MS) {
      const names = silent().map(({ terminal }) => terminal.name);
      throw new Broken(`revoked, and silent about it: ${names.join(', ')}`);
    }
  }
  for (const { terminal } of revoked) {
    if (terminal.service?.desk.submit(application()).ok !== false) throw new Broken(`${terminal.name} accepted a case`);
  }
  for (const id of standing.revoked) await readmit(world, id);
}

/** After everything is mended nothing may stay behind. */
async function drain(world: World): Promise<void> {
  const { scheduler } = world;
  const mendedMs = scheduler.nowMs;
  let restMs = scheduler.nowMs;
  while (scheduler.nowMs - restMs < REST_MS) {
    await world.step();
    if (!isDrained(world)) restMs = scheduler.nowMs;
    if (scheduler.nowMs - mendedMs > DRAIN_MS) throw new Broken(`stuck: ${stuck(world)}`);
  }
  world.log('world', `drained after ${Math.round((scheduler.nowMs - mendedMs) / 1000)} s`);
}

function isDrained(world: World): boolean {
  return world.gateway.isUp && world.sites.every(isOnline) && missing(world).length === 0;
}

function isOnline({ terminal }: Site): boolean {
  const status = terminal.service?.engine.status;
  return status?.network === 'online' && status.unsynced === 0;
}

/** Entries of cases that are owed and not at the gateway. */
function missing(world: World): string[] {
  const atGateway = entriesAtGateway(world.gateway.tables);
  return [...world.ledger.owed.values()].filter(({ entryId }) => !atGateway.has(entryId)).map((one) => one.entryId);
}

function stuck(world: World): string {
  const states = world.sites.map(({ terminal }) => {
    const status = terminal.service?.engine.status;
    return `${terminal.name} ${status?.state.at ?? 'off'} with ${status?.unsynced ?? 0} unsynced`;
  });
  return `${states.join(', ')}; missing at the gateway: ${missing(world).join(', ') || 'none'}`;
}

/** What must hold in the end, beside what holds always. */
async function settle(world: World): Promise<void> {
  const { gateway, ledger } = world;
  world.check('all');
  const db = gateway.tables;
  const desk = db.prepare<[], string>('SELECT case_id FROM cases').pluck().all();
  const cases = new Set(desk);
  if (cases.size !== desk.length) throw new Broken('a case lies twice on the desk');
  for (const { caseId, receiptNumber } of ledger.owed.values()) {
    if (!cases.has(caseId)) throw new Broken(`the case ${receiptNumber} is not on the desk`);
  }
  for (const site of world.sites) {
    settleTerminal(world, site);
    await settleStanding(world, site);
  }
  // What SM2 seals has another hash in each run.
  const heads = db
    .prepare(
      `SELECT terminal, incarnation, contiguous_seq, iif(suite = 'standard', head_hash, suite) FROM heads
         JOIN terminals ON terminals.id = heads.terminal ORDER BY 1, 2`,
    )
    .all();
  world.log('world', JSON.stringify(heads));
}

/** It serves again, signs with the key that counts and no other one, and tells what is lost. */
async function settleStanding(world: World, site: Site): Promise<void> {
  const { gateway, ledger, standing } = world;
  const { identity, name, service } = site.terminal;
  if (!service) throw new Broken(`${name} is off`);
  const { keys } = service.identity;
  if (isWithdrawn(service.store.db)) throw new Broken(`${name} was readmitted, and does not serve`);
  if (keys.next !== null) throw new Broken(`${name}: the change of its key has not come to its end`);
  const wrong = await standing.refusals(site, rawPublicKey(keys.present), { gateway, now: world.now() });
  const { lost } = service.engine.status;
  // After a fork what another disk has carried over stands elsewhere.
  if (ledger.forks === 0) {
    wrong.push(...untold(service.store.db, { terminal: identity.terminalId, gateway: gateway.tables, lost }));
  }
  if (wrong[0] !== undefined) throw new Broken(`${name}: ${wrong[0]}`);
}

function settleTerminal({ ledger }: World, { terminal }: Site): void {
  const { service } = terminal;
  if (!service) throw new Broken(`${terminal.name} is off`);
  const rotten = service.store.db
    .prepare<[], { id: string; answer: string; seq: number }>(
      'SELECT id, answer, seq FROM entry ORDER BY incarnation, seq',
    )
    .all()
    .filter(({ id }) => ledger.rotten.has(id));
  const verified = verifyJournal(`${terminal.folder}/${STORE_FILE}`);
  if (!verified.ok && rotten.length === 0) {
    throw new Broken(`${terminal.name}: the journal does not verify: ${JSON.stringify(verified.error)}`);
  }
  const quarantined = rotten.filter(({ answer }) => answer === 'quarantined').length;
  const shown = service.engine.status.quarantined;
  if (shown !== quarantined) {
    throw new Broken(`${terminal.name}: ${quarantined} poisoned entries, and ${shown} are shown in quarantine`);
  }
}
