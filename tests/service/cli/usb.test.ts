import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type BulkFault, type BulkLayout, scriptBulkReader, syntheticResident } from '#tests/simulators/index.ts';
import { CLI } from './run.ts';

/** Runs the command where the kernel shows the reader, as umockdev plays it to the real libusb. */
async function run(layout: BulkLayout, fault: BulkFault, ...wanted: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'yc-usb-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { command } = await scriptBulkReader(folder, layout, syntheticResident(), fault);
  const [program = '', ...args] = command;
  return new Promise<{ exit: number | string | null; json: unknown; stderr: string }>((done) => {
    execFile(program, [...args, process.execPath, CLI, 'device', ...wanted], (error, stdout, stderr) => {
      done({ exit: error ? (error.code ?? null) : 0, json: JSON.parse(stdout), stderr });
    });
  });
}

const READ = ['read-card', '--timeout', '60', '--connection'];
const CARD = { exit: 0, json: { kind: 'resident', name: '王秀英' } };

it('reads a card from a reader with endpoints for header and rest', async () => {
  expect(await run('header-and-rest', 'none', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('reads a card from a reader that takes whole frames, named by its serial number too', async () => {
  expect(await run('whole', 'none', ...READ, 'usb:0400:c35a?serial=A-1')).toMatchObject(CARD);
});

it.each(['header-and-rest', 'whole'] as const)('reads a card although an endpoint halts: %s', async (layout) => {
  expect(await run(layout, 'halts', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('reads a card although the cable was out for a moment', async () => {
  expect(await run('header-and-rest', 'unplugged', ...READ, 'usb:0400:c35a')).toMatchObject(CARD);
});

it('lists the reader, and says that it is well', async () => {
  const connection = 'usb:0400:c35a?serial=A-1';
  const listed = await run('whole', 'none', 'list');
  expect(listed.json).toContainEqual({ connection, says: 'Example Reader', kind: 'usb-reader' });
  const status = await run('whole', 'none', 'status', '--connection', connection);
  expect(status).toMatchObject({ exit: 0, json: { device: 'id-card', state: { state: 'ready' } } });
});

it('says what to plug in when there is no such reader', async () => {
  const read = await run('whole', 'none', ...READ, 'usb:0400:c35a?serial=B-2');
  expect(read.json).toMatchObject({ error: { code: 'away', detail: 'device-missing' } });
  expect(read.exit).toBe(1);
});
