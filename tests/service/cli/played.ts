import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { CLI, jsonOf, type Ran } from './run.ts';

/** A player aborts when a busy machine makes its device late, and the driver asks what the script does not hold. */
const TRIES = 3;

/**
 * Runs `yichuang device` where the kernel shows the device that umockdev plays; from its beginning once more when the player, not the
 * program, gave up.
 * @param play writes the device into a folder and gives the player's command.
 */
export async function deviceAt(
  play: (folder: string) => Promise<readonly string[]>,
  ...given: readonly string[]
): Promise<Ran> {
  for (let time = 1; ; time += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'yc-played-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [program = '', ...args] = await play(folder);
    const { gaveUp, ...ran } = await run(program, [...args, process.execPath, CLI, 'device', ...given]);
    if (!gaveUp || time === TRIES) return ran;
  }
}

function run(program: string, args: readonly string[]): Promise<Ran & { readonly gaveUp: boolean }> {
  return new Promise((done) => {
    execFile(program, args, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      done({ gaveUp: error?.signal === 'SIGTRAP', exit, json: jsonOf(stdout), stdout, stderr });
    });
  });
}
