import { spawn } from 'node:child_process';
import { SOUND_MOST_BYTES } from '#contract/calls.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Timers } from '../time/clock.ts';
import type { Part } from './reading.ts';

/** Milliseconds for a part; it takes some hundredths of that. */
const MOST_MS = 5_000;
/** Words a minute; the program's own 175 are too fast for most of our residents. */
const RATE = 150;
/** Bytes of a WAV header as the program writes it, before the samples: `RIFF`, `fmt ` and `data`. */
const HEADER = 44;

/** `given-up`: something else is to be said, or the visit is over. */
export type NoSound = 'missing' | 'failed' | 'given-up';

/** Samples of 16 bits, one channel. */
export interface Samples {
  readonly rate: number;
  readonly bytes: Buffer;
}

/** Has the program speak one part. The words go in by its standard input, so that no process list shows them. */
export function speak(
  program: string,
  { voice, text }: Part,
  timers: Timers,
  signal: AbortSignal,
): Promise<Result<Samples, NoSound>> {
  return new Promise((done) => {
    const child = spawn(program, ['-v', voice, '-s', String(RATE), '-b', '1', '--stdin', '--stdout'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (result: Result<Samples, NoSound>) => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      child.kill('SIGKILL');
      child.stdout.destroy();
      done(result);
    };
    const giveUp = () => end(err('given-up'));
    const cancel = timers.after(MOST_MS, () => end(err('failed')));
    signal.addEventListener('abort', giveUp);
    child.on('error', () => end(err('missing')));
    // It may end without having read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > SOUND_MOST_BYTES) end(err('failed'));
    });
    child.on('close', (code) => end(code === 0 ? samplesOf(Buffer.concat(chunks)) : err('failed')));
  });
}

/** The program can't know the length when it writes the header, so that everything behind it counts. */
function samplesOf(wav: Buffer): Result<Samples, NoSound> {
  const right =
    wav.length > HEADER && wav.toString('latin1', 0, 4) === 'RIFF' && wav.toString('latin1', 36, 40) === 'data';
  return right ? ok({ rate: wav.readUInt32LE(24), bytes: wav.subarray(HEADER) }) : err('failed');
}

/** A WAV file of several parts, one after the other; all have the rate of the first. */
export function wavOf(parts: readonly Samples[]): Buffer {
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  const rate = parts[0]?.rate ?? 0;
  const header = Buffer.alloc(HEADER);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER - 8 + bytes.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  // The length of what follows of this chunk, PCM, one channel.
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes.length, 40);
  return Buffer.concat([header, bytes]);
}
