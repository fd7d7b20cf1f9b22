import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '#contract/configuration.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import type { AuditEventName } from './audit-events.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { GatewayTrust } from './identity/gateway-trust.ts';
import { type IdentityError, type OwnIdentity, readIdentity, type StoredIdentity } from './identity/identity.ts';
import { CaseDesk } from './intake/case-desk.ts';
import { Compaction, type CompactionOptions } from './journal/compaction.ts';
import { Journal, type JournalError } from './journal/journal.ts';
import { Outbox } from './journal/outbox.ts';
import { type Component, forComponent, type Log } from './log/log.ts';
import { Materials } from './materials/materials.ts';
import { PrintDesk, type PrintDeskOptions } from './print/print-desk.ts';
import { fromBase64Url } from './sealing/base64url.ts';
import type { VaultError } from './sealing/vault.ts';
import { Audit } from './store/audit.ts';
import { Cases } from './store/cases.ts';
import { type StoreError, StoreWriteError, storeError } from './store/errors.ts';
import { lockStore, type StoreLock } from './store/lock.ts';
import { openTerminalData, STORE_FILE, type TerminalData } from './store/open.ts';
import { PrintJobs } from './store/print-jobs.ts';
import type { Store } from './store/store.ts';
import { Downlink } from './sync/downlink.ts';
import { SyncEngine, type SyncOptions } from './sync/engine.ts';
import { KeyChange } from './sync/key-change.ts';
import { KeyNews } from './sync/key-news.ts';
import { storedServerTime } from './sync/server-time.ts';
import { Uplink } from './sync/uplink.ts';
import type { Clock, Timers } from './time/clock.ts';
import type { Random } from './time/random.ts';
import { districtClock, type ServerTime } from './time/server-time.ts';

export interface RecordsOptions {
  readonly folders: { readonly etc: string; readonly data: string };
  /** What the configuration asks for; the identity has to be of it. */
  readonly suite: Suite;
  /** As {@link KeyChangeOptions.keyDays}. */
  readonly keyDays?: number;
  /** The installed package; entries name its version. */
  readonly catalogue: Catalogue;
  /** The machine's own. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export type RecordsError = IdentityError | StoreError | VaultError | JournalError;

/**
 * What a terminal keeps, and those who write it down and carry it to the district, each wired to the others in one place. No
 * device, screen or template belongs to it: whoever has them hands them in.
 */
export class Records {
  readonly identity: OwnIdentity;
  readonly store: Store;
  readonly cases: Cases;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly materials: Materials;
  readonly keyChange: KeyChange;
  readonly audit: Audit<AuditEventName>;
  readonly serverTime: ServerTime;
  /** For all but the journal and the way to the district, which live by the machine's own and tell the offset with it. */
  readonly clock: Clock;
  readonly #o: RecordsOptions;
  readonly #data: TerminalData;
  readonly #lock: StoreLock;

  /** Opens the store of an enrolled terminal, which nobody else may have open, and its journal. */
  static async open(o: RecordsOptions): Promise<Result<Records, RecordsError>> {
    const identity = readIdentity(o.folders.etc, o.suite);
    if (!identity.ok) return identity;
    const lock = lockStore(join(o.folders.data, STORE_FILE));
    if (!lock.ok) return lock;
    const records = await Records.#openLocked(o, identity.value, lock.value);
    if (!records.ok) lock.value.release();
    return records;
  }

  static async #openLocked(
    o: RecordsOptions,
    identity: StoredIdentity,
    lock: StoreLock,
  ): Promise<Result<Records, RecordsError>> {
    const data = openTerminalData({ ...o, log: forComponent(o.log, 'store') });
    if (!data.ok) return data;
    const { store } = data.value;
    const serverTime = storedServerTime(store);
    const journal = await Journal.open({
      ...o,
      store,
      serverTime,
      terminal: identity.terminalId,
      district: {
        suite: identity.suite,
        id: identity.districtKeyId,
        publicKey: fromBase64Url(identity.districtKey),
      },
      catalogue: o.catalogue.version,
    }).catch((error: unknown) => {
      if (!(error instanceof StoreWriteError)) throw error;
      return err(storeError(error));
    });
    if (!journal.ok) {
      store.close();
      return journal;
    }
    return ok(new Records(o, { identity, data: data.value, journal: journal.value, serverTime, lock }));
  }

