import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemTimers } from '#drivers/common/port.ts';
import { SamReader } from '#drivers/id-card/device.ts';
import { decodePhoto } from '#drivers/id-card/photo.ts';
import { VirtualTimers } from '../stand.ts';
import { EMPTY, Sam } from './sam.ts';

/** What the test's cards carry. */
const CLOSED = Buffer.alloc(1024, 7);

/** A vendor's program, as a script. */
async function program(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yc-decoder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'decoder');
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

const GOOD = "printf 'BM'; cat";

describe('a vendor’s program', () => {
  it.each([
    ['image/bmp', "printf 'BM'; cat", 2],
    ['image/png', "printf '\\211PNG'; cat", 4],
    ['image/jpeg', "printf '\\377\\330\\377'; cat", 3],
  ])('is given the closed photograph and gives a picture back (%s)', async (type, script, head) => {
    const wlt = new Uint8Array(CLOSED);
    const decoded = await decodePhoto(await program(script), wlt, systemTimers());
    expect(decoded.ok && decoded.value.reveal().type).toBe(type);
    expect(decoded.ok && Buffer.from(decoded.value.reveal().bytes).subarray(head)).toEqual(CLOSED);
    expect(wlt.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['ends badly', `${GOOD}; exit 3`, 'decoder-failed'],
    ['writes no picture', 'cat', 'no-picture'],
    ['writes nothing', 'exit 0', 'no-picture'],
    ['writes without an end', "printf 'BM'; exec yes", 'decoder-failed'],
    ['is killed', 'kill -9 $$', 'decoder-failed'],
  ])('that %s gives no picture', async (_what, script, why) => {
    const decoded = await decodePhoto(await program(script), new Uint8Array(CLOSED), systemTimers());
    expect(decoded).toMatchObject({ ok: false, error: { code: 'not-available', why } });
  });

  it('that hangs is ended when its time is over', async () => {
    const timers = new VirtualTimers();
    const decoding = decodePhoto(await program('exec sleep 1000'), new Uint8Array(CLOSED), timers);
    expect(timers.pending).toBe(1);
    void timers.pass(5_000);
    expect(await decoding).toMatchObject({ ok: false, error: { why: 'decoder-failed' } });
  });

  it('that is not there is named with what to do', async () => {
    const decoded = await decodePhoto('/nowhere/decoder', new Uint8Array(CLOSED), systemTimers());
    expect(decoded).toMatchObject({
      ok: false,
      error: { why: 'decoder-missing', remedy: expect.stringContaining('/nowhere/decoder') },
    });
  });
});

describe('the photograph of a card', () => {
  async function read(photoDecoder?: string) {
    const sam = new Sam();
    const connection = { by: 'serial', path: '/dev/none', baud: 115_200 } as const;
    const timers = new VirtualTimers();
    const reader = new SamReader(sam.wire.connect, { connection, timers, photoDecoder });
    onTestFinished(() => timers.until(reader.close()));
    sam.lay();
    expect((await timers.until(reader.read(new AbortController().signal))).ok).toBe(true);
    return { sam, reader, timers };
  }

  it('is given once', async () => {
    const { reader } = await read(await program(GOOD));
    const photo = await reader.photo();
    expect(photo.ok && Buffer.from(photo.value.reveal().bytes).subarray(2)).toEqual(CLOSED);
    expect(await reader.photo()).toMatchObject({ ok: false, error: { why: 'no-card' } });
  });

  it('is nobody’s once the card was lifted', async () => {
    const { sam, reader, timers } = await read(await program(GOOD));
    sam.says = EMPTY;
    await timers.pass(5_000);
    expect(reader.state.state).toBe('ready');
    expect(await reader.photo()).toMatchObject({ ok: false, error: { why: 'no-card' } });
  });

  it('is not available without a decoder', async () => {
    const { reader } = await read();
    expect(await reader.photo()).toMatchObject({ ok: false, error: { code: 'not-available', why: 'no-decoder' } });
  });
});
