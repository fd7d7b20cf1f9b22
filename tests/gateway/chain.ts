/** A chain as the gateway's tables hold it, checked by the wire's description apart from the gateway's own code. */
import { createHash } from 'node:crypto';
import { type Suite, suites } from '#contract/suite.ts';
import { type EntryKind, entryHashText, GENESIS_HASH } from '#contract/wire.ts';

/** A row of `entries`. */
export interface GatewayRow {
  readonly terminal: string;
  readonly incarnation: number;
  readonly seq: number;
  readonly state: 'stored' | 'broken';
  readonly id: string;
  readonly kind: EntryKind;
  readonly catalogue: string;
  readonly body: Uint8Array;
  readonly body_hash: string;
  readonly prev_hash: string;
  readonly hash: string;
  readonly wall: string;
  readonly monotonic_ms: number;
  readonly boot: string;
  readonly server_offset_ms: number | null;
}

/** A row of `quarantine` that takes a place. */
export interface UnfitRow {
  readonly terminal: string;
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
}

/** A row of `heads`. */
export interface HeadRow {
  readonly terminal: string;
  readonly incarnation: number;
  readonly contiguous_seq: number;
  readonly head_hash: string;
}

function digest(suite: Suite, data: string | Uint8Array): string {
  return createHash(suites[suite].hash).update(data).digest('hex');
}

/**
 * @param suiteOf the suite of a terminal
 * @returns what is wrong with bodies, hashes, links and heads, in words.
 */
export function chainFaults(
  rows: readonly GatewayRow[],
  unfit: readonly UnfitRow[],
  heads: readonly HeadRow[],
  suiteOf: (terminal: string) => Suite = () => 'standard',
): string[] {
  const hashes = new Map([...rows, ...unfit].map((row) => [`${row.terminal}/${row.incarnation}/${row.seq}`, row.hash]));
  const last = new Map(heads.map((head) => [`${head.terminal}/${head.incarnation}`, head.contiguous_seq]));
  const broken: string[] = [];
  for (const row of rows) {
    const chain = `${row.terminal}/${row.incarnation}`;
    const where = `gateway ${chain.slice(32)}/${row.seq}`;
    const suite = suiteOf(row.terminal);
    if (digest(suite, row.body) !== row.body_hash) broken.push(`${where}: the body is not what was written`);
    if (hashOf(suite, row) !== row.hash) broken.push(`${where}: the hash does not fit the entry`);
    if (row.state === 'broken' || row.seq > (last.get(chain) ?? 0)) continue;
    const before = row.seq === 1 ? GENESIS_HASH : hashes.get(`${chain}/${row.seq - 1}`);
    if (row.prev_hash !== before) broken.push(`${where}: it does not follow the entry before`);
  }
  for (const { terminal, incarnation, contiguous_seq: length, head_hash: hash } of heads) {
    const chain = `${terminal}/${incarnation}`;
    for (let seq = 1; seq <= length; seq += 1) {
      if (!hashes.has(`${chain}/${seq}`)) broken.push(`gateway ${incarnation}/${seq}: a gap`);
    }
    if (length > 0 && hashes.get(`${chain}/${length}`) !== hash) {
      broken.push(`gateway ${incarnation}/${length}: the head is another entry`);
    }
  }
  return broken;
}

function hashOf(suite: Suite, row: GatewayRow): string {
  const { terminal, incarnation, seq, id, kind, catalogue } = row;
  const at = { wall: row.wall, monotonicMs: row.monotonic_ms, boot: row.boot, serverOffsetMs: row.server_offset_ms };
  const hashes = { bodyHash: row.body_hash, prevHash: row.prev_hash };
  return digest(suite, entryHashText({ v: 1, terminal, incarnation, seq, id, kind, catalogue, ...hashes, at }));
}
