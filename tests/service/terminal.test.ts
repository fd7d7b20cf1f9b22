import { createPublicKey } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ScreenEvent } from '#contract/calls.ts';
import { CataloguePackage, type Item } from '#contract/catalogue.ts';
import { Configuration } from '#contract/configuration.ts';
import type { Suite } from '#contract/suite.ts';
import { askService } from '#main/service/asks.ts';
import { ensureTerminalKey } from '#main/service/identity/identity.ts';
import { Outbox } from '#main/service/journal/outbox.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Cases } from '#main/service/store/cases.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { Store, StoreWriteError } from '#main/service/store/store.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { Terminal } from '#main/service/terminal.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { enrol, settings } from './fixture.ts';
import { newCase, newFolders, openData } from './store/fixture.ts';
import { TestGateway } from './sync/gateway.ts';
import { FakeTime } from './time/fakes.ts';
import { ScriptedDocumentPrinter, ScriptedReader, ScriptedReceiptPrinter } from './visit/devices.ts';
import { RESIDENT, Stage } from './visit/stage.ts';

const YEAR_MS = 365 * 86_400_000;

afterEach(() => vi.restoreAllMocks());

/** A terminal and its district, which has the right time whatever the terminal's clock says. */
async function house(o: { time?: FakeTime; catalogue?: string; url?: string; suite?: Suite; keyDays?: number } = {}) {
  const time = o.time ?? new FakeTime();
  const folders = newFolders();
  const gateway = await TestGateway.start(createPublicKey(ensureTerminalKey(folders.etc)));
  gateway.now = () => time.wall().getTime() - time.wallErrorMs;
  enrol(folders.etc, gateway.publicKey);
  const configuration = Configuration.parse({
    ...settings,
    folders: { ...folders, run: folders.data, log: folders.data },
    gateway: { url: o.url ?? gateway.url, suite: o.suite, keyDays: o.keyDays },
    catalogue: o.catalogue ?? settings.catalogue,
  });
  const events: ScreenEvent[] = [];
  const tryOpen = async () => {
    const opened = await Terminal.open({
      configuration,
      openDevices: () => ({
        idCard: new ScriptedReader(),
        receiptPrinter: new ScriptedReceiptPrinter(),
        documentPrinter: new ScriptedDocumentPrinter(),
      }),
      clock: time,
      timers: time,
      random: systemRandom(time),
      log: silentLog(),
      screen: (event) => void events.push(structuredClone(event)),
      failed: (error) => {
        throw error;
      },
    });
    if (opened.ok) onTestFinished(() => opened.value.stop());
    return opened;
  };
  const open = async () => {
    const opened = await tryOpen();
    if (!opened.ok) throw new Error(opened.error.detail);
    return opened.value;
  };
  /** Lets errands and exchanges happen, one after the other. */
  const until = async (what: () => boolean) => {
    for (let turns = 0; turns < 2_000 && !what(); turns += 1) {
      time.step();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(what()).toBe(true);
  };
  return { time, folders, gateway, events, tryOpen, open, until };
}

describe('opening', () => {
  it.each(['fresh', 'used'])('says that the disk is full of a %s store, and opens once there is room', async (kind) => {
    const h = await house();
    if (kind === 'used') openData(h.folders).store.close();
    const spy = vi.spyOn(Store.prototype, 'transaction').mockImplementation(() => {
      throw new StoreWriteError('disk-full', 'no room');
    });
    expect(await h.tryOpen()).toMatchObject({ ok: false, error: { why: 'disk-full', mayPass: true } });
    spy.mockRestore();
    expect((await h.tryOpen()).ok).toBe(true);
  });

  it('tells what may pass from what a person has to decide', async () => {
    const h = await house();
    writeFileSync(join(h.folders.data, STORE_FILE), 'no store at all');
    writeFileSync(join(h.folders.etc, 'store.key'), Buffer.alloc(32, 7));
    expect(await h.tryOpen()).toMatchObject({ error: { why: 'store-damaged', mayPass: false } });
    writeFileSync(join(h.folders.etc, 'identity.json'), '');
    expect(await h.tryOpen()).toMatchObject({ error: { why: 'not-enrolled', mayPass: true } });
  });
});

describe('the suite of terminal.yaml', () => {
  it('is that of the enrolment, or nobody is served', async () => {
    const h = await house({ suite: 'national' });
    const refused = await h.tryOpen();
    expect(refused).toMatchObject({ ok: false, error: { why: 'not-enrolled', mayPass: true } });
    expect(!refused.ok && refused.error.detail).toContain('enrolled with the standard suite');
  });
});

describe('a full disk at work', () => {
  it('lets the screen have the visit again when there is room: out of service, it has let go of it', async () => {
    const h = await house();
    const terminal = await h.open();
    await h.until(() => terminal.snapshot.network === 'online');
    const spy = vi.spyOn(Store.prototype, 'hasRoom').mockReturnValue(false);
    terminal.call('visit.begin', { display: {} });
    expect(terminal.snapshot.health).toMatchObject({ is: 'out-of-service', why: 'disk-full' });
    spy.mockRestore();
    h.events.length = 0;
    await h.until(() => terminal.snapshot.health.is !== 'out-of-service');
    expect(h.events.map(({ event }) => event)).toContain('visit');
  });
});

describe('retention', () => {
  const noon = '2026-03-02T12:00:00.000+08:00';

  /** A terminal with a case that the district acknowledged at noon, to be kept for 30 days, and a copy from before a migration on that day. */
  async function withCase(o: { startedAt: string; districtAt?: string; away?: boolean }) {
    const h = await house({ time: new FakeTime(o.startedAt), ...(o.away ? { url: settings.gateway.url } : {}) });
    const { store, vault, time } = openData(h.folders, h.time);
    const cases = new Cases(store, vault);
    const { id } = newCase();
    store.transaction(() => cases.insert(newCase({ id, retentionDays: 30 })));
    store.db.exec(`INSERT INTO entry (incarnation, seq, id, kind, catalogue, case_id, body, body_hash, prev_hash, hash,
      wall, monotonic_ms, boot, answer, answered_at)
      VALUES (9, 1, 'e', 'case', '', '${id}', x'', '', '', '', '', 0, '', 'stored', '${noon}')`);
    const districtAt = Date.parse(o.districtAt ?? o.startedAt);
    h.gateway.now = () => districtAt + time.monotonicMs();
    const copy = join(h.folders.data, 'backup', 'schema-1-2026-03-02.sqlite');
    mkdirSync(join(copy, '..'));
    writeFileSync(copy, 'a copy');
    return { ...h, isKept: () => cases.find(id)?.record() !== null, isCopyKept: () => existsSync(copy) };
  }

  it('does not end by a wrong clock, neither before nor after the district has told the right time', async () => {
    const h = await withCase({ startedAt: '2099-01-01T12:00:00+08:00', districtAt: '2026-03-03T12:00:00+08:00' });
    await h.open();
    expect(h.isKept()).toBe(true);
    await h.until(() => h.gateway.heartbeats.length > 3);
    expect([h.isKept(), h.isCopyKept()]).toEqual([true, true]);
  });

  it('does not end while the district was not heard in this run, however late it seems', async () => {
    const h = await withCase({ startedAt: '2099-01-01T12:00:00+08:00', away: true });
    await h.open();
    h.time.advance(7 * 3_600_000);
    expect([h.isKept(), h.isCopyKept()]).toEqual([true, true]);
  });

  it("ends by the district's day within minutes of hearing it", async () => {
    const h = await withCase({ startedAt: '2026-03-03T12:00:00+08:00', districtAt: '2026-04-03T12:00:00+08:00' });
    await h.open();
    await h.until(() => !h.isKept() && !h.isCopyKept());
    expect(h.time.monotonicMs()).toBeLessThan(3_600_000);
  });

  it("is counted from the district's time of acknowledgement", async () => {
    const time = new FakeTime();
    time.wallErrorMs = 73 * YEAR_MS;
    const h = await house({ time });
    const terminal = await h.open();
    await h.until(() => terminal.snapshot.unsynced === 0);
    const db = new Database(join(h.folders.data, STORE_FILE), { readonly: true });
    expect(db.prepare('SELECT answered_at FROM entry').pluck().get()).toMatch(/^2026-03-02T/);
    db.close();
  });
});

describe('compaction', () => {
  const MINUTES = 60_000;

  /** A terminal in whose journal an entry stands that the district stored at noon of the second of March. */
  async function withEntry(o: { startedAt: string; districtAt?: string; away?: boolean }) {
    const h = await house({ time: new FakeTime(o.startedAt), ...(o.away ? { url: settings.gateway.url } : {}) });
    openData(h.folders, h.time).store.close();
    const db = new Database(join(h.folders.data, STORE_FILE));
    onTestFinished(() => void db.close());
    db.exec(`INSERT INTO entry (incarnation, seq, id, kind, catalogue, body, body_hash, prev_hash, hash,
      wall, monotonic_ms, boot, answer, answered_at)
      VALUES (1, 1, 'e', 'help', '', x'00', '', '', '${'a'.repeat(64)}', '', 0, '', 'stored', '2026-03-02T12:00:00.000+08:00')`);
    db.exec("INSERT INTO meta VALUES ('terminal', '01890000-0000-7000-8000-0000000000aa'), ('incarnation', '2')");
    const districtAt = Date.parse(o.districtAt ?? o.startedAt);
    h.gateway.now = () => districtAt + h.time.monotonicMs();
    const isWhole = () => db.prepare("SELECT compacted_at FROM entry WHERE id = 'e'").pluck().get() === null;
    return { ...h, isWhole };
  }

  it('begins by itself at a terminal that stands idle, once the horizon has passed', async () => {
    const h = await withEntry({ startedAt: '2026-04-07T12:00:00+08:00' });
    const terminal = await h.open();
    await h.until(() => terminal.snapshot.network === 'online');
    h.time.advance(11 * MINUTES);
    expect(h.isWhole()).toBe(false);
  });

  it('is not for a horizon that a clock has made up, a lifetime ahead', async () => {
    const h = await withEntry({ startedAt: '2099-01-01T12:00:00+08:00', districtAt: '2026-03-20T12:00:00+08:00' });
    const terminal = await h.open();
    await h.until(() => terminal.snapshot.network === 'online');
    h.time.advance(25 * MINUTES);
    expect(h.isWhole()).toBe(true);
  });

  it('waits for a district that was not heard in this run', async () => {
    const h = await withEntry({ startedAt: '2026-04-07T12:00:00+08:00', away: true });
    await h.open();
    h.time.advance(60 * MINUTES);
    expect(h.isWhole()).toBe(true);
  });

  it('waits for the end of a visit', async () => {
    const h = await withEntry({ startedAt: '2026-04-07T12:00:00+08:00' });
    const terminal = await h.open();
    await h.until(() => terminal.snapshot.network === 'online');
    h.time.advance(10 * MINUTES - 1_000 - h.time.monotonicMs());
    expect(terminal.call('visit.begin', { display: {} }).ok).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    h.time.advance(2_000);
    expect(visitsOf(h.events).at(-1)?.step.at).not.toBe('attract');
    expect(h.isWhole()).toBe(true);
    h.time.advance(21 * MINUTES);
    expect(h.isWhole()).toBe(false);
  });
});

describe('what staff ask by the command line', () => {
  it('reaches the way to the district, and tells how it is', async () => {
    const h = await house();
    const heard = vi.spyOn(SyncEngine.prototype, 'sendNow');
    await h.open();
    expect(await askService(h.folders.data, 'send-now', 20_000)).toEqual({ ok: true });
    expect(heard).toHaveBeenCalledTimes(1);
    expect(await askService(h.folders.data, 'sync-status', 20_000)).toMatchObject({
      ok: true,
      value: {
        state: { at: 'starting' },
        network: 'offline',
        unsynced: 1,
        quarantined: 0,
        lost: [],
        withdrawn: false,
        materials: { waiting: 0, damaged: 0 },
      },
    });
  });
});

describe("the terminal's key", () => {
  const HOUR = 3_600_000;

  it('changes when staff ask for it, and the journal goes on under the new one', async () => {
    const h = await house();
    const terminal = await h.open();
    const before = rawPublicKey(ensureTerminalKey(h.folders.etc));
    const begun = { ok: true, value: { begun: true } };
    expect(await askService(h.folders.data, 'rotate-key', 20_000)).toEqual({ ok: true, value: begun });
    await h.until(() => terminal.snapshot.unsynced === 0);
    const after = rawPublicKey(ensureTerminalKey(h.folders.etc));
    expect(after).not.toBe(before);
    expect(h.gateway.keys).toEqual([after]);
    expect(h.gateway.chain(1)).toHaveLength(1);
  });

  it('changes by itself after the days of terminal.yaml', async () => {
    const h = await house({ keyDays: 1 });
    await h.open();
    // The key's age begins in the turn after the one in which the district was first heard.
    await h.until(() => h.gateway.heartbeats.length > 2);
    h.gateway.now = () => h.time.wall().getTime() + 23 * HOUR;
    const beats = h.gateway.heartbeats.length;
    await h.until(() => h.gateway.heartbeats.length > beats + 2);
    expect(h.gateway.keys).toEqual([]);
    h.gateway.now = () => h.time.wall().getTime() + 24 * HOUR;
    await h.until(() => h.gateway.keys.length === 1);
  });
});

/** The first catalogue with its items changed. */
function catalogueWith(changes: Readonly<Record<string, Partial<Item>>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'yc-catalogue-'));
  cpSync('image/catalogue', folder, { recursive: true });
  const file = join(folder, 'catalogue.json');
  const content = CataloguePackage.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const item of content.items) Object.assign(item, changes[item.id]);
  writeFileSync(file, JSON.stringify(content));
  return folder;
}

