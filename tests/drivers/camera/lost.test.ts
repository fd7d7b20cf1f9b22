import { chmod, rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { err } from '#contract/result.ts';
import { VideoCamera } from '#drivers/camera/device.ts';
import { cameraTrouble } from '#drivers/camera/look.ts';
import { TIMING } from '#drivers/camera/protocol.ts';
import { deviceStatus, openCamera } from '#drivers/index.ts';
import { CAMERA, HeldTimers, machine, opened } from './stand.ts';

const OTHER = { name: 'Other Camera', number: 4, socket: '1-2', id: 'Other_Camera_B-2' };

describe('a camera that is there', () => {
  it('is ready, and the log says which it is', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const { camera, events } = opened(place.file(CAMERA), place);
    expect(camera.state).toEqual({ state: 'away', why: 'connecting', remedy: 'wait a moment' });
    await expect.poll(() => camera.state).toEqual({ state: 'ready' });
    expect(events).toEqual([
      { event: 'device-state', device: 'camera', from: 'away', to: 'ready', detail: 'Example Camera' },
    ]);
  });

  it('stays ready while another one goes and while its rights change', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    await place.plug(OTHER);
    const timers = new HeldTimers(TIMING.lookMs);
    const { camera, events } = opened(place.file(CAMERA), place, timers);
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    const looks = () => timers.begun.filter((ms) => ms === TIMING.lookMs).length;
    const before = looks();
    await place.unplug(OTHER);
    await chmod(place.file(CAMERA), 0o660);
    await expect.poll(looks).toBeGreaterThan(before);
    expect(camera.state).toEqual({ state: 'ready' });
    expect(events).toHaveLength(1);
  });

  it('stays ready while the screen holds it, where only one may', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const timers = new HeldTimers(TIMING.lookMs);
    const connection = { by: 'video', path: place.file(CAMERA) } as const;
    const camera = new VideoCamera({ connection, system: place, timers });
    onTestFinished(() => camera.close());
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    let asked = 0;
    const look = camera.open.bind(camera);
    camera.open = async () => {
      asked += 1;
      return err(cameraTrouble(connection.path, 'EBUSY'));
    };
    timers.end(TIMING.lookMs);
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    expect(asked).toBe(1);
    expect(camera.state).toEqual({ state: 'ready' });
    camera.open = look;
    await place.unplug(CAMERA);
    await expect.poll(() => camera.state).toMatchObject({ state: 'away', why: 'port-missing' });
  });
});

describe('a camera that goes', () => {
  it('is away at once, and ready as soon as it is back, without waiting for a look', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const timers = new HeldTimers(TIMING.lookMs, 500, 5_000);
    const path = place.file(CAMERA);
    const { camera } = opened(path, place, timers);
    const seen: string[] = [];
    camera.onState(({ state }) => seen.push(state));
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    await place.unplug(CAMERA);
    await expect
      .poll(() => camera.state)
      .toEqual({ state: 'away', why: 'port-missing', remedy: `plug in the cable of the camera ${path}` });
    await place.plug(CAMERA);
    await expect.poll(() => camera.state).toEqual({ state: 'ready' });
    expect(seen).toEqual(['ready', 'away', 'ready']);
  });

  it('is found again by its link, behind another number', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const { camera } = opened(place.link(CAMERA), place);
    await expect.poll(() => camera.state.state).toBe('ready');
    await place.unplug(CAMERA);
    await expect.poll(() => camera.state.state).toBe('away');
    await place.plug({ ...OTHER, number: CAMERA.number });
    await place.plug({ ...CAMERA, number: 2, socket: '1-3' });
    await expect.poll(() => camera.state.state).toBe('ready');
  });

  it('is missed at the next look where the system did not tell of it', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const timers = new HeldTimers(TIMING.lookMs);
    const { camera } = opened(place.link(CAMERA), place, timers);
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    // Only the folder of the files is watched.
    await rm(place.link(CAMERA));
    expect(camera.state.state).toBe('ready');
    timers.end(TIMING.lookMs);
    await expect.poll(() => camera.state).toMatchObject({ state: 'away', why: 'port-missing' });
  });

  it('again and again is tried less often, until it stays', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const timers = new HeldTimers(TIMING.lookMs, TIMING.steadyMs, 500, 5_000);
    const { camera } = opened(place.file(CAMERA), place, timers);
    const leave = async () => {
      await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
      await place.unplug(CAMERA);
      await expect.poll(() => camera.state.state).toBe('away');
      await place.plug(CAMERA);
    };
    for (let time = 0; time < 5; time += 1) await leave();
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    timers.end(TIMING.steadyMs);
    await leave();
    const waits = timers.begun.filter((ms) => ms === 500 || ms === 5_000);
    expect(waits).toEqual([500, 500, 500, 5_000, 5_000, 500]);
  });

  it('between the first look and the watch is missed all the same', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const path = place.file(CAMERA);
    let first = true;
    class Torn extends VideoCamera {
      override async open() {
        const looked = await super.open();
        if (first) await place.unplug(CAMERA);
        first = false;
        return looked;
      }
    }
    const timers = new HeldTimers(TIMING.lookMs);
    const camera = new Torn({ connection: { by: 'video', path }, system: place, timers });
    onTestFinished(() => camera.close());
    const seen: string[] = [];
    camera.onState(({ state }) => seen.push(state));
    await expect.poll(() => camera.state).toMatchObject({ state: 'away', why: 'port-missing' });
    expect(seen).toEqual(['ready', 'away']);
  });
});

describe('closing', () => {
  it('leaves nothing waiting, also while the camera is looked for', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const timers = new HeldTimers(TIMING.lookMs, TIMING.steadyMs);
    const { camera, events } = opened(place.file(CAMERA), place, timers);
    await expect.poll(() => timers.holds(TIMING.lookMs)).toBe(true);
    await camera.close();
    expect([timers.holds(TIMING.lookMs), timers.holds(TIMING.steadyMs)]).toEqual([false, false]);
    await place.unplug(CAMERA);
    expect(events).toHaveLength(1);

    const early = opened(place.file(CAMERA), place, timers);
    await early.camera.close();
    expect(early.events).toEqual([]);
  });

  it('while it is being found says nothing of it', async () => {
    const place = await machine();
    await place.plug(CAMERA);
    const { camera, events } = opened(place.file(CAMERA), place);
    await camera.close();
    expect(events).toEqual([]);
  });
});

it('a camera is reached by no other connection, and looked for on the machine that it runs on', async () => {
  const wrong = openCamera({ connection: { by: 'serial', path: '/dev/none', baud: 'auto' } });
  const absent = openCamera({ connection: { by: 'video', path: '/dev/v4l/by-id/none' } });
  onTestFinished(() => Promise.all([wrong.close(), absent.close()]).then(() => undefined));
  await expect
    .poll(() => wrong.state)
    .toMatchObject({ why: 'wrong-connection', remedy: 'write video:PATH for a camera' });
  await expect.poll(() => absent.state).toMatchObject({ state: 'away', why: 'port-missing' });
  const status = await deviceStatus({ by: 'video', path: '/dev/v4l/by-id/none' });
  expect(status).toMatchObject({ error: { code: 'away', why: 'port-missing' } });
});
