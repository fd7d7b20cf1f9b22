import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

async function make(...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['image/package/main.ts', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A mirror that nobody is at, and a cache in which nothing lies.
    env: {
      ...process.env,
      ELECTRON_MIRROR: 'http://127.0.0.1:47/',
      electron_config_cache: mkdtempSync(join(tmpdir(), 'yc-cache-')),
    },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: Number(code), said };
}

it('stops with the reason, and what helps, where the other processor’s Electron is not to be had', async () => {
  const { code, said } = await make('--arch', process.arch === 'x64' ? 'arm64' : 'x64');
  expect(code).toBe(1);
  expect(said).toMatch(/Electron 45\.4\.1 for (arm64|x64) could not be obtained \(.*ECONNREFUSED/);
  expect(said).toContain('Set ELECTRON_MIRROR');
});

it('names the processors that there are terminals for', async () => {
  const { code, said } = await make('--arch', 'mips');
  expect(code).toBe(1);
  expect(said).toContain('give --arch x64 or --arch arm64');
});

it('refuses a key that is none before it builds anything', async () => {
  const { code, said } = await make('--key', 'README.md');
  expect(code).toBe(1);
  expect(said).toContain('README.md is no Ed25519 private key');
  expect(said).not.toContain('building the application');
});