function visitsOf(events: readonly ScreenEvent[]) {
  return events.flatMap((event) => (event.event === 'visit' ? [event.visit] : []));
}

describe('the network', () => {
  it('shows on the home page as soon as it comes or goes, and only then', async () => {
    const h = await house({ catalogue: catalogueWith({ 'residence-certificate': { offline: 'N' } }) });
    h.gateway.cursorFaults = [{ fault: 'refused-connection' }];
    const terminal = await h.open();
    terminal.call('visit.begin', { display: {} });
    const unavailable = () => {
      const step = visitsOf(h.events).at(-1)?.step;
      return step?.at === 'home' ? step.items[0]?.unavailable : undefined;
    };
    await new Promise((resolve) => setImmediate(resolve));
    expect(unavailable()).toBe('needs-network');
    await h.until(() => terminal.snapshot.network === 'online');
    expect(unavailable()).toBeNull();
    expect(terminal.snapshot.health).toEqual({ is: 'well' });
    const counted = vi.spyOn(Outbox.prototype, 'counts');
    terminal.call('visit.touch', {});
    expect(counted).not.toHaveBeenCalled();
    // What was appended is news for the terminal's line alone.
    terminal.call('help.call', {});
    h.events.length = 0;
    h.time.advance(0);
    expect(h.events.map(({ event }) => event)).toEqual(['terminal']);
  });
});

