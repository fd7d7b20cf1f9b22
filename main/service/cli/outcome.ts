import { InvalidArgumentError } from 'commander';
import { type Connection, parseConnection } from '#contract/connection.ts';
import { err, type Result } from '#contract/result.ts';

/** What a command failed with: a name for scripts, words for people, and what to do. Never personal data. */
export interface CommandError {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
}

/** Prints a command's outcome: the value on stdout, or `{error}` on stdout, its words in one line on stderr and exit code 1. */
export function conclude<T>(outcome: Result<T, CommandError>): void {
  if (outcome.ok) {
    process.stdout.write(`${JSON.stringify(outcome.value)}\n`);
    return;
  }
  const { code, detail, remedy } = outcome.error;
  process.stdout.write(`${JSON.stringify({ error: { code, detail, remedy } })}\n`);
  process.stderr.write(`${`${code}: ${detail}; ${remedy}`.replaceAll('\n', '; ')}\n`);
  process.exitCode = 1;
}

/** What no command expects. Only the system's own words are told: those of anything else may hold personal data. */
export function unexpected(error: unknown): Result<never, CommandError> {
  const { name, message, code, syscall } = error as NodeJS.ErrnoException;
  return err({
    code: 'unexpected',
    detail: syscall === undefined ? [name, code].filter(Boolean).join(' ') : message,
    remedy: 'look at the files and devices that the command was given, or call the vendor',
  });
}

/** Reads `--connection`. */
export function connectionArgument(text: string): Connection {
  const parsed = parseConnection(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error.remedy);
  return parsed.value;
}

/** Reads a number of seconds as milliseconds. */
export function secondsArgument(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) throw new InvalidArgumentError('give seconds, more than 0 and at most 3600');
  return seconds * 1000;
}

/** Reads a number of copies. */
export function copiesArgument(text: string): number {
  const copies = Number(text);
  if (!(Number.isInteger(copies) && copies >= 1 && copies <= 99)) throw new InvalidArgumentError('give 1 to 99 copies');
  return copies;
}
