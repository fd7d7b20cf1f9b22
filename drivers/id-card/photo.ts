import { spawn } from 'node:child_process';
import { PHOTO_MOST_BYTES } from '#contract/devices.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import type { Timers } from '../common/port.ts';
import { PHOTO } from './protocol.ts';

/** A decoded photograph; its form is told by its own first bytes. Wiping the bytes overwrites them. */
export interface Picture {
  readonly type: 'image/bmp' | 'image/png' | 'image/jpeg';
  readonly bytes: Sensitive<Uint8Array>;
}

/** Why there is no picture. */
export interface NoPicture {
  readonly code: 'not-available';
  readonly why: 'no-decoder' | 'no-card' | 'decoder-missing' | 'decoder-failed' | 'no-picture';
  readonly remedy: string;
}

type Decoded = Result<Picture, NoPicture>;

/**
 * Decodes a photograph by a vendor's program: it reads the closed format (WLT) from its standard input, writes a picture to its
 * standard output and ends with 0. What it says on its error output is nobody's business: it may tell of the person.
 * @param wlt is overwritten with zeros.
 * @param signal ends the program, and with it the decoding.
 */
export async function decodePhoto(
  program: string,
  wlt: Uint8Array,
  timers: Timers,
  signal?: AbortSignal,
): Promise<Decoded> {
  const failed = (why: NoPicture['why']) =>
    err<NoPicture>({ code: 'not-available', why, remedy: `check that ${program} runs: WLT in, a picture out` });
  // Node throws where it cannot even try, for instance when the machine has no more descriptors.
  const ran = await run(program, wlt, timers, signal).catch(() => 'missing' as const);
  wlt.fill(0);
  if (ran === 'missing') return failed('decoder-missing');
  if (ran === 'failed') return failed('decoder-failed');
  const type = PHOTO.pictures.find(({ begins }) => begins.every((byte, at) => ran[at] === byte))?.type;
  if (type) return ok({ type, bytes: new Sensitive(ran) });
  ran.fill(0);
  return failed('no-picture');
}

function run(
  program: string,
  input: Uint8Array,
  timers: Timers,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | 'missing' | 'failed'> {
  return new Promise((done) => {
    // A group of its own: what a script has started would hold the pipe open after the script was killed.
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'], env: {}, detached: true });
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (given: Uint8Array | 'missing' | 'failed') => {
      cancel();
      signal?.removeEventListener('abort', stop);
      for (const chunk of chunks.splice(0)) chunk.fill(0);
      done(given);
    };
    const stop = () => {
      if (child.pid !== undefined) killGroup(child.pid);
      child.stdout.destroy();
      end('failed');
    };
    const cancel = timers.after(PHOTO.decodeMs, stop);
    signal?.addEventListener('abort', stop);
    child.on('error', () => end('missing'));
    // It may end without having read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > PHOTO_MOST_BYTES) stop();
    });
    child.on('close', (code) => end(code === 0 ? joined(chunks, length) : 'failed'));
  });
}

/** Not `Buffer.concat`: it may leave a copy in the pool of small buffers. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of the group have ended, and what still holds the pipe has left it.
  }
}
