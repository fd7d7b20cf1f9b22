import { resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import type { EntryAnswer } from '#contract/wire.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import type { OwnIdentity } from '#main/service/identity/identity.ts';
import { CaseDesk } from '#main/service/intake/case-desk.ts';
import { Journal } from '#main/service/journal/journal.ts';
import { type Acknowledged, type Batch, Outbox } from '#main/service/journal/outbox.ts';
import { silentLog } from '#main/service/log/log.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { Vault } from '#main/service/sealing/vault.ts';
import { Cases } from '#main/service/store/cases.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { Store } from '#main/service/store/store.ts';
import { SyncEngine } from '#main/service/sync/engine.ts';
import { storedServerTime } from '#main/service/sync/server-time.ts';
import { type Clock, type Timers } from '#main/service/time/clock.ts';
import type { Random } from '#main/service/time/random.ts';
import type { TerminalMutant } from './mutants.ts';

const loaded = loadCatalogue(resolve('image/catalogue'));
if (!loaded.ok) throw new Error(loaded.error.detail);
const catalogue = loaded.value;

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
  readonly identity: OwnIdentity;
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

  override answer(answers: readonly (EntryAnswer & { result: 'stored' | 'duplicate' | 'quarantined' })[]) {
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
}

/** One run of a terminal's service, as far as cases and their way to the district go. */
export interface Service {
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: SyncEngine;
  readonly desk: CaseDesk;
}

/** Starts the service on a disk. @throws Error when it refuses the disk. */
export async function startService(o: ServiceOptions): Promise<Service> {
  const { clock, timers, random, identity, machine, mutant } = o;
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
  const outbox = new OwnedOutbox({ store, clock, terminal, suite, machine, mutant });
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
    clock,
    random,
    log,
    key: identity.key,
    isWithdrawn: () => outbox.withdrawn,
  });
  engine.start();
  return { store, journal: journal.value, engine, desk };
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
