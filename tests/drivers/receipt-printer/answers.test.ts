import { describe, expect, it } from 'vitest';
import { type Answer, AnswerDecoder } from '#drivers/receipt-printer/answers.ts';
import { jobId } from '#drivers/receipt-printer/protocol.ts';
import { hex } from '../stand.ts';

const decode = (...chunks: string[]): Answer[] => {
  const decoder = new AnswerDecoder();
  return chunks.flatMap((chunk) => decoder.push(hex(chunk)));
};
const automatic = (...flags: string[]) => ({ is: 'automatic', flags: new Set(flags) });

describe('what a printer says', () => {
  it('real-time status, paper status, automatic status, process id', () => {
    expect(decode('12', '00', '10 00 00 00', '37 22 41 41 41 42 00')).toEqual([
      { is: 'real-time', byte: 0x12 },
      { is: 'paper', byte: 0 },
      automatic(),
      { is: 'process', id: 'AAAB' },
    ]);
  });

  it('names the flags of an automatic status', () => {
    expect(decode('38 28 0F 00')).toEqual([
      automatic('offline', 'coverOpen', 'cutter', 'unrecoverable', 'paperLow', 'paperOut'),
    ]);
  });

  it('hears a real-time status in the middle of an automatic one', () => {
    expect(decode('10 00', '1A', '0C 00')).toEqual([{ is: 'real-time', byte: 0x1a }, automatic('paperOut')]);
  });

  it.each([0x12, 0x16, 0x1a, 0x32, 0x72, 0x7e])('hears a real-time status (%i) anywhere in a process id', (status) => {
    const whole = [0x37, 0x22, ...Buffer.from(jobId(2_609)), 0];
    for (let at = 1; at < whole.length; at += 1) {
      const answers = new AnswerDecoder().push(Uint8Array.from(whole.toSpliced(at, 0, status)));
      expect(answers).toEqual([
        { is: 'real-time', byte: status },
        { is: 'process', id: 'CGAJ' },
      ]);
    }
  });

  it('does not take the answer to a clearing for one about paper', () => {
    expect(decode('37 25', '00 00')).toEqual([{ is: 'cleared' }, { is: 'paper', byte: 0 }]);
  });

  it('drops what breaks off, and begins anew with the byte that broke it', () => {
    expect(decode('10 00 10 00 0C 00')).toEqual([automatic('paperOut')]);
    expect(decode('37 22 41 FF', '37 22 41 42 43 44 45')).toEqual([]);
    expect(decode('37 37 22 41 42 43 44 00')).toEqual([{ is: 'process', id: 'ABCD' }]);
  });

  it('takes no part of a status behind a name that broke off for the paper’s answer, which would confirm a job', () => {
    for (const name of ['37 22', '37 22 41', '37 22 41 42 43', '37 22 41 42 43 44']) {
      expect(decode(name, '38 00 00 00'), name).toEqual([automatic('offline', 'coverOpen')]);
    }
  });
});
