/** A machine of its own: a bare Debian with systemd, made from Debian's packages alone and booted in namespaces. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  /** Its file system as we see it. */
  readonly root: string;
  /** Runs a program there as root, with a terminal's usual environment. */
  run(command: readonly string[]): Promise<Outcome>;
  /** As `run`, for what has to work. @returns stdout. */
  must(...command: readonly string[]): Promise<string>;
  /** Switches it off and throws it away. */
  close(): Promise<void>;
}

function start(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
  });
}

async function must(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await start(program, args);
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr.slice(-3000)}${stdout.slice(-2000)}`);
  return stdout;
}

/** The file system with these packages, as a tar file that is kept from run to run. */
async function image(packages: readonly string[]): Promise<string> {
  const folder = 'out/machine';
  const name = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 16);
  const file = join(folder, `${name}.tar`);
  if (existsSync(file)) return file;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const making = join(folder, 'making.tar');
  await must('mmdebstrap', ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', making]);
  renameSync(making, file);
  return file;
}

/** The first process of the machine, as we number it. */
async function firstProcess(container: ChildProcess): Promise<number> {
  for (;;) {
    if (container.exitCode !== null) throw new Error('the machine did not start');
    const children = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').trim().split(' ');
    for (const child of children) {
      if (child !== '' && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'systemd') return Number(child);
    }
    await pause(50);
  }
}

/** Boots a machine with `packages` and all that they depend on, and nothing else. It shares this machine's loopback. */
export async function openMachine(packages: readonly string[]): Promise<Machine> {
  const root = mkdtempSync(join(tmpdir(), 'machine-'));
  await must('tar', ['-xpf', await image(packages), '-C', root]);
  const container = spawn(
    'systemd-nspawn',
    ['--directory', root, '--boot', '--register=no', '--keep-unit', '--console=pipe', '--quiet', '--machine=terminal'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [container.stdout, container.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8000);
    });
  }
  const gone = once(container, 'close');
  const close = async (): Promise<void> => {
    // The signal at which systemd-nspawn has its machine power off.
    container.kill('SIGTERM');
    await gone;
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const first = String(await firstProcess(container));
    const inside = [
      '--target',
      first,
      '--all',
      '--',
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'DISPLAY=:0',
      'LANG=C.UTF-8',
    ];
    const run = (command: readonly string[]) => start('nsenter', [...inside, ...command]);
    while (!/^(running|degraded)/.test((await run(['systemctl', 'is-system-running', '--wait'])).stdout))
      await pause(200);
    return { root, run, must: (...command) => must('nsenter', [...inside, ...command]), close };
  } catch (error) {
    await close();
    throw new Error(`the machine said:\n${said}`, { cause: error });
  }
}
