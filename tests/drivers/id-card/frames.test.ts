import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder, type Reply, request } from '#drivers/id-card/frames.ts';
import { COMMANDS } from '#drivers/id-card/protocol.ts';
import { samNumber } from '#drivers/id-card/sam.ts';
import { hex } from '../stand.ts';
import { reply } from './cards.ts';

const PREAMBLE = 'AAAAAA9669';

function replies(decoder: FrameDecoder, ...chunks: Uint8Array[]): Reply[] {
  return chunks
    .flatMap((chunk) => decoder.push(chunk))
    .concat(decoder.gap())
    .flatMap((decoded) => (decoded.is === 'reply' ? [decoded.reply] : []));
}

describe('requests of the sheet', () => {
  it.each([
    ['findCard', '0003200122'],
    ['selectCard', '0003200221'],
    ['textAndPhoto', '0003300132'],
    ['textPhotoPrint', '0003301023'],
    ['newestAddress', '0003300330'],
    ['samId', '000312FFEE'],
    ['resetSam', '000310FFEC'],
    ['samStatus', '000311FFED'],
    ['maxRfBytes', '000461FF50CA'],
  ] as const)('%s', (name, vector) => {
    expect(Buffer.from(request(COMMANDS[name])).toString('hex').toUpperCase()).toBe(PREAMBLE + vector);
  });
});

describe('replies of the sheet', () => {
  it.each([
    ['card found', '000800009F0000000097', 0x9f, 4],
    ['no card', '000400008084', 0x80, 0],
    ['select failed', '000400008185', 0x81, 0],
    ['read failed', '000400004145', 0x41, 0],
    ['selected', '000C00009000000000000000009C', 0x90, 8],
    ['ok', '000400009094', 0x90, 0],
    ['self-test failed', '000400006064', 0x60, 0],
  ] as const)('%s', (_, vector, sw3, length) => {
    const [only, ...more] = replies(new FrameDecoder(), hex(PREAMBLE + vector));
    expect(more).toEqual([]);
    expect([only?.sw3, only?.data.length]).toEqual([sw3, length]);
  });

  it('SAM id', () => {
    const frame = hex(`${PREAMBLE} 00 14 00 00 90 05 00 03 00 E3 AF 34 01 87 D6 12 00 15 CD 5B 07 3C 27`);
    const [only] = replies(new FrameDecoder(), frame);
    expect(samNumber(only?.data ?? new Uint8Array())).toBe('05.03-20230115-0001234567-0123456789');
  });

  it.each(['0005050505', '0003200121'])('refuses %s', (vector) => {
    expect(replies(new FrameDecoder(), hex(PREAMBLE + vector))).toEqual([]);
  });
});

describe('a stream that is not clean', () => {
  const good = reply(0x90, [1, 2, 3, 4, 5, 6, 7, 8]);

  it('reads a frame that comes byte by byte', () => {
    expect(replies(new FrameDecoder(), ...Array.from(good, (byte) => Uint8Array.of(byte)))).toHaveLength(1);
  });

  it('finds a frame behind a preamble that began early', () => {
    expect(replies(new FrameDecoder(), hex('AA AA AA AA AA 96 AA'), good)).toHaveLength(1);
  });

  it('finds a good frame that a lying length had swallowed', () => {
    const liar = hex(`${PREAMBLE} 00 40 00 00 90`);
    expect(replies(new FrameDecoder(), liar, good)).toHaveLength(1);
  });

  it('tells a wrong checksum at once', () => {
    const wrong = good.map((byte, at) => (at === good.length - 1 ? byte ^ 1 : byte));
    expect(new FrameDecoder().push(wrong)).toEqual([{ is: 'garbled' }]);
  });

  const noise = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(hex(PREAMBLE)),
      fc.constant(hex(`${PREAMBLE} 10 00`)),
      fc.constant(hex(`${PREAMBLE} FF FF`)),
      fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte)),
      fc.nat(good.length - 1).map((cut) => good.subarray(0, cut)),
    ),
    { maxLength: 6 },
  );
  const last = { sw1: 0, sw2: 0, sw3: 0x90, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

  it('comes back into step without a gap, once the longest lie is over', () => {
    const goods = Buffer.concat(Array.from({ length: 230 }, () => good));
    fc.assert(
      fc.property(noise, (chunks) => {
        const decoder = new FrameDecoder();
        const read = replies(decoder, ...chunks, goods);
        expect(read.at(-1)).toEqual(last);
      }),
      { numRuns: 20_000 },
    );
  });
});
