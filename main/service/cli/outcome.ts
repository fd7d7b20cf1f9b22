import { InvalidArgumentError } from 'commander';
import { type Connection, parseConnection } from '#contract/connection.ts';
import type { Result } from '#contract/result.ts';

/** What a command failed with: a name for scripts, words for people, and what to do. Never personal data. */
export interface CommandError {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
}

/** Prints a command's outcome: the value on stdout, or `{error}` on stdout, its words on stderr and exit code 1. */
export function conclude<T>(outcome: Result<T, CommandError>): void {
  if (outcome.ok) {
    process.stdout.write(`${JSON.stringify(outcome.value)}\n`);
    return;
  }
  const { code, detail, remedy } = outcome.error;
  process.stdout.write(`${JSON.stringify({ error: { code, detail, remedy } })}\n`);
  process.stderr.write(`${code}: ${detail}; ${remedy}\n`);
  process.exitCode = 1;
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
