import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { lookAt } from '#drivers/camera/look.ts';
import { CAMERA, machine } from './stand.ts';

/** Debian's user that owns nothing. */
const NOBODY = 65_534;

/** Root may open everything, and the tests may be root's. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(NOBODY);
  try {
    return await run();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

it('a camera that may not be opened is away, and the rule that lets both users in is named', async () => {
  const place = await machine();
  await place.plug(CAMERA);
  await chmod(dirname(place.dev), 0o755);
  const path = place.file(CAMERA);
  await chmod(path, 0o000);
  expect(await asNobody(() => lookAt(path, place))).toEqual({
    ok: false,
    error: {
      why: 'port-denied',
      remedy:
        `let the users of the service and of the screen open ${path}: add both to the group video, ` +
        'or a udev rule SUBSYSTEM=="video4linux", GROUP="video", MODE="0660"',
      detail: 'EACCES',
    },
  });
  // To read it is not enough.
  await chmod(path, 0o444);
  expect(await asNobody(() => lookAt(path, place))).toMatchObject({ error: { why: 'port-denied' } });
  await chmod(path, 0o666);
  expect(await asNobody(() => lookAt(path, place))).toMatchObject({ ok: true, value: { name: 'Example Camera' } });
});
