import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import type { Suite } from '#contract/suite.ts';
import type { AuditEventName } from '#main/service/audit-events.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { readIdentity, type StoredIdentity } from '#main/service/identity/identity.ts';
import { keyFile } from '#main/service/identity/own-keys.ts';
import { CaseDesk } from '#main/service/intake/case-desk.ts';
import type { Acknowledged, FinalAnswer } from '#main/service/journal/answers.ts';
import { Compaction } from '#main/service/journal/compaction.ts';
import { Journal } from '#main/service/journal/journal.ts';
import { type Batch, Outbox } from '#main/service/journal/outbox.ts';
import { silentLog } from '#main/service/log/log.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { Vault } from '#main/service/sealing/vault.ts';
import { Audit } from '#main/service/store/audit.ts';
import { Cases } from '#main/service/store/cases.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { Store } from '#main/service/store/store.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { KeyChange } from '#main/service/sync/key-change.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { type Clock, type Timers } from '#main/service/time/clock.ts';
import type { Random } from '#main/service/time/random.ts';
import { districtClock } from '#main/service/time/server-time.ts';
import type { TerminalMutant } from './mutants.ts';

const loaded = loadCatalogue(resolve('image/catalogue'));
if (!loaded.ok) throw new Error(loaded.error.detail);
const catalogue = loaded.value;

/** How far back the district's backups reach, in days. */
export const HORIZON_DAYS = 35;
/** Compaction looks so much more often than outside: a world lives for minutes. */
const HASTE = 40;

/** Ten digits of free bytes: the disk has room. */
const ROOMY = 9_999_999_999;

/** What the disk and the machine below a service do to it. */
export interface Machine {
  /** Runs a write of the engine; it may refuse it, or lose its power in the middle. */
  write<T>(work: () => T): T;
  /** Work outside of the thread begins. @returns a function that ends it */
  begun(): () => void;
  isFull(): boolean;
}

export interface ServiceOptions {
  readonly folder: string;
  readonly suite: Suite;
  readonly idleSeconds: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly machine: Machine;
  readonly dispatcher: Dispatcher;
  readonly onAcknowledged: (entries: readonly Acknowledged[]) => void;
  readonly mutant: TerminalMutant | null;
}

/** The outbox on a disk and a machine that the simulation owns. */
class OwnedOutbox extends Outbox {
  readonly #machine: Machine;
  readonly #mutant: TerminalMutant | null;
  #bridges = false;

  constructor(o: ConstructorParameters<typeof Outbox>[0] & { machine: Machine; mutant: TerminalMutant | null }) {
    super(o);
    this.#machine = o.machine;
    this.#mutant = o.mutant;
  }

  override next(maxEntries: number, maxBytes: number, after?: number): Batch | null {
    const batch = super.next(maxEntries, maxBytes, after);
    if (batch && this.#mutant === 'delivered-without-an-answer') {
      const { incarnation } = batch;
      super.answer([...batch.seqs].map((seq) => ({ incarnation, seq, result: 'stored' as const })));
    }
    return batch;
  }

  override answer(answers: readonly FinalAnswer[]) {
    return this.#machine.write(() => super.answer(answers));
  }

