import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SOUND_MOST_BYTES, SPOKEN_MOST } from '#contract/calls.ts';
import { silentLog } from '#main/service/log/log.ts';
import { Speech } from '#main/service/speech/speech.ts';
import { systemTimers } from '#main/service/time/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'yichuang-speech-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program in the place of espeak-ng. */
function program(name: string, lines: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return file;
}

function speech(program = 'espeak-ng') {
  const lines: unknown[] = [];
  const log = silentLog();
  log.error = (line: unknown) => void lines.push(line);
  return { speech: new Speech({ program, timers: systemTimers(), log }), lines };
}

/** Seconds of a WAV file whose header says how long it is. */
function seconds(base64: string | null): number {
  const wav = Buffer.from(base64 ?? '', 'base64');
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  expect(wav.readUInt32LE(40)).toBe(wav.length - 44);
  return wav.readUInt32LE(40) / wav.readUInt32LE(28);
}

describe('espeak-ng', () => {
  it.each([
    ['zh', '请把身份证平放在亮灯处，读完再拿开。', 3, 9],
    ['zh', 'English，按钮。', 0.8, 4],
    ['en', 'Please lay your card on the lit reader.', 1.5, 5],
  ] as const)('says %s %s in a time in which a person can', async (language, words, least, most) => {
    const length = seconds(await speech().speech.say(language, words));
    expect(length).toBeGreaterThan(least);
    expect(length).toBeLessThan(most);
  });

  it('is not quiet', async () => {
    const wav = Buffer.from((await speech().speech.say('zh', '您好')) ?? '', 'base64');
    const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length));
    expect(Math.max(...samples)).toBeGreaterThan(3000);
  });

  it('takes whatever a screen may send, and never more than the line carries', async () => {
    const one = speech().speech;
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: SPOKEN_MOST }),
      fc.constantFrom('--version', '-w /tmp/x', '[[_:_:]]', '<speak>', '$(id)', '\0', '……', '?'.repeat(SPOKEN_MOST)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('zh', 'en'), hostile, async (language, words) => {
        const sound = await one.say(language, words.slice(0, SPOKEN_MOST));
        if (sound !== null) seconds(sound);
        expect(sound?.length ?? 0).toBeLessThan((SOUND_MOST_BYTES * 4) / 3 + 4);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what was said', () => {
  const counting = () => {
    const heard = join(folder, 'heard');
    writeFileSync(heard, '');
    const file = program('counting', `tee -a ${heard} | espeak-ng "$@"`);
    return { file, heard: () => readFileSync(heard, 'utf8') };
  };

  it('is made once in a visit, and anew in the next', async () => {
    const { file, heard } = counting();
    const { speech: one } = speech(file);
    const first = await one.say('en', 'Once.');
    expect(await one.say('en', 'Once.')).toBe(first);
    expect(heard()).toBe('Once.');
    one.forget();
    await one.say('en', 'Once.');
    expect(heard()).toBe('Once.Once.');
  });

  it('shows in no list of processes', async () => {
    const list = join(folder, 'arguments');
    await speech(program('arguments', `echo "$@" > ${list}; exec espeak-ng "$@"`)).speech.say('zh', '试秀兰');
    expect(readFileSync(list, 'utf8')).toBe('-v cmn-latn-pinyin -s 150 -b 1 --stdin --stdout\n');
  });
});

describe('a program that', () => {
  it.each([
    ['is not there', '/nowhere/espeak-ng', 'missing'],
    ['fails', () => program('failing', 'exit 3'), 'failed'],
    ['writes no sound', () => program('writing', 'echo hello'), 'failed'],
    ['is killed', () => program('killed', 'kill -9 $$'), 'failed'],
    ['never stops writing', () => program('endless', 'cat /dev/zero'), 'failed'],
  ] as const)('%s leaves the words alone, and the log hears of it once', async (_, given, why) => {
    const file = typeof given === 'string' ? given : given();
    const { speech: one, lines } = speech(file);
    expect(await one.say('en', 'Anybody?')).toBeNull();
    expect(await one.say('en', 'Somebody?')).toBeNull();
    expect(lines).toEqual([{ event: 'speech.no-sound', why, program: file }]);
  });

  it('takes its time is ended when something else is to be said, or the visit is over', async () => {
    const pids = join(folder, 'pids');
    const { speech: one, lines } = speech(program('slow', `echo $$ >> ${pids}; exec sleep 60`));
    const started = (count: number) =>
      expect.poll(() => (readFileSync(pids, { encoding: 'utf8', flag: 'a+' }).match(/\n/g) ?? []).length).toBe(count);
    const first = one.say('en', 'First.');
    await started(1);
    const second = one.say('en', 'Second.');
    expect(await first).toBeNull();
    await started(2);
    one.forget();
    expect(await second).toBeNull();
    expect(lines).toEqual([]);
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) {
      await expect.poll(() => isRunning(pid)).toBe(false);
    }
  });
});

function isRunning(pid: string): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
