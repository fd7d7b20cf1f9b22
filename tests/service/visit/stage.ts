import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished } from 'vitest';
import type { CallAnswer, CallInput, CallName, ScreenEvent } from '#contract/calls.ts';
import { Configuration } from '#contract/configuration.ts';
import type { IdCard } from '#contract/devices.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import { type Step, VisitSnapshot } from '#contract/visit.ts';
import type { EntryKind } from '#contract/wire.ts';
import type { AuditEventName } from '#main/service/audit-events.ts';
import { ensureTerminalKey, writeIdentity } from '#main/service/identity/identity.ts';
import { logTo } from '#main/service/log/log.ts';
import { hashPin } from '#main/service/staff/pin.ts';
import { STORE_FILE } from '#main/service/store/open.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { Terminal } from '#main/service/terminal.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { FakeTime } from '../time/fakes.ts';
import { ScriptedDocumentPrinter, ScriptedReader, ScriptedReceiptPrinter, ScriptedScanner } from './devices.ts';

export const PIN = '246810';

/** 王秀英 does not exist; her number's check character is right. */
export const RESIDENT: Extract<IdCard, { kind: 'resident' }> = {
  kind: 'resident',
  name: '王秀英',
  sex: '2',
  nation: '01',
  birth: '1950-02-28',
  address: '天津市河西区示例路1号示例小区2号楼3门401号',
  authority: '天津市公安局河西分局',
  number: '120103195002280021',
  validFrom: '2012-03-15',
  validTo: 'long-term',
};

/** The specimen of ICAO Doc 9303 with a later expiry: a passport of a state that does not exist. */
export const PASSPORT = [
  'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
  'L898902C36UTO7408122F3204153ZE184226B<<<<<16',
] as const;

export const SIGNATURE = {
  height: 400,
  strokes: [
    [100, 100, 0, 140, 180, 16, 220, 240, 32, 260, 200, 48],
    [400, 120, 200, 420, 300, 216, 520, 260, 232],
  ],
};

const ANSWERS = [
  { phone: '13800001234' },
  { residence: 'other', estate: 'ceshili', building: '3', entrance: '2', room: '501' },
  { since: '2018-03', tenure: 'owned', purpose: 'school' },
] as const;

let pinHash: Promise<string> | null = null;

export interface StageOptions {
  readonly root?: string;
  readonly time?: FakeTime;
  /** Without one the terminal has no scanner. */
  readonly scanner?: ScriptedScanner;
  /** The district, for the terminal's key; without one nobody listens. */
  readonly district?: (terminal: KeyObject) => Promise<{ readonly url: string; readonly publicKey: string }>;
}

/** The whole service on a real store and the real catalogue, with devices in memory and time that the test moves. */
export class Stage {
  readonly root: string;
  readonly time: FakeTime;
  readonly reader = new ScriptedReader();
  readonly receiptPrinter = new ScriptedReceiptPrinter();
  readonly documentPrinter = new ScriptedDocumentPrinter();
  readonly events: ScreenEvent[] = [];
  readonly failures: unknown[] = [];
  readonly logged: string[] = [];
  #terminal: Terminal | null = null;

  private constructor(root: string, time: FakeTime) {
    this.root = root;
    this.time = time;
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const root = options.root ?? mkdtempSync(join(tmpdir(), 'yc-visit-'));
    const stage = new Stage(root, options.time ?? new FakeTime('2026-11-23T14:26:00+08:00'));
    const folders = {
      etc: join(root, 'etc'),
      data: join(root, 'data'),
      run: join(root, 'run'),
      log: join(root, 'log'),
    };
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
    const key = ensureTerminalKey(folders.etc);
    const district = await options.district?.(key);
    enrol(folders.etc, district?.publicKey ?? rawPublicKey(key));
    pinHash ??= hashPin(PIN, { bytes: randomBytes }, { N: 1024, r: 8, p: 1 });
    const opened = await Terminal.open({
      configuration: configurationOf(folders, await pinHash, district?.url ?? 'http://127.0.0.1:9'),
      openDevices: () => ({
        idCard: stage.reader,
        receiptPrinter: stage.receiptPrinter,
        documentPrinter: stage.documentPrinter,
        ...(options.scanner && { scanner: options.scanner }),
      }),
      clock: stage.time,
      timers: stage.time,
      random: systemRandom(stage.time),
      log: logTo({ write: (line) => void stage.logged.push(line) }),
      screen: (event) => void stage.events.push(structuredClone(event)),
      failed: (error) => void stage.failures.push(error),
    });
    if (!opened.ok) throw new Error(`${opened.error.why}: ${opened.error.detail}`);
    stage.#terminal = opened.value;
    onTestFinished(() => stage.close());
    stage.call('screen.ready', {});
    return stage;
  }

