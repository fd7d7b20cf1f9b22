import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PHOTO_MOST_BYTES } from '#contract/devices.ts';
import { type DeviceEvent, systemTimers } from '#drivers/common/port.ts';
import { SamReader } from '#drivers/id-card/device.ts';
import { decodePhoto } from '#drivers/id-card/photo.ts';
import type { NoPhotoEvent } from '#drivers/id-card/port.ts';
import { VirtualTimers } from '../stand.ts';
import { EMPTY, READ, Sam } from './sam.ts';

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

/** The number of a process, once it stands in the file. */
async function pidIn(file: string): Promise<number> {
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toMatch(/^\d+\n$/);
  return Number(await readFile(file, 'utf8'));
}

/** Whether a process runs; one that has ended may stand in the list until somebody asks for its end. */
function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
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
    expect(decoded.ok && decoded.value.type).toBe(type);
    expect(decoded.ok && Buffer.from(decoded.value.bytes.reveal()).subarray(head)).toEqual(CLOSED);
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
    void timers.pass(2_000);
    expect(await decoding).toMatchObject({ ok: false, error: { why: 'decoder-failed' } });
  });

  it('that hangs in a program of its own is ended with it', async () => {
    const timers = new VirtualTimers();
    const file = await program('sleep 1000 &\necho $! > "$0.pid"\nwait');
    const decoding = decodePhoto(file, new Uint8Array(CLOSED), timers);
    const sleeper = await pidIn(`${file}.pid`);
    expect(runs(sleeper)).toBe(true);
    void timers.pass(2_000);
    expect(await decoding).toMatchObject({ ok: false, error: { why: 'decoder-failed' } });
    await expect.poll(() => runs(sleeper)).toBe(false);
  });

  it('that ends and leaves somebody to hold its output is waited for no longer', async () => {
    const timers = new VirtualTimers();
    const file = await program('setsid sh -c \'echo $$ > "$0.pid"; exec sleep 1000\' "$0" &\nexit 0');
    const decoding = decodePhoto(file, new Uint8Array(CLOSED), timers);
    const sleeper = await pidIn(`${file}.pid`);
    onTestFinished(() => void process.kill(sleeper));
    void timers.pass(2_000);
    expect(await decoding).toMatchObject({ ok: false, error: { why: 'decoder-failed' } });
  });

  it.each([
    [PHOTO_MOST_BYTES, true],
    [PHOTO_MOST_BYTES + 1, false],
  ])('that writes %i bytes gives a picture: %s', async (bytes, given) => {
    const file = await program(`printf 'BM'; head -c ${bytes - 2} /dev/zero`);
    expect((await decodePhoto(file, new Uint8Array(CLOSED), systemTimers())).ok).toBe(given);
  });

  it('gives bytes that are overwritten when they are wiped', async () => {
    const decoded = await decodePhoto(await program(GOOD), new Uint8Array(CLOSED), systemTimers());
    if (!decoded.ok) throw new Error(decoded.error.why);
    const bytes = decoded.value.bytes.reveal();
    decoded.value.bytes.wipe();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('that Node cannot even try to start is not there', async () => {
    const decoded = await decodePhoto('/nowhere\0', new Uint8Array(CLOSED), systemTimers());
    expect(decoded).toMatchObject({ ok: false, error: { why: 'decoder-missing' } });
  });

  it('that cannot be one, by its path, is named as one that is missing', async () => {
    const wlt = new Uint8Array(CLOSED);
    const decoded = await decodePhoto('/dev/null/decoder', wlt, systemTimers());
    expect(decoded).toMatchObject({ ok: false, error: { why: 'decoder-missing' } });
    expect(wlt.every((byte) => byte === 0)).toBe(true);
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
    const told: NoPhotoEvent[] = [];
    const log = (event: DeviceEvent | NoPhotoEvent) => {
      if (event.event === 'no-photo') told.push(event);
    };
    const reader = new SamReader(sam.wire.connect, { connection, timers, photoDecoder, log });
    onTestFinished(() => timers.until(reader.close()));
    sam.lay();
    expect((await timers.until(reader.read(new AbortController().signal))).ok).toBe(true);
    return { sam, reader, timers, told };
  }

  it('is given once', async () => {
    const { reader, told } = await read(await program(GOOD));
    const photo = await reader.photo();
    expect(photo.ok && Buffer.from(photo.value.bytes.reveal()).subarray(2)).toEqual(CLOSED);
    expect(await reader.photo()).toMatchObject({ ok: false, error: { why: 'no-card' } });
    expect(told).toEqual([]);
  });

  it('that a program does not give is told to the log, with what to do', async () => {
    const file = await program("echo 'of whom it is' >&2; cat; exit 3");
    const { reader, told } = await read(file);
    expect((await reader.photo()).ok).toBe(false);
    const remedy = `check that ${file} runs: WLT in, a picture out`;
    expect(told).toEqual([{ event: 'no-photo', device: 'id-card', why: 'decoder-failed', remedy }]);
  });

  it('is waited for no longer when the reader is closed, and that is no fault of the program', async () => {
    const { reader, timers, told } = await read(await program('exec sleep 1000'));
    const photo = reader.photo();
    await timers.until(reader.close());
    expect((await timers.until(photo)).ok).toBe(false);
    expect(timers.now).toBeLessThan(2_000);
    expect(told).toEqual([]);
  });

  it('is nobody’s once the card was lifted', async () => {
    const { sam, reader, timers } = await read(await program(GOOD));
    sam.says = EMPTY;
    await timers.pass(5_000);
    expect(reader.state.state).toBe('ready');
    expect(await reader.photo()).toMatchObject({ ok: false, error: { why: 'no-card' } });
  });

  it('is nobody’s when it was not asked for at once, though the card still lies there', async () => {
    const { sam, reader, timers } = await read(await program(GOOD));
    sam.says = READ;
    await timers.pass(2_500);
    expect(reader.state.state).toBe('card');
    expect(await reader.photo()).toMatchObject({ ok: false, error: { why: 'no-card' } });
  });

  it('is overwritten wherever it stood once its picture is', async () => {
    const copies = [vi.spyOn(Buffer, 'from'), vi.spyOn(Buffer, 'concat')];
    onTestFinished(() => copies.forEach((spy) => spy.mockRestore()));
    const decoded = await decodePhoto(await program(GOOD), new Uint8Array(CLOSED), systemTimers());
    if (!decoded.ok) throw new Error(decoded.error.why);
    decoded.value.bytes.wipe();
    const made = copies.flatMap(({ mock }) => mock.results.map(({ value }) => value as Buffer));
    expect(made.filter((bytes) => bytes.includes(CLOSED.subarray(0, 100)))).toEqual([]);
  });

  it('is not available without a decoder', async () => {
    const { reader, told } = await read();
    expect(await reader.photo()).toMatchObject({ ok: false, error: { code: 'not-available', why: 'no-decoder' } });
    expect(told).toEqual([]);
  });
});
