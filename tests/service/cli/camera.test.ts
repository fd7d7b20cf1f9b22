import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scriptCamera } from '#tests/simulators/index.ts';
import { CLI } from './run.ts';

/** Runs `yichuang device` where the kernel shows a camera, as umockdev plays it. */
async function device(...given: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'yc-video-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const camera = { name: 'Example Camera', number: 0, socket: '1-1', id: 'Example_Camera_A-1' };
  const [program = '', ...args] = await scriptCamera(folder, camera);
  return new Promise<{ exit: number | string | null; json: unknown }>((done) => {
    execFile(program, [...args, process.execPath, CLI, 'device', ...given], (error, stdout) => {
      done({ exit: error ? (error.code ?? null) : 0, json: JSON.parse(stdout) });
    });
  });
}

it('lists a camera once, with the name that the kernel gives it and the connection to write', async () => {
  const { exit, json } = await device('list');
  expect(exit).toBe(0);
  expect((json as { kind: string }[]).filter(({ kind }) => kind === 'camera')).toEqual([
    {
      connection: 'video:/dev/v4l/by-id/usb-Example_Camera_A-1-video-index0',
      says: 'Example Camera',
      kind: 'camera',
    },
  ]);
});

it('says that it is ready, also when it is not told that it is a camera', async () => {
  const ready = { exit: 0, json: { device: 'camera', state: { state: 'ready' } } };
  const status = ['status', '--connection', 'video:/dev/video0'];
  expect(await device(...status, '--kind', 'camera')).toEqual(ready);
  expect(await device(...status)).toEqual(ready);
});

it('says which file to write in the place of the one with metadata, and what to plug in', async () => {
  const wrong = await device('status', '--connection', 'video:/dev/video1');
  expect(wrong).toMatchObject({ exit: 1, json: { error: { code: 'away', detail: 'no-pictures' } } });
  expect(JSON.stringify(wrong.json)).toContain('write video:/dev/video0 instead of video:/dev/video1');
  const absent = await device('status', '--connection', 'video:/dev/video5');
  expect(absent).toMatchObject({ exit: 1, json: { error: { code: 'away', detail: 'port-missing' } } });
});
