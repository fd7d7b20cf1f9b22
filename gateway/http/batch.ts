import { isUtf8 } from 'node:buffer';
import { constants, zstdDecompressSync } from 'node:zlib';
import { err, ok, type Result } from '#contract/result.ts';
import { limits, type WireError } from '#contract/wire.ts';
import { type CheckedEntry, checkEntry, type JournalOwner } from '../journal/entry.ts';

type Refusal = WireError;

/** A frame may ask its reader for this much memory (2^23 = 8 MiB): enough for every level at a batch's size. */
const WINDOW_LOG_MAX = 23;

/** Reads a batch: NDJSON, zstd or plain. Each line must tell its place; what else is wrong with one concerns it alone. */
export function readBatch(
  content: Buffer,
  encoding: string | undefined,
  terminal: JournalOwner,
): Result<CheckedEntry[], Refusal> {
  const plain = decode(content, encoding);
  if (!plain.ok) return plain;
  const lines = plain.value.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return refuse('malformed', 'the batch holds no entry');
  if (lines.length > limits.batchEntries) return refuse('too-large', `more than ${limits.batchEntries} entries`);
  const items: CheckedEntry[] = [];
  for (const [i, line] of lines.entries()) {
    const item = checkEntry(parseJson(line), terminal);
    if (!item) return refuse('malformed', `line ${i + 1} is not a JSON object with incarnation, seq and hash`);
    items.push(item);
  }
  return ok(items);
}

function decode(content: Buffer, encoding: string | undefined): Result<string, Refusal> {
  const bytes = inflate(content, encoding);
  if (!bytes.ok) return bytes;
  if (bytes.value.length > limits.batchBytes) return tooLarge();
  return isUtf8(bytes.value) ? ok(bytes.value.toString('utf8')) : refuse('malformed', 'the batch is not UTF-8');
}

function inflate(content: Buffer, encoding: string | undefined): Result<Buffer, Refusal> {
  if (encoding === undefined || encoding === 'identity') return ok(content);
  if (encoding !== 'zstd') return refuse('malformed', 'content-encoding is neither zstd nor identity');
  try {
    const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX };
    return ok(zstdDecompressSync(content, { maxOutputLength: limits.batchBytes, params }));
  } catch (error) {
    const tooLong = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return tooLong ? tooLarge() : refuse('malformed', 'the content is not zstd');
  }
}

function tooLarge(): Result<never, Refusal> {
  return refuse('too-large', `more than ${limits.batchBytes} bytes before compression`);
}

function refuse(code: Refusal['code'], message: string): Result<never, Refusal> {
  return err({ code, message });
}

/** @returns undefined for what isn't JSON; the parser's own message would repeat the content. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