  async close(): Promise<void> {
    const terminal = this.#terminal;
    this.#terminal = null;
    await terminal?.stop();
    expect(this.failures).toEqual([]);
  }

  get terminal(): Terminal {
    if (!this.#terminal) throw new Error('the stage is closed');
    return this.#terminal;
  }

  call<N extends CallName>(name: N, input: CallInput<N>): CallAnswer {
    return this.terminal.call(name, input);
  }

  /** A call that must be taken. */
  async does<N extends CallName>(name: N, input: CallInput<N>): Promise<void> {
    expect(this.call(name, input), `${name} at ${this.step.at}`).toEqual({ ok: true });
    await this.settle();
  }

  get visit(): VisitSnapshot {
    const last = this.events.findLast((event) => event.event === 'visit');
    if (!last) throw new Error('no snapshot was sent yet');
    return VisitSnapshot.parse(last.visit);
  }

  get step(): Step {
    return this.visit.step;
  }

  stepAt<A extends Step['at']>(at: A): Extract<Step, { at: A }> {
    const { step } = this;
    if (step.at !== at) throw new Error(`at ${step.at} instead of ${at}`);
    return step as Extract<Step, { at: A }>;
  }

  get health(): TerminalSnapshot {
    return this.terminal.snapshot;
  }

  get sounds(): string[] {
    return this.events.flatMap((event) => (event.event === 'sound' ? [event.sound] : []));
  }

  /** Lets promises and threads come to rest for a moment, without moving the test's time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 6; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits for something that a thread does, such as a page or a PIN; real time, only as long as it needs. */
  async until(what: () => boolean): Promise<void> {
    const due = performance.now() + 20_000;
    while (!what()) {
      if (performance.now() > due) throw new Error(`it did not come to that; at ${JSON.stringify(this.step)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets the test's time pass in small steps, so that what waits for one another finds its turn. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 400) {
      this.time.advance(Math.min(left, 400));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.settle();
  }

  // -- A visit's usual way ----------------------------------------------------------------------------------------------

  async toHome(): Promise<void> {
    await this.does('visit.begin', { display: {} });
  }

  async toConsent(item = 'residence-certificate'): Promise<void> {
    await this.toHome();
    await this.does('visit.chooseItem', { item });
    await this.does('visit.start', {});
  }

  async toIdentity(): Promise<void> {
    await this.toConsent();
    await this.does('visit.consent', {});
  }

  /** A worker was called where no card came, and has signed in. */
  async toDocument(): Promise<void> {
    await this.toIdentity();
    await this.signsIn();
  }

  /** From the page that waits for a card: the worker comes and signs in. */
  async signsIn(): Promise<void> {
    await this.does('help.call', {});
    await this.does('worker.arrive', {});
    await this.does('worker.signIn', { pin: PIN });
    await this.until(() => this.stepAt('identity').worker.at === 'entering');
  }

  async types(text: string): Promise<void> {
    for (const key of text) expect(this.call('worker.typeZone', { key })).toEqual({ ok: true });
    await this.settle();
  }

  /** The worker types a zone, compares and confirms. */
  async identifies(lines: readonly string[] = PASSPORT): Promise<void> {
    await this.types(lines.join(''));
    await this.does('worker.readZone', {});
    await this.does('worker.identify', { sawOriginal: true });
  }

  async toForm(card: IdCard = RESIDENT): Promise<void> {
    await this.toIdentity();
    this.reader.lay(card);
    await this.settle();
  }

  async toCheck(card?: IdCard): Promise<void> {
    await this.toForm(card);
    for (const values of ANSWERS) await this.answer(values);
  }

  /** Answers the form's step on the screen. */
  async answer(values: Record<string, string>): Promise<void> {
    await this.does('visit.answer', { step: this.stepAt('form').step, values });
  }

  async toDone(card?: IdCard): Promise<void> {
    await this.toCheck(card);
    await this.does('visit.submit', { signature: SIGNATURE });
  }

  async toConfirming(): Promise<void> {
    await this.toDone();
    await this.does('visit.callWorker', {});
    await this.does('worker.arrive', {});
    await this.does('worker.signIn', { pin: PIN });
    await this.until(() => this.stepAt('done').worker.at === 'confirming');
  }

  async toConfirmed(): Promise<void> {
    await this.toConfirming();
    await this.does('worker.confirm', { seen: ['face', 'home', 'lives'] });
    await this.until(() => this.paper('certificate')?.print.state === 'confirmed');
  }

  /** How often an event stands in the audit trail on the disk. */
  audited(event: AuditEventName): number {
    return this.#read((db) => db.prepare('SELECT count(*) FROM audit WHERE event = ?').pluck().get(event)) as number;
  }

  /** Bodies of the journal's entries of one kind, oldest first. */
  journaled(kind: EntryKind): Record<string, unknown>[] {
    const rows = this.#read((db) =>
      db.prepare('SELECT body FROM entry WHERE kind = ? ORDER BY n').pluck().all(kind),
    ) as Buffer[];
    return rows.map((body) => (JSON.parse(body.toString('utf8')) as { open: Record<string, unknown> }).open);
  }

  /** Every print job on the disk. */
  jobs(): { case: string; document: string; state: string; detail: string }[] {
    return this.#read((db) =>
      db.prepare('SELECT case_id AS "case", document, state, detail FROM print_job ORDER BY n').all(),
    ) as {
      case: string;
      document: string;
      state: string;
      detail: string;
    }[];
  }

  #read(ask: (db: Database.Database) => unknown): unknown {
    const db = new Database(join(this.root, 'data', STORE_FILE), { readonly: true });
    try {
      return ask(db);
    } finally {
      db.close();
    }
  }

  paper(document: 'receipt' | 'certificate' | 'acceptance-notice') {
    const { step } = this;
    const papers = step.at === 'done' ? step.prints : step.at === 'leaving' ? step.papers : [];
    return papers.findLast((paper) => paper.document === document);
  }
}

function enrol(etc: string, gatewayKey: string): void {
  writeIdentity(etc, {
    terminalId: '01890000-0000-7000-8000-0000000000aa',
    region: '120103',
    code: '0001',
    suite: 'standard',
    districtKey: districtKey(),
    districtKeyId: 'district-1',
    gatewayKey,
    epoch: 'epoch-1',
  });
}

function districtKey(): string {
  const { publicKey } = generateKeyPairSync('x25519');
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url');
}

function configurationOf(folders: Configuration['folders'], hash: string, url: string): Configuration {
  return Configuration.parse({
    community: {
      street: { zh: '友谊路街道', en: 'Youyilu Subdistrict' },
      name: { zh: '测试里社区', en: 'Ceshili Community' },
      phone: '022-5550 0107',
      desk: { zh: '社区服务大厅一号窗口', en: 'Window 1, community service hall' },
      opens: '09:00',
      closes: '17:30',
      estates: [
        { id: 'ceshili', name: { zh: '测试里', en: 'Ceshili' } },
        { id: 'yangliuli', name: { zh: '样例里', en: 'Yangliuli' } },
      ],
    },
    screen: { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920 },
    folders,
    catalogue: resolve('image/catalogue'),
    devices: {
      idCard: { connection: 'tcp:127.0.0.1:9' },
      receiptPrinter: { connection: 'tcp:127.0.0.1:9', paperMm: 80 },
      documentPrinter: { connection: 'ipp://127.0.0.1:9/ipp/print' },
    },
    gateway: { url, idleSeconds: 60 },
    staff: [{ id: 'worker-1', name: '李工', pinHash: hash }],
  });
}
