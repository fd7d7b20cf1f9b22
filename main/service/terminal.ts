import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallAnswer, ScreenEvent } from '#contract/calls.ts';
import type { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { OutOfService, TerminalSnapshot } from '#contract/terminal.ts';
import type { AuditEventName } from './audit-events.ts';
import { type Catalogue, loadCatalogue, offered } from './catalogue/catalogue.ts';
import { DeviceWatch, type OpenDevices } from './devices/devices.ts';
import { healthOf, unavailable } from './devices/health.ts';
import { Typst } from './documents/typst.ts';
import { type IdentityError, readIdentity } from './identity/identity.ts';
import { CaseDesk } from './intake/case-desk.ts';
import { Journal, type JournalError } from './journal/journal.ts';
import { Outbox } from './journal/outbox.ts';
import { forComponent, type Log } from './log/log.ts';
import { PrintDesk } from './print/print-desk.ts';
import { fromBase64Url } from './sealing/base64url.ts';
import type { VaultError } from './sealing/vault.ts';
import { StaffDoor } from './staff/sign-in.ts';
import { Audit } from './store/audit.ts';
import { Cases } from './store/cases.ts';
import { type StoreError, StoreWriteError, storeError } from './store/errors.ts';
import { lockStore, type StoreLock } from './store/lock.ts';
import { openTerminalData, STORE_FILE } from './store/open.ts';
import { PrintJobs } from './store/print-jobs.ts';
import type { Store } from './store/store.ts';
import { Tickets } from './store/tickets.ts';
import { SyncEngine } from './sync/engine.ts';
import { storedServerTime } from './sync/server-time.ts';
import { type Clock, localDay, type Timers } from './time/clock.ts';
import type { Random } from './time/random.ts';
import { districtClock, type ServerTime } from './time/server-time.ts';
import { notTaken, readCall, TAKEN } from './visit/calls.ts';
import { HelpDesk } from './visit/help-desk.ts';
import { Visit } from './visit/visit.ts';

export interface TerminalOptions {
  readonly configuration: Configuration;
  readonly openDevices: (configuration: Configuration['devices'], o: { timers: Timers; log: Log }) => OpenDevices;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Whatever the screen should hear. */
  readonly screen: (event: ScreenEvent) => void;
  /** Something broke that nobody expected; the service should start anew. */
  readonly failed: (error: unknown) => void;
}

/** Why the terminal did not open, and whether trying again later may bring it into service. */
export interface NotOpened extends OutOfService {
  readonly mayPass: boolean;
}

/** Milliseconds until a full disk is looked at again. */
const ROOM_AGAIN_MS = 30_000;
/** Milliseconds between two looks for records whose retention has ended. */
const ERASE_EVERY_MS = 6 * 3_600_000;
/** Milliseconds until it is looked again whether the district was heard. */
const HEARD_AGAIN_MS = 60_000;

/** The terminal at work: every part made, and wired one way, from the screen's calls to the district. */
export class Terminal {
  readonly #o: TerminalOptions;
  readonly #store: Store;
  readonly #lock: StoreLock;
  readonly #journal: Journal;
  readonly #devices: DeviceWatch;
  readonly #engine: SyncEngine;
  readonly #offered: Catalogue;
  readonly #typst: Typst;
  readonly #prints: PrintDesk;
  readonly #visit: Visit;
  #cancelErase: () => void = () => undefined;
  #cancelRoom: () => void = () => undefined;
  #hasRoom = true;

  /** Opens everything that serving needs, or says why nobody can be served. */
  static async open(o: TerminalOptions): Promise<Result<Terminal, NotOpened>> {
    const { configuration } = o;
    const { folders } = configuration;
    const catalogue = loadCatalogue(configuration.catalogue);
    if (!catalogue.ok) return err({ why: 'catalogue', detail: catalogue.error.detail, mayPass: true });
    const identity = readIdentity(folders.etc, configuration.gateway.suite);
    if (!identity.ok) return err(notOpened(identity.error));
    const lock = lockStore(join(folders.data, STORE_FILE));
    if (!lock.ok) return err(notOpened(lock.error));
    const terminal = await Terminal.#openLocked(
      o,
      { catalogue: catalogue.value, identity: identity.value },
      lock.value,
    );
    if (!terminal.ok) lock.value.release();
    return terminal;
  }

  static async #openLocked(
    o: TerminalOptions,
    { catalogue, identity }: Pick<Parts, 'catalogue' | 'identity'>,
    lock: StoreLock,
  ): Promise<Result<Terminal, NotOpened>> {
    const { clock, configuration, log, random, timers } = o;
    const data = openTerminalData({
      folders: configuration.folders,
      clock,
      timers,
      random,
      log: forComponent(log, 'store'),
    });
    if (!data.ok) return err(notOpened(data.error));
    const { store } = data.value;
    const serverTime = storedServerTime(store);
    const journal = await Journal.open({
      store,
      clock,
      timers,
      random,
      serverTime,
      terminal: identity.terminalId,
      district: {
        suite: identity.suite,
        id: identity.districtKeyId,
        publicKey: fromBase64Url(identity.districtKey),
      },
      catalogue: catalogue.version,
    }).catch((error: unknown) => {
      if (!(error instanceof StoreWriteError)) throw error;
      return err(storeError(error));
    });
    if (!journal.ok) {
      store.close();
      return err(notOpened(journal.error));
    }
    return ok(
      new Terminal(o, {
        catalogue,
        identity,
        lock,
        ...data.value,
        serverTime,
        journal: journal.value,
      }),
    );
  }

  private constructor(o: TerminalOptions, parts: Parts) {
    const { configuration, random, timers } = o;
    const { catalogue, identity, journal, serverTime, store, vault } = parts;
    // The journal and the way to the district alone live by the machine's own clock, and tell the offset with it.
    const clock = districtClock(o.clock, serverTime);
    const { community } = configuration;
    const logFor = (component: Parameters<typeof forComponent>[1]) => forComponent(o.log, component);
    this.#o = o;
    this.#store = store;
    this.#lock = parts.lock;
    this.#journal = journal;
    const devices = o.openDevices(configuration.devices, { timers, log: logFor('devices') });
    this.#devices = new DeviceWatch(devices);
    this.#offered = offered(catalogue, () => localDay(clock.wall()));
    this.#typst = new Typst(catalogue.templates);
    const audit = new Audit<AuditEventName>(store, clock);
    const cases = new Cases(store, vault);
    const prints = new PrintDesk({
      store,
      jobs: new PrintJobs(store, vault, clock),
      journal,
      audit,
      ...devices,
      sheets: this.#typst,
      random,
      log: logFor('print'),
    });
    this.#prints = prints;
    this.#engine = new SyncEngine({
      identity,
      gateway: configuration.gateway,
      outbox: new Outbox({ store, clock, terminal: identity.terminalId, suite: identity.suite }),
      serverTime,
      clock: o.clock,
      timers,
      random,
      log: logFor('sync'),
      software: software(),
      health: () => ({
        catalogue: catalogue.version,
        devices: this.#devices.summary,
        diskFreeBytes: store.freeBytes(),
      }),
    });
    this.#visit = new Visit({
      ports: {
        clock,
        timers,
        random,
        catalogue: this.#offered,
        community,
        reader: devices.idCard,
        scanner: devices.scanner ?? null,
        cases: new CaseDesk({
          store,
          cases,
          journal,
          prints,
          catalogue,
          community,
          identity,
          key: identity.key,
          clock,
          random,
          log: logFor('visit'),
        }),
        prints,
        staff: new StaffDoor(configuration.staff, clock),
        help: new HelpDesk({ store, tickets: new Tickets(store), journal, clock, random, log: logFor('visit') }),
        readerState: () => devices.idCard.state,
        unavailable: (item) => unavailable(item, this.#devices.states, this.#engine.network),
        screen: o.screen,
      },
      audit: (events) => this.#written(() => store.transaction(() => events.forEach((event) => audit.record(event)))),
      changed: (visit) => o.screen({ event: 'visit', visit }),
      failed: o.failed,
    });

    // What did not come out before a crash or a power cut is nobody's to take now (R25).
    prints.hold();
    prints.onChange((change) => this.#visit.tell({ type: 'print.changed', change }));
    this.#devices.onChange(() => {
      this.#pushTerminal();
      this.#visit.refresh();
    });
    journal.onAppend(() => this.#engine.poke());
    let shown = this.#engine.network;
    this.#engine.onChange(({ network }) => {
      this.#pushTerminal();
      if (network === shown) return;
      shown = network;
      this.#visit.refresh();
    });
    this.#engine.onAcknowledged((entries) => {
      for (const { kind, caseId, result } of entries) {
        if (kind === 'case' && caseId !== null && result !== 'quarantined') {
          this.#visit.tell({ type: 'district.acknowledged', case: caseId });
        }
      }
    });
    this.#engine.start();
    this.#checkRoom();
    this.#erase(cases, serverTime);
  }

  /** One call of the screen; its effects come as events. */
  call(name: string, input: unknown): CallAnswer {
    const event = readCall(name, input);
    if (!event.ok) return notTaken(event.error);
    if (event.value.type === 'screen.ready') {
      this.#pushTerminal();
      this.#visit.refresh();
      return TAKEN;
    }
    if (event.value.type === 'visit.begin' && !this.#checkRoom()) return notTaken('out-of-service');
    return this.#visit.call(event.value);
  }

  get snapshot(): TerminalSnapshot {
    const { estates: _, ...community } = this.#o.configuration.community;
    const { network, state, unsynced } = this.#engine.status;
    const full = { why: 'disk-full', detail: 'only the reserve is left on the disk' } as const;
    return {
      health: healthOf({
        outOfService: this.#hasRoom ? null : full,
        states: this.#devices.states,
        sync: state,
        items: this.#offered.content.items,
      }),
      community,
      network,
      unsynced,
    };
  }

  /** Ends the visit, wipes, and closes every part in the order in which they need each other. */
  async stop(): Promise<void> {
    this.#cancelErase();
    this.#visit.stop();
    await Promise.all([this.#engine.stop(), this.#devices.close(), this.#typst.close()]);
    await this.#prints.idle();
    this.#cancelRoom();
    this.#journal.close();
    this.#store.close();
    this.#lock.release();
  }

  #pushTerminal(): void {
    this.#o.screen({ event: 'terminal', terminal: this.snapshot });
  }

  /** Nobody starts what could not be handed in. */
  #checkRoom(): boolean {
    const hasRoom = this.#store.hasRoom();
    if (hasRoom !== this.#hasRoom) {
      this.#hasRoom = hasRoom;
      this.#pushTerminal();
      // A screen that was out of service has let go of the visit.
      this.#visit.refresh();
    }
    this.#cancelRoom();
    if (!hasRoom) this.#cancelRoom = this.#o.timers.after(ROOM_AGAIN_MS, () => this.#checkRoom());
    return hasRoom;
  }

  /** Nothing is erased before the district itself has told its time: a wrong clock may seem a lifetime late. */
  #erase(cases: Cases, serverTime: ServerTime): void {
    const { heard } = serverTime;
    if (heard) this.#written(() => cases.eraseExpired(serverTime.now(this.#o.clock)));
    const waitMs = heard ? ERASE_EVERY_MS : HEARD_AGAIN_MS;
    this.#cancelErase = this.#o.timers.after(waitMs, () => this.#erase(cases, serverTime));
  }

  #written(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'store.not-written', code: error.code });
    }
  }
}

interface Parts {
  readonly catalogue: Extract<ReturnType<typeof loadCatalogue>, { ok: true }>['value'];
  readonly identity: Extract<ReturnType<typeof readIdentity>, { ok: true }>['value'];
  readonly store: Store;
  readonly lock: StoreLock;
  readonly vault: Extract<ReturnType<typeof openTerminalData>, { ok: true }>['value']['vault'];
  readonly serverTime: ServerTime;
  readonly journal: Journal;
}

/** What was judged to be wrong with the store stays so until a person has decided. */
function notOpened({ code, detail, remedy }: StoreError | VaultError | IdentityError | JournalError): NotOpened {
  const why = code === 'store-failed' || code === 'foreign-journal' ? 'store-damaged' : code;
  const judged = code === 'store-damaged' || code === 'store-newer' || code === 'foreign-journal';
  return { why, detail: `${detail}; ${remedy}`, mayPass: !judged };
}

/** Name and version, for the district. */
function software(): string {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${name} ${version}`;
}
