import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { err, ok, type Result } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import { WireEntry } from '#contract/wire.ts';
import { type ChainFault, type ChainRow, chainFault, entryHash, type Link } from './chain.ts';
import { Manifest } from './export.ts';
import { chainRow } from './wire-entry.ts';

export interface VerifiedExport {
  readonly terminal: string;
  readonly suite: Suite;
  readonly entries: number;
  readonly head: Link | null;
  readonly compacted: number;
}

export type ExportCheckError =
  | { readonly code: 'no-export'; readonly detail: string }
  | {
      readonly code: 'export-broken';
      /** 1-based. */
      readonly line: number;
      readonly why:
        | ChainFault
        /** Neither an entry nor, in the last line, the manifest. */
        | 'not-an-entry'
        | 'other-terminal'
        /** An incarnation comes before an older one. */
        | 'order'
        /** The file ends without its manifest: it was cut short. */
        | 'cut-short'
        /** The file goes on behind its manifest. */
        | 'more-lines'
        /** The manifest tells of other lines. */
        | 'manifest';
    };

/** No entry is longer: a body of 64 KiB whose every character is escaped, four wrapped keys and the rest. */
const LINE_MAX_BYTES = 144 * 1024;
const LINE_FEED = 0x0a;

/** Checks an export by itself, without the store that it came from: every line, every hash, the chain and the manifest. */
export function verifyExport(file: string): Result<VerifiedExport, ExportCheckError> {
  let input: number;
  try {
    input = openSync(file, 'r');
  } catch (error) {
    return err({ code: 'no-export', detail: (error as Error).message });
  }
  try {
    return verify(input);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return err({ code: 'no-export', detail: error.message });
  } finally {
    closeSync(input);
  }
}

function verify(input: number): Result<VerifiedExport, ExportCheckError> {
  const hash = createHash('sha256');
  const heads = new Map<number, Link>();
  let terminal: string | null = null;
  let suite: Suite | null = null;
  let head: Link | null = null;
  let line = 0;
  let compacted = 0;
  let manifest: Manifest | null = null;
  const broken = (why: Extract<ExportCheckError, { code: 'export-broken' }>['why']) =>
    err({ code: 'export-broken', line, why } as const);

  for (const text of linesOf(input)) {
    line += 1;
    if (manifest) return broken('more-lines');
    if (text === 'unended') return broken('cut-short');
    if (text === 'too-long') return broken('not-an-entry');
    const value = json(text);
    const last = Manifest.safeParse(value);
    if (last.success) {
      manifest = last.data;
      continue;
    }
    const parsed = WireEntry.safeParse(value);
    if (!parsed.success) return broken('not-an-entry');
    const entry = parsed.data;
    terminal ??= entry.terminal;
    if (entry.terminal !== terminal) return broken('other-terminal');
    if (head && entry.incarnation < head.incarnation) return broken('order');
    // No whole entry has an empty body.
    const isCompacted = entry.body === '';
    const row = chainRow(entry);
    suite ??= suiteOf(terminal, row);
    const why: ChainFault | null = chainFault({ terminal, suite }, row, head, isCompacted);
    if (why) return broken(why);
    hash.update(text).update('\n');
    if (isCompacted) compacted += 1;
    head = { incarnation: entry.incarnation, seq: entry.seq, hash: entry.hash };
    heads.set(entry.incarnation, head);
  }
  if (!manifest) {
    line += 1;
    return broken('cut-short');
  }
  const entries = line - 1;
  const fits =
    manifest.terminal === (terminal ?? manifest.terminal) &&
    manifest.suite === (suite ?? manifest.suite) &&
    manifest.entries === entries &&
    manifest.compacted === compacted &&
    manifest.sha256 === hash.digest('hex') &&
    manifest.incarnations.length === heads.size &&
    manifest.incarnations.every(({ incarnation, entries: count, headHash }) => {
      const found = heads.get(incarnation);
      return found?.seq === count && found.hash === headHash;
    });
  return fits
    ? ok({ terminal: manifest.terminal, suite: manifest.suite, entries, head, compacted })
    : broken('manifest');
}

/** The suite is named only at the end; the first entry's hash tells it before. What is of none is found out as altered. */
function suiteOf(terminal: string, row: ChainRow): Suite {
  return Suite.options.find((suite) => entryHash({ terminal, suite }, row) === row.hash) ?? 'standard';
}

/** The lines of a file without their line feeds, or what is wrong with one; nothing comes after that. */
function* linesOf(input: number): Generator<Buffer | 'too-long' | 'unended'> {
  const chunk = Buffer.alloc(LINE_MAX_BYTES);
  let rest = Buffer.alloc(0);
  for (let read = readSync(input, chunk); read > 0; read = readSync(input, chunk)) {
    rest = Buffer.concat([rest, chunk.subarray(0, read)]);
    let from = 0;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED, from)) {
      yield rest.subarray(from, end);
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LINE_MAX_BYTES) return yield 'too-long';
  }
  if (rest.length > 0) yield 'unended';
}

function json(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return null;
  }
}
