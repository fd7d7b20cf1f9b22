import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { lookAt } from '#drivers/camera/look.ts';
import { listCameras } from '#drivers/camera/nodes.ts';
import { CAMERA, machine } from './stand.ts';

it('names a camera by the link that finds it in any socket, and not its file of metadata', async () => {
  const place = await machine();
  await place.plug(CAMERA);
  expect(await listCameras(place)).toEqual([{ connection: `video:${place.link(CAMERA)}`, name: 'Example Camera' }]);
});

it('names two with one name by their sockets, each a connection that is ready', async () => {
  const place = await machine();
  await place.plug({ ...CAMERA, number: 10, socket: '1-2' });
  await place.plug(CAMERA);
  const sockets = join(place.dev, 'v4l/by-path');
  const listed = await listCameras(place);
  expect(listed).toEqual([
    { connection: `video:${sockets}/pci-0000:00:14.0-usb-0:1:1.0-video-index0`, name: 'Example Camera' },
    { connection: `video:${sockets}/pci-0000:00:14.0-usb-0:2:1.0-video-index0`, name: 'Example Camera' },
  ]);
  const nodes = listed.map(async ({ connection }) => {
    const parsed = parseConnection(connection);
    return parsed.ok && parsed.value.by === 'video' ? lookAt(parsed.value.path, place) : parsed;
  });
  expect(await Promise.all(nodes)).toMatchObject([{ value: { node: 'video0' } }, { value: { node: 'video10' } }]);
});

it('names it by its socket where udev knows no more of it', async () => {
  const place = await machine();
  await place.plug(CAMERA);
  await rm(place.link(CAMERA));
  const link = join(place.dev, 'v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0');
  expect(await listCameras(place)).toEqual([{ connection: `video:${link}`, name: 'Example Camera' }]);
});

it('names it by its file where udev made no link, or none that leads to it', async () => {
  const place = await machine();
  await place.plug(CAMERA);
  const byFile = [{ connection: `video:${place.file(CAMERA)}`, name: 'Example Camera' }];
  await rm(join(place.dev, 'v4l/by-path'), { recursive: true });
  await rm(place.link(CAMERA));
  await symlink('../../video7', place.link(CAMERA));
  await writeFile(join(place.dev, 'v4l/by-id/note'), '');
  expect(await listCameras(place)).toEqual(byFile);
  await rm(join(place.dev, 'v4l'), { recursive: true });
  expect(await listCameras(place)).toEqual(byFile);
});

it('finds none where the kernel knows no video devices', async () => {
  const place = await machine();
  expect(await listCameras(place)).toEqual([]);
  await rm(join(place.sys, 'class'), { recursive: true });
  expect(await listCameras(place)).toEqual([]);
});