  override async rewind(incarnation: number, seq: number): Promise<number> {
    if (this.#mutant === 'never-rewinds') return 0;
    const ended = this.#machine.begun();
    try {
      return await super.rewind(incarnation, seq);
    } finally {
      ended();
    }
  }

  override async beginIncarnation(incarnation: number): Promise<number> {
    const ended = this.#machine.begun();
    try {
      // All but a long backlog is written before it waits for anything.
      return await this.#machine.write(() => super.beginIncarnation(incarnation));
    } finally {
      ended();
    }
  }

  override get isBlocked(): boolean {
    this.#bridges = true;
    const isBlocked = super.isBlocked;
    this.#bridges = false;
    return isBlocked;
  }

  override get lost(): Outbox['lost'] {
    return this.#mutant === 'hides-what-is-lost' && !this.#bridges ? [] : super.lost;
  }

  override get withdrawn(): boolean {
    return this.#mutant !== 'forgets-that-it-was-withdrawn' && super.withdrawn;
  }

  override set withdrawn(withdrawn: boolean) {
    super.withdrawn = withdrawn;
  }
}

/** One run of a terminal's service, as far as cases and their way to the district go. */
export interface Service {
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: SyncEngine;
  readonly desk: CaseDesk;
  readonly identity: StoredIdentity;
  readonly keyChange: KeyChange;
}

/** Starts the service on a disk. @throws Error when it refuses the disk. */
export async function startService(o: ServiceOptions): Promise<Service> {
  const { clock, timers, random, machine, mutant } = o;
  const identity = identityOn(o);
  const file = `${o.folder}/${STORE_FILE}`;
  const log = silentLog();
  const vault = Vault.open({ etc: o.folder, storeFile: file, random });
  if (!vault.ok) throw new Error(vault.error.detail);
  const opened = Store.open({ file, clock, timers, log, freeBytes: () => (machine.isFull() ? 2_000_000 : ROOMY) });
  if (!opened.ok) throw new Error(opened.error.detail);
  const store = opened.value;
  if (mutant === 'commits-not-synced') store.db.pragma('synchronous = NORMAL');
  const serverTime = storedServerTime(store);
  const terminal = identity.terminalId;
  const { suite } = identity;
  const district = { suite, id: identity.districtKeyId, publicKey: fromBase64Url(identity.districtKey) };
  const journal = await Journal.open({
    store,
    clock,
    timers,
    random,
    serverTime,
    terminal,
    district,
    catalogue: catalogue.version,
  });
  if (!journal.ok) throw new Error(journal.error.detail);
  const ownClock = districtClock(clock, serverTime);
  const outbox = new OwnedOutbox({ store, clock: ownClock, terminal, suite, machine, mutant });
  const keyChange = new KeyChange({
    etc: o.folder,
    keys: identity.keys,
    store: {
      meta: (key) => store.meta(key),
      setMeta: (key, value) => store.setMeta(key, value),
      transaction: (work) => machine.write(() => store.transaction(work)),
    },
    audit: new Audit<AuditEventName>(store, ownClock),
    serverTime,
    clock: ownClock,
    log,
  });
  const engine = new SyncEngine({
    identity,
    outbox,
    serverTime,
    clock,
    timers,
    random,
    log,
    gateway: { url: 'http://gateway', idleSeconds: o.idleSeconds },
    software: 'yichuang 0.1.0',
    health: () => ({ catalogue: catalogue.version, devices: {}, diskFreeBytes: 1 }),
    dispatcher: o.dispatcher,
    keyChange,
  });
  engine.onAcknowledged(o.onAcknowledged);
  journal.value.onAppend(() => engine.poke());
  const append = journal.value.append.bind(journal.value);
  const desk = new CaseDesk({
    store,
    cases: new Cases(store, vault.value),
    journal: mutant === 'numbers-without-incarnation' ? { append, incarnation: 1 } : journal.value,
    // Nothing is printed here.
    prints: { plan: () => random.uuid(), start: () => undefined },
    catalogue,
    community,
    identity,
    clock: ownClock,
    random,
    log,
    get key() {
      return identity.key;
    },
    isWithdrawn: () => outbox.withdrawn,
  });
  engine.start();
  const haste: Timers = { after: (ms, work) => timers.after(ms / HASTE, work) };
  new Compaction({
    store,
    timers: mutant === 'lets-go-of-what-waits' ? lettingGoOfAll(store, haste) : haste,
    log,
    horizonDays: mutant === 'lets-go-too-early' ? HORIZON_DAYS / 5 : HORIZON_DAYS,
    districtTime: () => (engine.network === 'online' && serverTime.heard ? serverTime.now(clock) : null),
    isIdle: () => true,
  }).start();
  return { store, journal: journal.value, engine, desk, identity, keyChange };
}

/** Who this terminal is, as its disk says. */
function identityOn({ folder, mutant, suite }: ServiceOptions): StoredIdentity {
  if (mutant === 'forgets-the-former-key') rmSync(keyFile(folder, suite, 'former'), { force: true });
  const identity = readIdentity(folder, suite);
  if (!identity.ok) throw new Error(identity.error.detail);
  return identity.value;
}

/** A mutant's timers: with each look everything goes that nobody has answered for. */
function lettingGoOfAll(store: Store, timers: Timers): Timers {
  const work = () => store.db.exec("UPDATE entry SET body = x'', compacted_at = wall WHERE answer IS NULL");
  return {
    after: (ms, look) =>
      timers.after(ms, () => {
        work();
        look();
      }),
  };
}

const name = { zh: '测试里社区', en: 'Ceshili Community' };
const community = {
  street: name,
  name,
  desk: name,
  phone: '022-5550 0107',
  opens: '09:00',
  closes: '17:30',
  estates: [{ id: 'ceshili', name }],
};

/** What an invented person hands in. */
export function application(): Parameters<CaseDesk['submit']>[0] {
  const [item] = catalogue.content.items;
  if (!item) throw new Error('the catalogue has no item');
  return {
    item,
    card: {
      kind: 'resident',
      name: '试秀兰',
      sex: '2',
      nation: '01',
      birth: '1950-02-28',
      address: '天津市河西区示例路1号示例小区2号楼3门401号',
      authority: '天津市公安局河西分局',
      number: '120103195002280021',
      validFrom: '2012-03-15',
      validTo: 'long-term',
    },
    answers: { phone: '13800001234', residence: 'as-on-card', tenure: 'owned', purpose: 'school' },
    signature: { height: 400, strokes: [[100, 100, 0, 300, 200, 16]] },
    language: 'zh',
  };
}
