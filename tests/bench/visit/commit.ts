/**
 * From "submit" to the durable commit: case, receipt's print job and journal entry, sealing and hashing counted. The floor writes the same rows
 * with the same bytes in one plain transaction, into a store of its own on the same disk; the two take turns.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type Database from 'better-sqlite3';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { type Application, CaseDesk } from '#main/service/intake/case-desk.ts';
import { Journal } from '#main/service/journal/journal.ts';
import { silentLog } from '#main/service/log/log.ts';
import { PrintDesk } from '#main/service/print/print-desk.ts';
import { Audit } from '#main/service/store/audit.ts';
import { Cases } from '#main/service/store/cases.ts';
import { openTerminalData } from '#main/service/store/open.ts';
import { PrintJobs } from '#main/service/store/print-jobs.ts';
import { type Clock, systemClock, type Timers } from '#main/service/time/clock.ts';
import { systemRandom } from '#main/service/time/random.ts';
import type { Figure } from '../figures.ts';
import { percentile } from '../figures.ts';

const ROUNDS = 600;
const WARM_UP = 100;
/** Milliseconds between two writes: the disk comes to rest, as it does between two residents. */
const PACE_MS = 5;
const TABLES = ['accepted_case', 'print_job', 'entry', 'entry_key'] as const;

const name = { zh: '测试里社区', en: 'Ceshili Community' };
const community = {
  street: name,
  name,
  phone: '022-5550 0107',
  desk: name,
  opens: '09:00',
  closes: '17:30',
  estates: [{ id: 'ceshili', name }],
};

/** Nothing happens later while this runs: no checkpoint may fall into a round unseen. */
const still: Timers = { after: () => () => undefined };

function openSide(root: string, clock: Clock) {
  const folders = { etc: join(root, 'etc'), data: join(root, 'data') };
  mkdirSync(folders.data, { recursive: true });
  const random = systemRandom(clock);
  const opened = openTerminalData({ folders, clock, timers: still, random, log: silentLog() });
  if (!opened.ok) throw new Error(opened.error.detail);
  return { ...opened.value, random, wal: join(folders.data, 'terminal.sqlite-wal') };
}

async function openDesk(root: string, clock: Clock) {
  const { store, vault, random, wal } = openSide(root, clock);
  const catalogue = loadCatalogue(resolve('image/catalogue'));
  if (!catalogue.ok) throw new Error(catalogue.error.detail);
  const district = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const journal = await Journal.open({
    store,
    clock,
    timers: still,
    random,
    serverTime: { offsetMs: 0 },
    terminal: '01890000-0000-7000-8000-0000000000aa',
    district: { suite: 'standard', id: 'district-1', publicKey: district },
    catalogue: catalogue.value.version,
  });
  if (!journal.ok) throw new Error(journal.error.detail);
  let committed = 0;
  const never = { print: () => new Promise<never>(() => undefined) };
  const prints = new PrintDesk({
    store,
    jobs: new PrintJobs(store, vault, clock),
    journal: journal.value,
    audit: new Audit(store, clock),
    receiptPrinter: never,
    documentPrinter: never,
    sheets: { pdf: () => new Promise<never>(() => undefined) },
    random,
    log: silentLog(),
  });
  const desk = new CaseDesk({
    store: {
      transaction(work) {
        const result = store.transaction(work);
        committed = performance.now();
        return result;
      },
    },
    cases: new Cases(store, vault),
    journal: journal.value,
    // The commit is behind us when a job starts.
    prints: { plan: (id, paper) => prints.plan(id, paper), start: () => undefined },
    catalogue: catalogue.value,
    community,
    identity: { region: '120103', code: '0001' },
    key: generateKeyPairSync('ed25519').privateKey,
    isWithdrawn: () => false,
    clock,
    random,
    log: silentLog(),
  });
  const [item] = catalogue.value.content.items;
  if (!item) throw new Error('the catalogue has no item');
  const submit = (): number => {
    const began = performance.now();
    const accepted = desk.submit({ ...application, item });
    if (!accepted.ok) throw new Error(accepted.error);
    return committed - began;
  };
  return { store, wal, submit };
}

const application: Omit<Application, 'item'> = {
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
  answers: {
    phone: '13800001234',
    residence: 'other',
    estate: 'ceshili',
    building: '3',
    entrance: '2',
    room: '501',
    since: '2018-03',
    tenure: 'owned',
    purpose: 'school',
  },
  signature: {
    height: 400,
    strokes: Array.from({ length: 4 }, (_, stroke) =>
      Array.from({ length: 60 }, (__, at) => [
        100 + stroke * 200 + at * 2,
        100 + ((at * 7) % 200),
        stroke * 1000 + at * 16,
      ]).flat(),
    ),
  },
  language: 'zh',
};

/** Reads the rows that the last round added; what it returns writes them, as they lie there, in one transaction. */
function copier(from: Database.Database, to: Database.Database): () => () => number {
  const parts = TABLES.map((table) => {
    const columns = (from.pragma(`table_info(${table})`) as { name: string }[]).map((column) => column.name);
    return {
      added: from.prepare(`SELECT * FROM ${table} WHERE n > ? ORDER BY n`).raw(),
      insert: to.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`),
      last: to.prepare(`SELECT coalesce(max(n), 0) FROM ${table}`).pluck(),
    };
  });
  const counter = from.prepare('SELECT day, last FROM daily_counter').raw();
  const count = to.prepare(
    'INSERT INTO daily_counter (day, last) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET last = excluded.last',
  );
  return () => {
    const rows = parts.map(({ added, insert, last }) => ({ insert, rows: added.all(last.get()) as unknown[][] }));
    const counts = counter.all() as [string, number][];
    return () => {
      const began = performance.now();
      to.transaction(() => {
        for (const part of rows) for (const row of part.rows) part.insert.run(...row);
        for (const row of counts) count.run(...row);
      }).immediate();
      return performance.now() - began;
    };
  };
}

export async function commit(): Promise<readonly Figure[]> {
  mkdirSync('out/bench', { recursive: true });
  const root = mkdtempSync(resolve('out/bench/commit-'));
  const clock = systemClock();
  const desk = await openDesk(join(root, 'ours'), clock);
  const plain = openSide(join(root, 'floor'), clock);
  try {
    const read = copier(desk.store.db, plain.store.db);
    // The entries that opening the journal wrote.
    read()();
    desk.submit();
    let copy = read();
    const ours: number[] = [];
    const floor: number[] = [];
    let largest = 0;
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      // Whoever comes second finds a disk that has just been written: they change places.
      const order = round % 2 === 0 ? ['ours', 'floor'] : ['floor', 'ours'];
      for (const side of order) {
        const taken = side === 'ours' ? desk.submit() : copy();
        if (round >= WARM_UP) (side === 'ours' ? ours : floor).push(taken);
        await pause(PACE_MS);
      }
      copy = read();
      // A log that shrank or began anew was written back.
      const size = statSync(desk.wal).size;
      if (size < largest) throw new Error('a checkpoint fell on the path of a submit');
      largest = size;
    }
    const at = (share: number) => ({ ours: percentile(ours, share), floor: percentile(floor, share) });
    return [
      { name: 'submit to durable commit, p50', unit: 'ms', ...at(0.5), goal: 1.3 },
      { name: 'submit to durable commit, p99', unit: 'ms', ...at(0.99), goal: 2 },
    ];
  } finally {
    desk.store.close();
    plain.store.close();
    rmSync(root, { recursive: true });
  }
}
