import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The Debian package of each program that the simulators start. */
const packages = {
  setpriv: 'util-linux',
  mkfifo: 'coreutils',
  stty: 'coreutils',
  socat: 'socat',
  'dbus-daemon': 'dbus',
  ippeveprinter: 'cups-ipp-utils',
  cupsd: 'cups-daemon',
  lpadmin: 'cups-client',
  lpstat: 'cups-client',
  cupsdisable: 'cups-client',
  cupsenable: 'cups-client',
  cupsreject: 'cups-client',
  cupsaccept: 'cups-client',
  pdftoppm: 'poppler-utils',
  'umockdev-run': 'umockdev',
} as const;
export type Program = keyof typeof packages;

/** Where a program is. Throws, naming the Debian package to install, when it is nowhere. */
export function findProgram(program: Program): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  if (!found) throw new Error(`the program ${program} is missing: install the Debian package ${packages[program]}`);
  return found;
}

/** Starts a program that ends when this process ends, however that comes about (`setpriv --pdeathsig`). */
export async function startProgram(
  program: Program,
  args: readonly string[],
  options: SpawnOptions,
): Promise<ChildProcess> {
  const child = spawn(findProgram('setpriv'), ['--pdeathsig', 'KILL', '--', findProgram(program), ...args], options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return child;
}

/** Ends a child and waits until it is gone; a child that does not listen is killed after two seconds. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(hard);
}
