import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The command line's entry. */
export const CLI = fileURLToPath(new URL('../../../main/service/cli.ts', import.meta.url));

export interface Ran {
  readonly exit: number | null;
  /** What stood on stdout, as JSON. */
  readonly json: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `yichuang` as a process of its own. */
export async function yichuang(args: readonly string[], stdin = ''): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exit: child.exitCode, json: jsonOf(stdout), stdout, stderr };
}

/** @returns null for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
