import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConnection } from '#contract/connection.ts';
import { pluggedAt, watchFolder } from '#drivers/common/plug.ts';
import { systemTimers, type Timers } from '#drivers/common/port.ts';
import { openIdCardReader } from '#drivers/index.ts';
import { startSamReader } from '#tests/simulators/index.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'yc-plug-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

function watched(path: string) {
  const heard = { times: 0 };
  const stop = pluggedAt({ by: 'serial', path, baud: 'auto' })(() => {
    heard.times += 1;
  });
  onTestFinished(stop);
  return heard;
}

describe('a device file', () => {
  it('is heard of when it comes and when its rights change, and no other is', async () => {
    const place = await folder();
    const heard = watched(join(place, 'ttyUSB0'));
    const other = watched(join(place, 'ttyUSB1'));
    await writeFile(join(place, 'ttyUSB0'), '');
    await expect.poll(() => heard.times).toBeGreaterThan(0);
    const before = heard.times;
    await chmod(join(place, 'ttyUSB0'), 0o600);
    await expect.poll(() => heard.times).toBeGreaterThan(before);
    expect(other.times).toBe(0);
  });

  it('is heard of although its folder comes with it', async () => {
    const place = await folder();
    const heard = watched(join(place, 'serial', 'by-path', 'reader'));
    await mkdir(join(place, 'serial', 'by-path'), { recursive: true });
    await expect.poll(() => heard.times).toBeGreaterThan(0);
  });

  it('that goes is no news', async () => {
    const place = await folder();
    await writeFile(join(place, 'ttyUSB0'), '');
    const heard = watched(join(place, 'ttyUSB0'));
    const next = watched(join(place, 'marker'));
    await rm(join(place, 'ttyUSB0'));
    await writeFile(join(place, 'marker'), '');
    await expect.poll(() => next.times).toBeGreaterThan(0);
    expect(heard.times).toBe(0);
  });

  it('of a device on USB is heard of on any bus, also on one that comes with it', async () => {
    const dev = await folder();
    const heard = { times: 0 };
    const connection = { by: 'usb', vendor: 0x0400, product: 0xc35a, serial: null } as const;
    const listen = () => {
      const stop = pluggedAt(
        connection,
        dev,
      )(() => {
        heard.times += 1;
      });
      onTestFinished(stop);
      return stop;
    };
    const stopBare = listen();
    await mkdir(join(dev, 'bus', 'usb', '001'), { recursive: true });
    await expect.poll(() => heard.times).toBeGreaterThan(0);
    stopBare();
    heard.times = 0;
    listen();
    await writeFile(join(dev, 'bus', 'usb', '001', '005'), '');
    await expect.poll(() => heard.times).toBeGreaterThan(0);
    const before = heard.times;
    await mkdir(join(dev, 'bus', 'usb', '002'));
    await expect.poll(() => heard.times).toBeGreaterThan(before);
  });

  it('that can’t be watched is waited for without it: the next try comes all the same', () => {
    const none = () => undefined;
    watchFolder('/nowhere', () => true, none)();
  });

  it('is not waited for where there is none', () => {
    pluggedAt({ by: 'tcp', host: 'nowhere', port: 1 })(() => undefined)();
    pluggedAt({ by: 'hid', vendor: 1, product: 2, serial: null })(() => undefined)();
  });
});

it('a reader that staff were called for serves as soon as its cable is in, without the next try', async () => {
  const sam = await startSamReader({ transport: 'pty' });
  onTestFinished(() => sam.close());
  const connection = parseConnection(sam.connection);
  if (!connection.ok) throw new Error(connection.error.remedy);
  const system = systemTimers();
  let held = 0;
  // The long wait never ends by itself.
  const timers: Timers = {
    after(ms, run) {
      if (ms !== 5_000) return system.after(ms, run);
      held += 1;
      return () => undefined;
    },
  };
  await sam.unplug();
  const reader = openIdCardReader({ connection: connection.value, timers });
  onTestFinished(() => reader.close());
  await expect.poll(() => held).toBe(1);
  await sam.plug();
  await expect.poll(() => reader.state.state).toBe('ready');
});
