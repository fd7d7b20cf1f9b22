import { spawn } from 'node:child_process';
import { err, ok, type Result } from '#contract/result.ts';
import { Sensitive } from '#contract/sensitive.ts';
import type { Timers } from '../common/port.ts';
import { PHOTO } from './protocol.ts';

/** A decoded photograph; its form is told by its own first bytes. */
export interface Picture {
  readonly type: 'image/bmp' | 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** Why there is no picture. */
export interface NoPicture {
  readonly code: 'not-available';
  readonly why: 'no-decoder' | 'no-card' | 'decoder-missing' | 'decoder-failed' | 'no-picture';
  readonly remedy: string;
}

type Decoded = Result<Sensitive<Picture>, NoPicture>;

/**
 * Decodes a photograph by a vendor's program: it reads the closed format (WLT) from its standard input, writes a picture to its
 * standard output and ends with 0. What it says on its error output is nobody's business: it may tell of the person.
 * @param wlt is overwritten with zeros.
 */
export async function decodePhoto(program: string, wlt: Uint8Array, timers: Timers): Promise<Decoded> {
  const failed = (why: NoPicture['why']) =>
    err<NoPicture>({ code: 'not-available', why, remedy: `check that ${program} runs: WLT in, a picture out` });
  const ran = await run(program, wlt, timers);
  wlt.fill(0);
  if (ran === 'missing') return failed('decoder-missing');
  if (ran === 'failed') return failed('decoder-failed');
  const type = PHOTO.pictures.find(({ begins }) => begins.every((byte, at) => ran[at] === byte))?.type;
  if (type) return ok(new Sensitive<Picture>({ type, bytes: ran }));
  ran.fill(0);
  return failed('no-picture');
}

function run(program: string, input: Uint8Array, timers: Timers): Promise<Uint8Array | 'missing' | 'failed'> {
  return new Promise((done) => {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
    const chunks: Buffer[] = [];
    let length = 0;
    const cancel = timers.after(PHOTO.decodeMs, () => child.kill('SIGKILL'));
    const end = (given: Uint8Array | 'missing' | 'failed') => {
      cancel();
      for (const chunk of chunks.splice(0)) chunk.fill(0);
      done(given);
    };
    child.on('error', () => end('missing'));
    // It may end without having read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(Buffer.from(input));
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > PHOTO.pictureMax) child.kill('SIGKILL');
    });
    child.on('close', (code) => end(code === 0 ? new Uint8Array(Buffer.concat(chunks)) : 'failed'));
  });
}
