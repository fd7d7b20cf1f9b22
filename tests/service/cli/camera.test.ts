import { expect, it } from 'vitest';
import { scriptCamera } from '#tests/simulators/index.ts';
import { deviceAt } from './played.ts';

function device(...given: readonly string[]) {
  const camera = { name: 'Example Camera', number: 0, socket: '1-1', id: 'Example_Camera_A-1' };
  return deviceAt((folder) => scriptCamera(folder, camera), ...given);
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
  expect(await device(...status, '--kind', 'camera')).toMatchObject(ready);
  expect(await device(...status)).toMatchObject(ready);
});

it('says which file to write in the place of the one with metadata, and what to plug in', async () => {
  const wrong = await device('status', '--connection', 'video:/dev/video1');
  expect(wrong).toMatchObject({ exit: 1, json: { error: { code: 'away', detail: 'no-pictures' } } });
  expect(JSON.stringify(wrong.json)).toContain('write video:/dev/video0 instead of video:/dev/video1');
  const absent = await device('status', '--connection', 'video:/dev/video5');
  expect(absent).toMatchObject({ exit: 1, json: { error: { code: 'away', detail: 'port-missing' } } });
});
