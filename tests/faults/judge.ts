/** What became of everything that was promised, read from the tables of both sides apart from the code that wrote them. */
import Database from 'better-sqlite3';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { chainFaults, type GatewayRow, type HeadRow, type UnfitRow } from '#tests/gateway/chain.ts';

/** One line of the table: counts that must be nothing, beside how much there was. */
export interface Verdict {
  readonly fault: string;
  /** How often it struck; null where this machine does not allow it. */
  readonly struck: number | null;
  readonly entries: number;
  /** Promised or committed, and not at the district. */
  readonly lost: number;
  /** At the district more often than once. */
  readonly doubled: number;
  /** Receipt numbers that two cases have: two copies of one disk give the same before either has heard from the district. */
  readonly numbersTwice: number;
  /** Pairs in another order than they were written in. */
  readonly disordered: number;
  /** Journals at the terminals that do not verify as they should, and faults of the chains at the district. */
  readonly chainHere: number;
  readonly chainThere: number;
  /** What else is wrong, in words. */
  readonly wrong: readonly string[];
}

/** Reads the district's tables. */
export type Rows = (sql: string) => Promise<Record<string, unknown>[]>;

export interface Evidence {
  readonly fault: string;
  readonly struck: number;
  /** The stores' files of every disk that is left. */
  readonly stores: readonly string[];
  /** Cases that residents hold a receipt of. */
  readonly promised: readonly string[];
  readonly rows: Rows;
  /** Entries that were altered on purpose: they have to be visible in quarantine, and nowhere else. */
  readonly poisoned?: readonly string[];
  readonly wrong?: readonly string[];
  /** Two disks had the same past, and the same name. */
  readonly forked?: boolean;
}

/** For a fault that this machine does not allow. */
export function notAllowed(fault: string): Verdict {
  const nothing = { entries: 0, lost: 0, doubled: 0, numbersTwice: 0, disordered: 0, chainHere: 0, chainThere: 0 };
  return { fault, struck: null, ...nothing, wrong: [] };
}

export function holds({ lost, doubled, disordered, chainHere, chainThere, wrong }: Verdict): boolean {
  return lost + doubled + disordered + chainHere + chainThere + wrong.length === 0;
}

export function sqliteRows(file: string): Rows {
  return async (sql) => {
    const db = new Database(file, { readonly: true });
    try {
      return db.prepare<[], Record<string, unknown>>(sql).all();
    } finally {
      db.close();
    }
  };
}

export async function judge(evidence: Evidence): Promise<Verdict> {
  const { fault, struck, stores, promised, rows, poisoned = [] } = evidence;
  const wrong = [...(evidence.wrong ?? [])];
  await intakeAtRest(rows);
  const entries = (await rows('SELECT * FROM entries ORDER BY terminal, incarnation, seq')) as unknown as GatewayRow[];
  const unfit = (await rows('SELECT * FROM quarantine WHERE takes_place')) as unknown as UnfitRow[];
  const heads = (await rows('SELECT * FROM heads')) as unknown as HeadRow[];
  const cases = (await rows('SELECT case_id, receipt_number FROM cases')) as {
    case_id: string;
    receipt_number: string;
  }[];
  const stored = entries.filter(({ state }) => state === 'stored');

  const journals = stores.map(journalOf);
  const committed = new Set(journals.flat().filter((id) => !poisoned.includes(id)));
  const atDistrict = new Set(stored.map(({ id }) => id));
  const onDesk = new Set(cases.map(({ case_id: id }) => id));
  const lost =
    [...committed].filter((id) => !atDistrict.has(id)).length + promised.filter((id) => !onDesk.has(id)).length;
  const places = new Set(stored.map(({ terminal, incarnation, id }) => `${terminal}/${incarnation}/${id}`));
  const receipts = new Set(cases.map(({ receipt_number: number }) => number));
  const numbersTwice = cases.length - receipts.size;
  if (numbersTwice > 0 && !evidence.forked) wrong.push(`${numbersTwice} receipt numbers were given twice`);
  for (const id of poisoned) if (atDistrict.has(id)) wrong.push('what was altered passes for what was written');

  return {
    fault,
    struck,
    entries: committed.size,
    lost,
    doubled: stored.length - places.size + (cases.length - onDesk.size),
    numbersTwice,
    disordered: journals.reduce((sum, journal) => sum + disorder(journal, stored), 0),
    // A journal with an altered entry has to say so.
    chainHere: stores.filter((file) => verifyJournal(file).ok === poisoned.length > 0).length,
    chainThere: chainFaults(entries, unfit, heads).length,
    wrong,
  };
}

/** A terminal's entries by id, in the order in which they were first written. */
function journalOf(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], string>('SELECT id FROM entry GROUP BY id ORDER BY min(n)').pluck().all();
  } finally {
    db.close();
  }
}

function disorder(journal: readonly string[], stored: readonly GatewayRow[]): number {
  const rank = new Map(journal.map((id, i) => [id, i]));
  const chains = Map.groupBy(stored, ({ terminal, incarnation }) => `${terminal}/${incarnation}`);
  return [...chains.values()].reduce((sum, chain) => {
    const ranks = chain.flatMap(({ id }) => rank.get(id) ?? []);
    return sum + ranks.filter((own, i) => i > 0 && own < (ranks[i - 1] ?? 0)).length;
  }, 0);
}

const REST_MS = 120_000;

/** The desk has heard of everything that the gateway joined. */
export async function intakeAtRest(rows: Rows): Promise<void> {
  for (const until = performance.now() + REST_MS; performance.now() < until; ) {
    const [waiting] = await rows('SELECT count(*) AS n FROM heads WHERE intake_seq < contiguous_seq');
    if (Number(waiting?.['n']) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
