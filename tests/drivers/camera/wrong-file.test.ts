import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cameraTrouble, lookAt } from '#drivers/camera/look.ts';
import { CAMERA, machine, opened } from './stand.ts';

const LIST = 'write a connection that `yichuang device list` shows for one';

describe('a file of metadata in the place of the camera', () => {
  it('is refused, and the file to write is named', async () => {
    const place = await machine();
    const second = { ...CAMERA, number: 2, socket: '1-2', id: 'Example_Camera_B-2' };
    await place.plug(CAMERA);
    await place.plug(second);
    const [right, wrong] = [place.file(second), place.file(second, 1)];
    const { camera } = opened(wrong, place);
    await expect
      .poll(() => camera.state)
      .toEqual({
        state: 'away',
        why: 'no-pictures',
        remedy: `write video:${right} instead of video:${wrong}, which carries the camera's metadata and no pictures`,
      });
  });

  it('is refused behind a link, and the link to write is named', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const looked = await lookAt(place.link(CAMERA, 1), place);
    expect(looked).toMatchObject({
      error: { remedy: expect.stringContaining(`write video:${place.link(CAMERA)} instead`), detail: 'Example Camera' },
    });
  });

  it('is refused also where the camera’s own file is not known', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    await rm(join(place.sys, 'class/video4linux/video0'));
    const path = place.file(CAMERA, 1);
    expect(await lookAt(path, place)).toMatchObject({
      error: { why: 'no-pictures', remedy: `${path} gives no pictures: ${LIST}` },
    });
  });
});

describe('what is no camera', () => {
  it.each([
    ['a file that somebody wrote', 'video9', (path: string) => writeFile(path, '')],
    ['a folder', 'video9', (path: string) => mkdir(path)],
    ['another device', 'ttyUSB0', (path: string) => writeFile(path, '')],
    ['a device of V4L2 without pictures', 'vbi0', (path: string) => writeFile(path, '')],
    ['a link out of the folder', 'camera', (path: string) => symlink('/etc/hostname', path)],
  ])('is refused: %s', async (_what, name, make) => {
    const place = await machine();
    const path = join(place.dev, name);
    await make(path);
    expect(await lookAt(path, place)).toEqual({
      ok: false,
      error: { why: 'no-camera', remedy: `${path} is no camera: ${LIST}` },
    });
  });

  it('is not taken for one because a camera’s name stands elsewhere', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const path = join(place.dev, 'v4l', 'video0');
    await writeFile(path, '');
    expect(await lookAt(path, place)).toMatchObject({ error: { why: 'no-camera' } });
  });

  it('is a file that took the camera’s place, and the camera is ready when it is back', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const path = place.file(CAMERA);
    await rename(path, join(place.dev, 'aside'));
    await writeFile(path, '');
    const { camera } = opened(path, place);
    await expect.poll(() => camera.state).toMatchObject({ state: 'away', why: 'no-camera' });
    await rename(join(place.dev, 'aside'), path);
    await expect.poll(() => camera.state.state).toBe('ready');
  });
});

describe('a camera that the kernel is taking away', () => {
  it.each(['name', 'index', 'device'])('is none any more when its %s can’t be read', async (attribute) => {
    const place = await machine();
    await place.plug(CAMERA);
    await rm(join(place.sys, 'class/video4linux/video0', attribute));
    expect(await lookAt(place.file(CAMERA), place)).toMatchObject({ error: { why: 'no-camera' } });
  });

  it.each(['', 'x', '-1', '00', '0\n0'])('with an index of %j gives no pictures', async (index) => {
    const place = await machine();
    await place.plug(CAMERA);
    await writeFile(join(place.sys, 'class/video4linux/video0/index'), index);
    expect(await lookAt(place.file(CAMERA), place)).toMatchObject({ error: { why: 'no-pictures' } });
  });

  it('is missing when its file went first', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    await rm(place.file(CAMERA));
    const missing = { error: { why: 'port-missing', detail: 'ENOENT' } };
    expect(await lookAt(place.file(CAMERA), place)).toMatchObject(missing);
    expect(await lookAt(place.link(CAMERA), place)).toMatchObject(missing);
  });
});

describe('a file that can’t be opened', () => {
  it.each([
    ['ENXIO', 'port-missing', 'plug in the cable'],
    ['ENODEV', 'port-missing', 'plug in the cable'],
    ['EACCES', 'port-denied', 'SUBSYSTEM=="video4linux", GROUP="video", MODE="0660"'],
    ['EACCES', 'port-denied', 'the users of the service and of the screen'],
    ['EPERM', 'port-denied', 'DeviceAllow=char-video4linux rw'],
    ['EBUSY', 'port-busy', 'end the other program that holds /dev/video0'],
    ['EIO', 'port-failed', 'check the cable and the name of /dev/video0'],
  ])('says what to do about %s', (code, why, remedy) => {
    expect(cameraTrouble('/dev/video0', code)).toEqual({ why, remedy: expect.stringContaining(remedy), detail: code });
  });

  it('is named when its links lead in a circle', async () => {
    const place = await machine();
    const path = join(place.dev, 'camera');
    await symlink(path, path);
    expect(await lookAt(path, place)).toMatchObject({ error: { why: 'port-failed', detail: 'ELOOP' } });
  });
});
