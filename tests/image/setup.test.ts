import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandEnvironment, duration, npmEnvironment } from '../../image/setup.mjs';

const lock = { packages: { '': {}, 'node_modules/zod': { version: '4.0.0' } } };
let folder: string;

/** A folder like a fresh clone, with a stand-in for npm; what `npm install` does there is a line of shell. */
function clone(install: string): void {
  mkdirSync(path.join(folder, 'image'));
  copyFileSync('image/setup.mjs', path.join(folder, 'image/setup.mjs'));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  mkdirSync(path.join(folder, 'tools'));
  writeFileSync(path.join(folder, 'tools/npm'), `#!/bin/sh\necho called >> npm.log\n${install}\n`, { mode: 0o755 });
}

/**
 * Shell lines that install the locked package and a stand-in for Node 24 that does `script` when it is given a program; as
 * with npm 10, without a link to it in node_modules/.bin.
 */
function installing(script: string): string {
  const place = `node_modules/node-${process.platform}-${process.arch}/bin`;
  return [
    `mkdir -p node_modules/.bin ${place}`,
    'cp package-lock.json node_modules/.package-lock.json',
    `cat > ${place}/node <<'END'\n#!/bin/sh\nif [ "$1" = --version ]; then echo v24.9.9; exit 0; fi\n${script}\nEND`,
    `chmod +x ${place}/node`,
  ].join('\n');
}

const environment = () => ({ ...process.env, PATH: `${path.join(folder, 'tools')}:/usr/bin:/bin` });

function setup(...args: string[]) {
  const script = path.join(folder, 'image/setup.mjs');
  return spawnSync(process.execPath, [script, ...args], { env: environment(), encoding: 'utf8' });
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'yichuang-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('set-up imports nothing but what Node 20 brings', () => {
  const source = readFileSync('image/setup.mjs', 'utf8');
  const imported = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name);
  expect(imported.length).toBeGreaterThan(3);
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
});

test('it installs, hands the arguments to Node 24 and takes over its exit code; stdout is the command’s alone', () => {
  clone(installing('echo "$@"; exit 7'));
  const { status, stdout, stderr } = setup('yichuang', 'device', 'status', '--connection', 'tcp:x:1');
  expect(stderr).toMatch(/npm packages +installed 1 /);
  expect(stderr).toMatch(/Node 24 +v24\.9\.9 /);
  expect(stdout).toBe(`${path.join(folder, 'main/service/cli.ts')} device status --connection tcp:x:1\n`);
  expect(status).toBe(7);
});

test('the second time npm is not asked again, and a command of the terminal says nothing of its own', () => {
  clone(installing('exit 0'));
  setup('yichuang');
  const { status, stdout, stderr } = setup('yichuang');
  expect([status, stdout, stderr]).toEqual([0, '', '']);
  expect(readFileSync(path.join(folder, 'npm.log'), 'utf8')).toBe('called\n');
});

test('when npm fails, its reason and what to do are said, without its chatter', () => {
  clone('echo "npm http fetch GET 200" >&2; echo "npm error no such registry" >&2; exit 1');
  const { status, stdout, stderr } = setup('demo');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('npm error no such registry');
  expect(stderr).toContain('run this again');
  expect(stderr).not.toContain('npm http');
});

test('a package that npm silently left out is named', () => {
  clone('exit 0');
  const { status, stderr } = setup('demo');
  expect(status).toBe(1);
  expect(stderr).toContain('npm left out node_modules/zod');
});

test('a Node of another version is refused', () => {
  clone(installing('exit 0').replace('v24.9.9', 'v20.0.0'));
  const { status, stderr } = setup('demo');
  expect(status).toBe(1);
  expect(stderr).toContain('Node 24 did not come with the packages (v20.0.0)');
});

test('an unknown command is answered with those there are', () => {
  clone('exit 0');
  const { status, stderr } = setup('party');
  expect(status).toBe(1);
  expect(stderr).toContain('demo | test | start | setup | package | bench | soak | book | yichuang');
});

test('a signal reaches the command, and its death is told in the exit code', async () => {
  clone(installing('trap "echo ended; exit 5" TERM; echo ready; while :; do sleep 0.05; done'));
  const child = spawn(process.execPath, [path.join(folder, 'image/setup.mjs'), 'yichuang'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (text.includes('ready')) child.kill('SIGTERM');
  });
  const [status] = await once(child, 'close');
  expect(said).toBe('ready\nended\n');
  expect(status).toBe(5);
});

test('npm runs without the Node it replaces, the command with it first', () => {
  const env = { PATH: '/house/node_modules/.bin:/usr/bin:/bin', HOME: '/root' };
  expect(npmEnvironment(env)).toEqual({ PATH: '/usr/bin:/bin', HOME: '/root' });
  expect(commandEnvironment(env).PATH).toBe(`${path.resolve('node_modules/.bin')}:/usr/bin:/bin`);
});

test('times are told in milliseconds below a second, then in seconds', () => {
  expect([duration(0.4), duration(999.4), duration(1000), duration(61_250)]).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '61.3 s',
  ]);
});
