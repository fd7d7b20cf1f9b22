import Database from 'better-sqlite3';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { ok, unreachable } from '#contract/result.ts';
import type { Suite } from '#contract/suite.ts';
import { ADMISSION, Admission } from '#gateway/http/admission.ts';
import { gatewayApp } from '#gateway/http/app.ts';
import type { DistrictKeys } from '#gateway/identity/district.ts';
import type { GatewayKeys } from '#gateway/identity/keys.ts';
import { intake } from '#gateway/intake/intake.ts';
import type { DistrictOpeners } from '#gateway/intake/unseal.ts';
import { Metrics } from '#gateway/metrics/metrics.ts';
import { openSqliteIntake, openSqliteStore } from '#gateway/store/sqlite.ts';
import type { GatewayStore, IntakeStore } from '#gateway/store/store.ts';
import type { Disks } from './disk.ts';
import type { GatewayMutant } from './mutants.ts';
import type { Letter, Reply } from './network.ts';

export interface GatewayOptions {
  readonly disks: Disks;
  readonly keys: GatewayKeys;
  readonly districts: DistrictKeys;
  readonly openers: Readonly<Record<Suite, DistrictOpeners>>;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly mutant: GatewayMutant | null;
}

/** One run of the gateway on a disk. */
interface Running {
  readonly app: FastifyInstance;
  readonly store: GatewayStore;
  readonly intakeStore: IntakeStore;
  /** For the checks, which read the tables themselves. */
  readonly reader: Database.Database;
}

const FILE = 'gateway.sqlite';

/** The district's gateway: the real routes over the real store, on a disk that can be copied, and a machine that can be killed. */
export class SimulatedGateway {
  readonly #o: GatewayOptions;
  #folder: string;
  #running: Running | null = null;
  #backup: string | null = null;
  /** The disk before the last commit, for a gateway that answers before it. */
  #before: string | null = null;

  constructor(o: GatewayOptions) {
    this.#o = o;
    this.#folder = o.disks.fresh();
  }

  get isUp(): boolean {
    return this.#running !== null;
  }

  /** The tables as they stand. @throws Error while it is down. */
  get tables(): Database.Database {
    return this.#up().reader;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    const { keys, districts, now, newId, mutant } = this.#o;
    const path = `${this.#folder}/${FILE}`;
    const opened = openSqliteStore(path, { newEpoch: newId, missing: 'create' });
    const store = mutant === null ? opened : mutated(opened, mutant);
    const { app } = gatewayApp({
      store,
      keys,
      district: (suite) => districts[suite],
      now,
      newId,
      log: pino({ level: 'silent' }),
      admission: new Admission(ADMISSION),
      retryAfterS: () => 1,
      onBatch: () => undefined,
      health: null,
      metrics: new Metrics(),
    });
    await app.ready();
    this.#running = {
      app,
      store,
      intakeStore: openSqliteIntake(path, { newEpoch: newId, missing: 'refuse' }),
      reader: new Database(path, { readonly: true }),
    };
  }

  /** Registers a terminal's key, as a provisioning file does. */
  async enrol(
    region: string,
    terminal: { readonly id: string; readonly suite: Suite; readonly publicKey: string },
  ): Promise<{ code: string; epoch: string }> {
    const { store } = this.#up();
    const result = await store.register(region, { ...terminal, at: this.#o.now() });
    if (!result.ok) throw new Error(result.error);
    return { code: result.value.code, epoch: await store.epoch() };
  }

  /** Takes a terminal's right away, or gives it back. */
  async setRight(terminal: string, right: 'revoke' | 'readmit'): Promise<void> {
    await this.#up().store[right](terminal);
  }

  async answer({ method, path, headers, body }: Letter): Promise<Reply> {
    if (this.#o.mutant === 'answers-before-commit') {
      if (this.#before !== null) this.#o.disks.drop(this.#before);
      this.#before = this.#o.disks.copy(this.#folder);
    }
    const answer = await this.#up().app.inject({
      method: method as 'GET' | 'POST',
      url: path,
      headers,
      ...(body === null ? {} : { payload: Buffer.from(body) }),
    });
    const given = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
    return { status: answer.statusCode, headers: Object.fromEntries(given), body: answer.rawPayload };
  }

  /** The intake worker's turn. */
  async workIntake(): Promise<void> {
    const { openers, now } = this.#o;
    const worker = intake({ store: this.#up().intakeStore, districts: openers, now });
    await worker.drain(new AbortController().signal);
  }

  /** Ends it without a word; what was committed is on the disk. */
  async crash(): Promise<void> {
    if (!this.#running) return;
    const left = this.#before ?? this.#o.disks.copy(this.#folder);
    this.#before = null;
    await this.#leave();
    this.#folder = left;
  }

  backUp(): void {
    if (this.#backup !== null) this.#o.disks.drop(this.#backup);
    this.#backup = this.#o.disks.copy(this.#folder);
  }

  /** Brings the last backup back, as a new epoch; it is down afterwards. */
  async restore(epoch: string): Promise<void> {
    if (this.#backup === null) throw new Error('there is no backup');
    await this.#leave();
    this.#folder = this.#o.disks.copy(this.#backup);
    const db = new Database(`${this.#folder}/${FILE}`);
    db.prepare("UPDATE facts SET value = ? WHERE name = 'epoch'").run(epoch);
    db.close();
  }

  async close(): Promise<void> {
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.app.close();
    running?.reader.close();
    await running?.intakeStore.close();
    await running?.store.close();
    this.#o.disks.drop(this.#folder);
  }

  #up(): Running {
    if (!this.#running) throw new Error('the gateway is down');
    return this.#running;
  }
}

function mutated(store: GatewayStore, mutant: GatewayMutant): GatewayStore {
  const append: GatewayStore['append'] = async (terminal, items, at) => {
    const answers = await store.append(terminal, items, at);
    switch (mutant) {
      case 'answers-before-commit':
        return answers;
      case 'keeps-twice':
        await store.append(
          terminal,
          items.map((item) => ({ ...item, incarnation: item.incarnation + 50 })),
          at,
        );
        return answers;
      case 'held-is-stored':
        return answers.map((answer) => (answer.result === 'held' ? { ...answer, result: 'stored' } : answer));
      case 'answers-the-revoked':
      case 'key-not-kept':
        return answers;
      default:
        return unreachable(mutant);
    }
  };
  const terminal: GatewayStore['terminal'] = async (id) => {
    const known = await store.terminal(id);
    return known && mutant === 'answers-the-revoked' ? { ...known, state: 'active' } : known;
  };
  const changeKey: GatewayStore['changeKey'] =
    mutant === 'key-not-kept' ? async () => ok() : (...given) => store.changeKey(...given);
  return { ...store, append, terminal, changeKey };
}