describe('an item', () => {
  it('is offered on the days of its validity only', async () => {
    const catalogue = catalogueWith({
      'residence-certificate': { validFrom: '2026-03-02', validTo: '2026-03-02' },
      'participation-certificate': { validTo: '2026-03-01' },
      'student-practice-certificate': { validFrom: '2026-03-03' },
    });
    const h = await house({ catalogue });
    const terminal = await h.open();
    terminal.call('visit.begin', { display: {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(visitsOf(h.events).at(-1)?.step).toMatchObject({ at: 'home', items: [{ id: 'residence-certificate' }] });
    const choose = (item: string) => terminal.call('visit.chooseItem', { item }).ok;
    expect(choose('participation-certificate')).toBe(false);
    expect(choose('student-practice-certificate')).toBe(false);
    expect(choose('residence-certificate')).toBe(true);
  });
});

describe("the district's time", () => {
  it('stands on what residents get, although the machine is a year ahead; the journal tells both', async () => {
    const before = await Stage.open();
    await before.close();
    const db = new Database(join(before.root, 'data', STORE_FILE));
    db.prepare("INSERT INTO meta (key, value) VALUES ('server-offset-ms', ?)").run(String(-YEAR_MS));
    const stage = await Stage.open({ root: before.root, time: new FakeTime('2027-11-23T14:26:00+08:00') });
    await stage.toDone({ ...RESIDENT, validTo: '2027-01-01' });
    expect(stage.stepAt('done').receiptNumber).toContain('-261123-');
    expect(stage.journaled('case')[0]?.['acceptedAt']).toMatch(/^2026-11-23T14:26/);
    const entry = db.prepare("SELECT wall, server_offset_ms FROM entry WHERE kind = 'case'").get();
    expect(entry).toEqual({ wall: '2027-11-23T14:26:00.000+08:00', server_offset_ms: -YEAR_MS });
    db.close();
  });
});
