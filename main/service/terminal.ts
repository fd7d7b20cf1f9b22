import type { CallAnswer, CallInput, ScreenEvent } from '#contract/calls.ts';
import type { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { OutOfService, TerminalSnapshot } from '#contract/terminal.ts';
import { Alerts } from './alerts/alerts.ts';
import { hearAsks } from './asks.ts';
import { type Catalogue, loadCatalogue, offered } from './catalogue/catalogue.ts';
import { DeviceWatch, type OpenDevices } from './devices/devices.ts';
import { healthOf, unavailable, WITHDRAWN_REMEDY } from './devices/health.ts';
import { Typst } from './documents/typst.ts';
import type { Compaction } from './journal/compaction.ts';
import { type Component, forComponent, type Log } from './log/log.ts';
import type { PrintDesk } from './print/print-desk.ts';
import { Records, type RecordsError } from './records.ts';
import { Speech } from './speech/speech.ts';
import { StaffDoor } from './staff/sign-in.ts';
import { StoreWriteError } from './store/errors.ts';
import { Tickets } from './store/tickets.ts';
import type { SyncEngine } from './sync/engine.ts';
import { type Clock, localDay, type Timers } from './time/clock.ts';
import type { Random } from './time/random.ts';
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
  readonly #records: Records;
  readonly #devices: DeviceWatch;
  readonly #engine: SyncEngine;
  readonly #alerts: Alerts;
  readonly #offered: Catalogue;
  readonly #typst: Typst;
  readonly #prints: PrintDesk;
  readonly #visit: Visit;
  readonly #speech: Speech;
  readonly #compaction: Compaction;
  #stopHearing: () => void = () => undefined;
  #cancelErase: () => void = () => undefined;
  #cancelRoom: () => void = () => undefined;
  #hasRoom = true;

  /** Opens everything that serving needs, or says why nobody can be served. */
  static async open(o: TerminalOptions): Promise<Result<Terminal, NotOpened>> {
    const { folders, catalogue: folder, gateway } = o.configuration;
    const catalogue = loadCatalogue(folder);
    if (!catalogue.ok) return err({ why: 'catalogue', detail: catalogue.error.detail, mayPass: true });
    const records = await Records.open({
      ...o,
      folders,
      suite: gateway.suite,
      keyDays: gateway.keyDays,
      catalogue: catalogue.value,
    });
    return records.ok ? ok(new Terminal(o, catalogue.value, records.value)) : err(notOpened(records.error));
  }

  private constructor(o: TerminalOptions, catalogue: Catalogue, records: Records) {
    const { configuration, random, timers } = o;
    const { audit, clock, journal, outbox, store } = records;
    const { community } = configuration;
    const logFor = (component: Component) => forComponent(o.log, component);
    this.#o = o;
    this.#records = records;
    const devices = o.openDevices(configuration.devices, { timers, log: logFor('devices') });
    this.#devices = new DeviceWatch(devices);
    this.#offered = offered(catalogue, () => localDay(clock.wall()));
    this.#typst = new Typst(catalogue.templates);
    const prints = records.printDesk({ ...devices, sheets: this.#typst });
    this.#prints = prints;
    this.#engine = records.engine({
      gateway: configuration.gateway,
      devices: () => this.#devices.summary,
      alertsKept: () => this.#alerts.look(),
    });
    this.#alerts = new Alerts({
      store,
      now: () => records.serverTime.now(clock),
      timers,
      changed: (arrived) => {
        this.#pushTerminal();
        if (arrived) o.screen({ event: 'sound', sound: 'alert' });
        this.#visit.tell({ type: 'alerts.changed' });
        this.#visit.refresh();
      },
    });
    this.#speech = new Speech({ ...configuration.speech, timers, log: logFor('speech') });
    this.#visit = new Visit({
      ports: {
        clock,
        timers,
        random,
        catalogue: this.#offered,
        community,
        reader: devices.idCard,
        scanner: devices.scanner ?? null,
        cases: records.caseDesk({ prints, community }),
        prints,
        staff: new StaffDoor(configuration.staff, clock),
        help: new HelpDesk({ store, tickets: new Tickets(store), journal, clock, random, log: logFor('visit') }),
        readerState: () => devices.idCard.state,
        unavailable: (item) =>
          outbox.withdrawn ? 'withdrawn' : unavailable(item, this.#devices.states, this.#engine.network),
        graveAlerts: () => this.#alerts.grave,
        screen: (event) => {
          // What was said may be personal.
          if (event.event === 'wiped') this.#speech.forget();
          o.screen(event);
        },
      },
      audit: (events) => this.#written(() => store.transaction(() => events.forEach((event) => audit.record(event)))),
      changed: (visit) => {
        o.screen({ event: 'visit', visit });
        // Whoever was there when the terminal was withdrawn comes to an end; nobody comes after.
        if (outbox.withdrawn && visit.step.at === 'attract') this.#pushTerminal();
      },
      failed: o.failed,
    });
    this.#compaction = records.compaction({
      engine: this.#engine,
      horizonDays: configuration.gateway.backupHorizonDays,
      isIdle: () => this.#visit.isIdle,
    });

    // What did not come out before a crash or a power cut is nobody's to take now (R25).
    prints.hold();
    prints.onChange((change) => this.#visit.tell({ type: 'print.changed', change }));
    this.#devices.onChange(() => {
      this.#pushTerminal();
      this.#visit.refresh();
    });
    let shown = this.#engine.status;
    this.#engine.onChange((status) => {
      const before = shown;
      shown = status;
      this.#pushTerminal();
      if (status.withdrawn !== before.withdrawn) this.#auditStanding(status.withdrawn);
      if (status.withdrawn !== before.withdrawn || status.network !== before.network) this.#visit.refresh();
    });
    this.#engine.onAcknowledged((entries) => {
      for (const { kind, caseId, result } of entries) {
        if (kind === 'case' && caseId !== null && result !== 'quarantined') {
          this.#visit.tell({ type: 'district.acknowledged', case: caseId });
        }
      }
    });
    this.#engine.start();
    this.#compaction.start();
    this.#stopHearing = hearAsks(configuration.folders.run, {
      answers: {
        'send-now': () => this.#engine.sendNow(),
        'sync-status': () => this.#engine.status,
        'rotate-key': () => {
          const begun = records.keyChange.begin('asked');
          this.#engine.sendNow();
          return begun;
        },
      },
      log: logFor('sync'),
    });
    this.#checkRoom();
    this.#erase();
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
    if (event.value.type === 'speech.say') return this.#say(event.value);
    if (event.value.type === 'visit.begin' && (this.#records.outbox.withdrawn || !this.#checkRoom())) {
      return notTaken('out-of-service');
    }
    return this.#visit.call(event.value);
  }

  #say({ id, language, words }: CallInput<'speech.say'>): CallAnswer {
    if (this.#visit.snapshot.display.speech === 'off') return notTaken('not-now');
    void this.#speech.say(language, words).then((sound) => this.#o.screen({ event: 'speech', id, sound }));
    return TAKEN;
  }

  get snapshot(): TerminalSnapshot {
    const { estates: _, ...community } = this.#o.configuration.community;
    const { network, unsynced, ...district } = this.#engine.status;
    return {
      health: healthOf({
        outOfService: this.#outOfService(district.withdrawn),
        states: this.#devices.states,
        district,
        items: this.#offered.content.items,
      }),
      community,
      network,
      unsynced,
      alerts: this.#alerts.current,
    };
  }

  /** Ends the visit, wipes, and closes every part in the order in which they need each other. */
  async stop(): Promise<void> {
    this.#stopHearing();
    this.#alerts.stop();
    this.#compaction.stop();
    this.#cancelErase();
    this.#visit.stop();
    this.#speech.forget();
    await Promise.all([this.#engine.stop(), this.#devices.close(), this.#typst.close()]);
    await this.#prints.idle();
    this.#cancelRoom();
    this.#records.close();
  }

  #outOfService(withdrawn: boolean): OutOfService | null {
    if (!this.#hasRoom) return { why: 'disk-full', detail: 'only the reserve is left on the disk' };
    return withdrawn && this.#visit.isIdle ? { why: 'withdrawn', detail: WITHDRAWN_REMEDY } : null;
  }

  #auditStanding(withdrawn: boolean): void {
    const event = withdrawn ? 'terminal.withdrawn' : 'terminal.readmitted';
    this.#written(() => this.#records.audit.record({ event, subject: '' }));
  }

  #pushTerminal(): void {
    this.#o.screen({ event: 'terminal', terminal: this.snapshot });
  }

  /** Nobody starts what could not be handed in. */
  #checkRoom(): boolean {
    const hasRoom = this.#records.store.hasRoom();
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
  #erase(): void {
    const { cases, materials, serverTime, store } = this.#records;
    this.#written(() => materials.sweep());
    const { heard } = serverTime;
    if (heard) {
      const now = serverTime.now(this.#o.clock);
      this.#written(() => cases.eraseExpired(now));
      store.forgetCopies(now);
    }
    const waitMs = heard ? ERASE_EVERY_MS : HEARD_AGAIN_MS;
    this.#cancelErase = this.#o.timers.after(waitMs, () => this.#erase());
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

/** What was judged to be wrong with the store stays so until a person has decided. */
function notOpened({ code, detail, remedy }: RecordsError): NotOpened {
  const why = code === 'store-failed' || code === 'foreign-journal' ? 'store-damaged' : code;
  const judged = code === 'store-damaged' || code === 'store-newer' || code === 'foreign-journal';
  return { why, detail: `${detail}; ${remedy}`, mayPass: !judged };
}
