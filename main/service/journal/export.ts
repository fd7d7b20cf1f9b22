import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import { Suite } from '#contract/suite.ts';
import type { Link } from './chain.ts';
import { type NoJournal, type Reading, readingJournal } from './reading.ts';
import { type BrokenJournal, walkChain } from './verify.ts';
import { KEYS_OF_ENTRY, type KeyRow, wireEntry } from './wire-entry.ts';

/**
 * The last line of an export: what the lines before it are. It is not signed: it tells a file that was cut or damaged on the way, while
 * the hashes of the entries tell one that was altered.
 */
export const Manifest = z.strictObject({
  manifest: z.literal(1),
  terminal: z.uuid(),
  /** Whose hash the entries' hashes are. */
  suite: Suite,
  /** Oldest first. */
  incarnations: z.array(
    z.strictObject({ incarnation: z.int().min(1), entries: z.int().min(1), headHash: z.string().length(64) }),
  ),
  entries: z.int().min(0),
  /** Entries whose body was let go of: `body` is empty and `keys` too, while the hashes are those of the whole entry. */
  compacted: z.int().min(0),
  /** SHA-256, in either suite, of all lines before this one, each with its line feed. */
  sha256: z.string().length(64),
});
export type Manifest = z.infer<typeof Manifest>;

export type ExportError =
  | NoJournal
  | BrokenJournal
  /** Something is there already: it may be the only export of a lost disk. */
  | { readonly code: 'output-exists'; readonly detail: string }
  | { readonly code: 'output'; readonly detail: string };

/** Writes at least so many bytes at a time. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Writes every entry as it travels (WireEntry), a line each, by incarnation and sequence, and the {@link Manifest} last. Nothing stands
 * at `output` before the chain was found whole to its end. Read-only beside a running service.
 */
export function exportJournal(file: string, output: string): Result<Manifest, ExportError> {
  if (existsSync(output)) return err({ code: 'output-exists', detail: `${output} is there already` });
  const beside = `${output}.new`;
  try {
    rmSync(beside, { force: true });
    // Sealed or not, it is a whole terminal's journal: its owner's alone.
    const out = openSync(beside, 'wx', 0o600);
    try {
      const written = readingJournal(file, (reading) => write(reading, out));
      if (!written.ok) return written;
      fsyncSync(out);
      renameSync(beside, output);
      return written;
    } finally {
      closeSync(out);
      rmSync(beside, { force: true });
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return err({ code: 'output', detail: error.message });
  }
}

function write(reading: Reading, out: number): Result<Manifest, BrokenJournal> {
  const lines = new Lines(out);
  const keys = reading.db.prepare<[string], KeyRow>(KEYS_OF_ENTRY);
  const incarnations = new Map<number, Link>();
  const walked = walkChain(reading, (row) => {
    incarnations.set(row.incarnation, row);
    lines.add(wireEntry(reading.terminal, row, keys.all(row.id)));
  });
  if (!walked.ok) return walked;
  const manifest: Manifest = {
    manifest: 1,
    terminal: reading.terminal,
    suite: reading.suite,
    incarnations: [...incarnations.values()].map(({ incarnation, seq, hash }) => ({
      incarnation,
      entries: seq,
      headHash: hash,
    })),
    entries: walked.value.entries,
    compacted: walked.value.compacted,
    sha256: lines.digest(),
  };
  lines.add(manifest);
  lines.flush();
  return ok(manifest);
}

/** Lines on their way to a file, with the SHA-256 of those that have been added. */
class Lines {
  readonly #out: number;
  readonly #hash: Hash = createHash('sha256');
  #waiting: string[] = [];
  #bytes = 0;

  constructor(out: number) {
    this.#out = out;
  }

  add(value: object): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(line);
    this.#waiting.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= CHUNK_BYTES) this.flush();
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** @throws the file system's error */
  flush(): void {
    const chunk = Buffer.from(this.#waiting.join(''), 'utf8');
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#out, chunk, at);
    this.#waiting = [];
    this.#bytes = 0;
  }
}