  private constructor(
    o: RecordsOptions,
    parts: { identity: StoredIdentity; data: TerminalData; journal: Journal; serverTime: ServerTime; lock: StoreLock },
  ) {
    const { data, identity, journal, lock, serverTime } = parts;
    const { store } = data;
    this.#o = o;
    this.#data = data;
    this.#lock = lock;
    this.identity = identity;
    this.store = store;
    this.journal = journal;
    this.serverTime = serverTime;
    this.clock = districtClock(o.clock, serverTime);
    this.cases = new Cases(store, data.vault);
    this.outbox = new Outbox({ store, clock: this.clock, terminal: identity.terminalId, suite: identity.suite });
    this.materials = new Materials({
      store,
      folder: join(o.folders.data, 'materials'),
      terminal: identity.terminalId,
      suite: identity.suite,
      random: o.random,
      log: this.#log('store'),
    });
    this.materials.removeOrphans();
    this.audit = new Audit<AuditEventName>(store, this.clock);
    this.keyChange = new KeyChange({
      ...o,
      etc: o.folders.etc,
      keys: identity.keys,
      store,
      audit: this.audit,
      serverTime,
      log: this.#log('sync'),
    });
  }

  printDesk(o: Pick<PrintDeskOptions, 'receiptPrinter' | 'documentPrinter' | 'sheets'>): PrintDesk {
    const { journal, audit, store } = this;
    const jobs = new PrintJobs(store, this.#data.vault, this.clock);
    return new PrintDesk({ ...o, store, jobs, journal, audit, random: this.#o.random, log: this.#log('print') });
  }

  caseDesk(o: { prints: PrintDesk; community: Configuration['community'] }): CaseDesk {
    const { cases, clock, identity, journal, outbox, store } = this;
    const { catalogue, random } = this.#o;
    return new CaseDesk({
      ...o,
      store,
      cases,
      journal,
      catalogue,
      identity,
      get key() {
        return identity.key;
      },
      isWithdrawn: () => outbox.withdrawn,
      clock,
      random,
      log: this.#log('visit'),
    });
  }

  /** The way to the district; it hears of every entry that is appended from now on. */
  engine(
    o: Pick<SyncOptions, 'gateway' | 'startSpreadMs' | 'dispatcher'> & {
      /** How each device is, by its name (R36). */
      devices: () => Record<string, string>;
      /** Hears that an alert, or the end of one, has just been kept. */
      alertsKept?: () => void;
    },
  ): SyncEngine {
    const { devices, alertsKept = () => undefined, ...way } = o;
    const { clock, timers, random, catalogue } = this.#o;
    const { audit, identity, journal, keyChange, materials, outbox, serverTime, store } = this;
    const { etc } = this.#o.folders;
    const { suite, gatewayKey } = identity;
    const trust = new GatewayTrust({ etc, suite, gatewayKey, store, now: () => serverTime.now(clock) });
    const keyNews = new KeyNews({ etc, identity, trust, journal, store, audit, clock, log: this.#log('sync') });
    const down = new Downlink({
      store,
      journal,
      audit,
      packages: join(this.#o.folders.data, 'packages'),
      catalogue: catalogue.version,
      clock,
      serverTime,
      idleSeconds: way.gateway.idleSeconds,
      alertsKept,
      log: this.#log('sync'),
    });
    const up = new Uplink({
      store,
      materials,
      epoch: () => outbox.epoch,
      clock,
      idleSeconds: way.gateway.idleSeconds,
      log: this.#log('sync'),
    });
    const engine = new SyncEngine({
      ...way,
      up,
      down,
      keyChange,
      keyNews,
      trust,
      identity,
      outbox,
      serverTime,
      clock,
      timers,
      random,
      log: this.#log('sync'),
      software: software(),
      health: () => ({ catalogue: catalogue.version, devices: devices(), diskFreeBytes: store.freeBytes() }),
    });
    this.journal.onAppend(() => engine.poke());
    return engine;
  }

  /** Lets old bodies go; it has to be started. */
  compaction(o: Pick<CompactionOptions, 'horizonDays' | 'isIdle'> & { engine: SyncEngine }): Compaction {
    const { engine, ...rules } = o;
    const { clock, timers } = this.#o;
    const { serverTime, store } = this;
    return new Compaction({
      ...rules,
      store,
      timers,
      log: this.#log('journal'),
      // A district that was restored first asks for what it has lost.
      districtTime: () => (engine.network === 'online' && serverTime.heard ? serverTime.now(clock) : null),
    });
  }

  /** After everyone who writes has stopped. */
  close(): void {
    this.journal.close();
    this.store.close();
    this.#lock.release();
  }

  #log(component: Component): Log {
    return forComponent(this.#o.log, component);
  }
}

/** Name and version, for the district. */
function software(): string {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${name} ${version}`;
}
