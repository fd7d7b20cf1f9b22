/** What happens in a world: residents' acts, and faults of machines, lines, clocks and people. */
import { unreachable } from '#contract/result.ts';
import { StoreWriteError } from '#main/service/store/errors.ts';
import { joinedPlaces } from './checks.ts';
import type { Fault } from './profile.ts';
import { application } from './service.ts';
import { contentOf, isWithdrawn, type Site } from './site.ts';
import { Broken, type World } from './world.ts';

/** A resident hands a case in, and mostly rates; or somebody calls for help. */
export function act(world: World, site: Site): void {
  const { chance, ledger } = world;
  const { terminal, lineage } = site;
  if (!terminal.service) return;
  if (chance.happens(0.3)) return actWithoutCase(world, site);
  const submitted = terminal.write(({ desk, journal, store }) => {
    const { incarnation } = journal;
    const withdrawn = isWithdrawn(store.db);
    const result = desk.submit(application());
    const isTurnedAway = !result.ok && result.error === 'withdrawn';
    if (withdrawn !== isTurnedAway)
      throw new Broken(`${terminal.name}: withdrawn is ${withdrawn}, and not for residents`);
    if (!result.ok) return { refused: result.error };
    const entryId = store.db
      .prepare<[string], string>("SELECT id FROM entry WHERE case_id = ? AND kind = 'case'")
      .pluck()
      .get(result.value.id);
    return { accepted: result.value, incarnation, entryId };
  });
  if (!submitted) return;
  if ('refused' in submitted) return world.log(terminal.name, `not accepted: ${submitted.refused}`);
  const { accepted, incarnation, entryId } = submitted;
  const { id: caseId, receiptNumber } = accepted;
  world.log(terminal.name, `accepted ${receiptNumber}`);
  if (entryId === undefined) throw new Broken(`${terminal.name}: a case was accepted and no entry tells of it`);
  const wrong = ledger.tell({ caseId, entryId, receiptNumber }, lineage, incarnation);
  if (wrong !== null) throw new Broken(`${terminal.name}: ${wrong}`);
  if (chance.happens(0.6)) terminal.write(({ desk }) => desk.rate(accepted, chance.between(1, 5), []));
}

/** Some entries tell of a case that there is not: the desk can't use them, and they must stay visible. */
function actWithoutCase(world: World, { terminal }: Site): void {
  const { chance, ledger } = world;
  const isSenseless = chance.happens(0.1);
  const id = world.newId();
  terminal.write(({ journal, store }) =>
    store.transaction(() => {
      const entry = journal.append(
        isSenseless
          ? { kind: 'rating', open: { case: id, level: chance.between(1, 5), reasons: [] } }
          : { kind: 'help', open: { ticket: id, why: chance.pick(['called', 'card-left-behind'] as const) } },
      );
      if (isSenseless) ledger.senseless.add(entry.id);
    }),
  );
  world.log(terminal.name, isSenseless ? 'a rating of no case' : 'help was called');
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Brings one fault about; one that makes no sense now is left out. */
export async function strike(world: World, fault: Fault): Promise<void> {
  const { chance, gateway, network, scheduler } = world;
  const site = chance.pick(world.sites);
  const { terminal } = site;
  if (!makesSense(world, site, fault)) return;
  world.fault(terminal.name, fault);
  switch (fault) {
    case 'service-killed':
      terminal.kill();
      return world.startLater(terminal);
    case 'service-stopped':
      await terminal.stop();
      return world.startLater(terminal);
    case 'power-cut':
      terminal.cutPower();
      return world.startLater(terminal);
    case 'killed-in-commit':
      terminal.diesInCommit = true;
      return;
    case 'disk-refuses':
      terminal.diskRefuses = true;
      scheduler.after(chance.between(1_000, 180_000), () => {
        terminal.diskRefuses = false;
      });
      return;
    case 'line-down':
    case 'captive-portal':
      network.setLine(terminal.name, fault === 'line-down' ? 'down' : 'portal');
      scheduler.after(chance.between(1_000, 400_000), () => network.setLine(terminal.name, 'up'));
      return;
    case 'clock-set':
      terminal.wallErrorMs = chance.pick([0, 1, -1]) * chance.pick([60_000, 10 * 60_000, 26 * HOUR, 9_000 * HOUR]);
      return;
    case 'send-now':
      return terminal.service?.engine.sendNow();
    case 'entry-rots':
      return rot(world, site);
    case 'image-taken':
      if (site.image) world.disks.drop(site.image.folder);
      site.image = { folder: terminal.image(), ...contentOf(site) };
      return;
    case 'image-restored':
      return restoreImage(world, site);
    case 'disk-cloned':
      return clone(world, site);
    case 'gateway-killed':
      await gateway.crash();
      return world.startGatewayLater();
    case 'gateway-dies-before-commit':
    case 'gateway-dies-before-answer':
      world.gatewayDies = fault === 'gateway-dies-before-commit' ? 'before-commit' : 'before-answer';
      return;
    case 'gateway-backed-up':
      return gateway.isUp ? world.backUp() : undefined;
    case 'gateway-restored':
      await restoreGateway(world);
      await gateway.crash();
      return world.startGatewayLater();
    case 'gateway-restored-under-a-batch':
      world.beforeBatch = () => restoreGateway(world);
      return;
    case 'intake-works':
      return gateway.isUp ? gateway.workIntake() : undefined;
    case 'weeks-pass':
      return scheduler.sleep(chance.pick([20, 40, 40]) * DAY);
    case 'terminal-revoked':
      return revoke(world, terminal.identity.terminalId);
    case 'key-changed':
      return changeKey(site);
    default:
      return unreachable(fault);
  }
}

/** What the district's operations describe as beyond help is no fault of a world: a disk without the key that counts, for one. */
function makesSense({ gateway, sites, standing }: World, site: Site, fault: Fault): boolean {
  const { image, keyChanges, terminal } = site;
  const { terminalId } = terminal.identity;
  switch (fault) {
    case 'image-restored':
      return image !== null && image.keyChanges === keyChanges;
    case 'terminal-revoked':
      return gateway.isUp && !standing.revoked.has(terminalId);
    case 'key-changed':
      return (
        terminal.service?.identity.keys.next === null &&
        !standing.changed.has(terminalId) &&
        sites.filter(({ terminal }) => terminal.identity.terminalId === terminalId).length === 1
      );
    default:
      return true;
  }
}

/** Somebody at the district takes a terminal's right away, and gives it back a while later. */
async function revoke(world: World, terminalId: string): Promise<void> {
  const { chance, gateway, scheduler, standing } = world;
  standing.revoked.add(terminalId);
  await gateway.setRight(terminalId, 'revoke');
  const again = (): void => {
    scheduler.after(chance.between(10_000, 8 * MINUTE), async () => {
      // In the end it is given back once everybody concerned has said so.
      if (world.isMended) return;
      if (gateway.isUp) await readmit(world, terminalId);
      else again();
    });
  };
  again();
}

/** The gateway must be up. */
export async function readmit({ gateway, standing }: World, terminalId: string): Promise<void> {
  standing.revoked.delete(terminalId);
  await gateway.setRight(terminalId, 'readmit');
}

/** Staff want another key at a terminal. */
function changeKey(site: Site): void {
  try {
    site.terminal.write(({ keyChange }) => keyChange.begin('asked'));
  } catch (error) {
    // It has begun nonetheless: the key was on the disk before.
    if (!(error instanceof StoreWriteError)) throw error;
  }
  site.keyChanges += 1;
}

/** A disk alters a byte of what it holds. */
function rot(world: World, { terminal }: Site): void {
  const db = terminal.service?.store.db;
  const row = db
    ?.prepare<[], { n: number; id: string; body: Buffer }>(
      "SELECT n, id, body FROM entry WHERE answer IS NULL AND kind = 'help' ORDER BY n DESC LIMIT 1",
    )
    .get();
  if (!db || !row) return;
  row.body.writeUInt8(row.body.readUInt8(0) ^ 1, 0);
  db.prepare('UPDATE entry SET body = ? WHERE n = ?').run(row.body, row.n);
  world.ledger.rotten.add(row.id);
}

/** An old image is put on a terminal's disk. What was only on the disk that is gone is lost, and nobody can help it. */
function restoreImage(world: World, site: Site): void {
  const { terminal, image } = site;
  if (!image || !world.gateway.isUp) return;
  terminal.replaceDisk(world.disks.copy(image.folder));
  Object.assign(site, contentOf(image));
  fork(world, site);
  world.reckonLosses('terminal');
  world.startLater(terminal);
}

/** A second machine runs with the same disk, and so with the same identity. */
function clone(world: World, site: Site): void {
  if (world.sites.length > 3) return;
  const { terminal } = site;
  const disk = terminal.image();
  fork(world, site);
  world.ledger.cloned.add(terminal.identity.terminalId);
  world.add(`${terminal.name}+${world.ledger.forks}`, terminal.identity, { sure: [], content: site, disk });
}

function fork(world: World, site: Site): void {
  world.ledger.forks += 1;
  site.lineage = { name: `${site.terminal.name}/${world.ledger.forks}`, sure: new Set(), own: new Set() };
}

/** The gateway comes back from its last backup, as a new epoch, and runs. */
async function restoreGateway(world: World): Promise<void> {
  const { gateway, ledger, sites, standing } = world;
  await gateway.restore(world.newId());
  await gateway.start();
  for (const { terminalId } of new Set(sites.map(({ terminal }) => terminal.identity))) {
    await gateway.setRight(terminalId, standing.revoked.has(terminalId) ? 'revoke' : 'readmit');
  }
  const left = joinedPlaces(gateway.tables);
  for (const place of ledger.confirmed) if (!left.has(place)) ledger.confirmed.delete(place);
  if (ledger.forks > 0) for (const { lineage } of world.sites) lineage.sure.clear();
  ledger.restoredToMs = Math.min(ledger.restoredToMs, world.backedUpMs);
  world.reckonLosses('gateway');
}

/** Everything is mended: no more faults, every machine runs, every message arrives. */
export function mend(world: World): void {
  world.isMended = true;
  world.network.mend();
  world.gatewayDies = null;
  world.beforeBatch = null;
  world.startGatewayLater(1);
  for (const { terminal } of world.sites) {
    terminal.diesInCommit = false;
    terminal.diskRefuses = false;
    terminal.wallErrorMs = 0;
    world.startLater(terminal, 1);
  }
  world.log('world', 'mended');
}
