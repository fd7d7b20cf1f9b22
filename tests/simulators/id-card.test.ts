import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHost, type Host } from './host.ts';
import { RequestDecoder } from './id-card/frame.ts';
import {
  type SamReader,
  Sw3,
  startSamReader,
  syntheticForeign2017,
  syntheticForeign2023,
  syntheticPermit,
  syntheticResident,
  withCheckDigit,
} from './index.ts';

const PREAMBLE = 'AA AA AA 96 69';
const FIND = '00 03 20 01 22';
const SELECT = '00 03 20 02 21';
const READ = '00 03 30 01 32';
const READ_FINGER = '00 03 30 10 23';
const ADDRESS = '00 03 30 03 30';
const FOUND = '00 08 00 00 9F 00 00 00 00 97';
const SELECTED = '00 0C 00 00 90 00 00 00 00 00 00 00 00 9C';
const OK = '00 04 00 00 90 94';
const NO_CARD = '00 04 00 00 80 84';
const READ_FAILED = '00 04 00 00 41 45';

let reader: SamReader;
let host: Host;

beforeEach(async () => {
  reader = await startSamReader({ transport: 'tcp' });
  host = await connectHost(reader.connection);
});
afterEach(async () => {
  host.close();
  await reader.close();
});

/** Sends a frame without its preamble, returns the reply without its preamble. */
async function ask(frame: string): Promise<string> {
  host.send(`${PREAMBLE} ${frame}`);
  return answer();
}

async function answer(): Promise<string> {
  expect(await host.next(5)).toBe(PREAMBLE);
  const length = await host.next(2);
  return `${length} ${await host.next(Number.parseInt(length.replace(' ', ''), 16))}`;
}

async function openCard(): Promise<void> {
  expect(await ask(FIND)).toBe(FOUND);
  expect(await ask(SELECT)).toBe(SELECTED);
}

function dataOf(reply: string): Buffer {
  return Buffer.from(reply.replaceAll(' ', ''), 'hex').subarray(5, -1);
}

/** Reads the card that lies there and cuts one place out of its text block. */
async function textOnCard(): Promise<(offset: number, length: number) => string> {
  await openCard();
  const data = dataOf(await ask(READ));
  expect(data.subarray(0, 4).toString('hex')).toBe('01000400');
  const text = data.subarray(4, 260);
  return (offset, length) =>
    text
      .subarray(offset, offset + length)
      .toString('utf16le')
      .trimEnd();
}

describe("the sheet's vectors", () => {
  it.each([
    ['reset', '00 03 10 FF EC', OK],
    ['status', '00 03 11 FF ED', OK],
    ['SAM id', '00 03 12 FF EE', '00 14 00 00 90 05 00 03 00 E3 AF 34 01 87 D6 12 00 15 CD 5B 07 3C'],
    ['max RF bytes', '00 04 61 FF 50 CA', OK],
    ['find without a card', FIND, NO_CARD],
    ['select without a card', SELECT, '00 04 00 00 81 85'],
    ['read without a card', READ, READ_FAILED],
    ['wrong checksum', '00 03 20 01 21', '00 04 00 00 10 14'],
    ['wrong LEN', '00 05 05 05 05', '00 04 00 00 11 15'],
    ['LEN too large for its command', '00 04 20 01 00 25', '00 04 00 00 11 15'],
    ['LEN that no request has', '05 05 05 05 05', '00 04 00 00 11 15'],
    ['unknown command', '00 03 77 01 75', '00 04 00 00 21 25'],
    ['unknown rate', '00 03 60 05 66', '00 04 00 00 21 25'],
    ['known rate', '00 03 60 04 67', OK],
  ])('%s', async (_what, request, reply) => {
    expect(await ask(request)).toBe(reply);
  });

  it('answers 60 after a failed self-test, and accepts nothing', async () => {
    reader.faults.selfTestFails(true);
    expect(await ask('00 03 11 FF ED')).toBe('00 04 00 00 60 64');
    expect(await ask(FIND)).toBe('00 04 00 00 60 64');
  });
});

describe('the life of a card', () => {
  it('is found again only after it was lifted and laid again', async () => {
    reader.layCard(syntheticResident());
    await openCard();
    expect((await ask(READ)).length).toBe((1295 - 5) * 3 - 1);
    expect(await ask(FIND)).toBe(NO_CARD);
    expect(await ask(ADDRESS)).toBe('00 04 00 00 91 95');
    reader.liftCard();
    expect(await ask(ADDRESS)).toBe(READ_FAILED);
    reader.layCard(syntheticResident());
    await openCard();
  });

  it('lets a card be found as often as one likes before it is read', async () => {
    reader.layCard(syntheticResident());
    expect(await ask(FIND)).toBe(FOUND);
    expect(await ask(FIND)).toBe(FOUND);
    expect(await ask(READ)).toBe(READ_FAILED);
  });

  it('gives newer addresses in pieces of 70 bytes', async () => {
    reader.layCard(syntheticResident({ newestAddresses: ['天津市河西区新路2号', '天津市河西区新路3号𠮷'] }));
    await openCard();
    await ask(READ);
    const block = dataOf(await ask(ADDRESS));
    expect(block.length).toBe(140);
    expect(block.subarray(70).toString('utf16le').trimEnd()).toBe('天津市河西区新路3号𠮷');
  });

  it.each([
    [0, 1297],
    [512, 1809],
    [1024, 2321],
  ])('with a fingerprint of %i bytes the whole reply has %i', async (bytes, whole) => {
    reader.layCard(syntheticResident(bytes ? { fingerprint: new Uint8Array(bytes) } : {}));
    await openCard();
    const data = dataOf(await ask(READ_FINGER));
    expect(data.length + 11).toBe(whole);
    expect(data.readUInt16BE(4)).toBe(bytes);
  });
});

describe('the text block', () => {
  it('of a resident card', async () => {
    reader.layCard(syntheticResident({ name: '𠮷野·王秀英' }));
    const at = await textOnCard();
    expect([at(0, 30), at(30, 2), at(32, 4), at(36, 16)]).toEqual(['𠮷野·王秀英', '2', '01', '19500228']);
    expect([at(122, 36), at(188, 16), at(204, 16), at(248, 2)]).toEqual([
      syntheticResident().number,
      '20120315',
      '长期',
      '',
    ]);
    expect(at(158, 30)).toBe(syntheticResident().authority);
    expect(at(52, 70)).toBe(syntheticResident().address);
  });

  it('of a J card', async () => {
    reader.layCard(syntheticPermit());
    const at = await textOnCard();
    expect([at(220, 18), at(238, 4), at(248, 2)]).toEqual(['H00000001', '01', 'J']);
  });

  it('of a Y card, whose English name goes on in a second place', async () => {
    const card = syntheticForeign2023();
    reader.layCard(card);
    const at = await textOnCard();
    expect(at(52, 70).length).toBe(35);
    expect(at(52, 70) + at(220, 22)).toBe(card.englishName);
    expect([at(242, 6), at(248, 2), at(122, 36)]).toEqual(['RUS', 'Y', card.number]);
  });

  it('of an I card', async () => {
    reader.layCard(syntheticForeign2017());
    const at = await textOnCard();
    expect([at(0, 120), at(120, 2), at(122, 30)]).toEqual(['SPECIMEN, JOHN EXAMPLE', '1', 'CAN120081100301']);
    expect([at(152, 6), at(158, 30), at(220, 16)]).toEqual(['CAN', '约翰示例', '19811003']);
    expect([at(236, 4), at(240, 8), at(248, 2)]).toEqual(['01', '1200', 'I']);
  });

  it('refuses a name that no card would hold', async () => {
    reader.layCard(syntheticResident({ name: '一'.repeat(15) }));
    await openCard();
    expect(() => reader.layCard(syntheticResident({ name: '一'.repeat(16) }))).toThrow(RangeError);
  });
});

describe('faults', () => {
  beforeEach(() => reader.layCard(syntheticResident()));

  it('fails the next read alone, and the card can be found again', async () => {
    reader.faults.failNextRead(Sw3.cardRejectedSam, 1, 2);
    await openCard();
    expect(await ask(READ)).toBe('00 04 01 02 31 36');
    await openCard();
    expect(dataOf(await ask(READ)).length).toBe(1284);
  });

  it('fails every read until it is told otherwise', async () => {
    reader.faults.failEvery('read', Sw3.readFailed);
    for (let time = 0; time < 3; time += 1) {
      await openCard();
      expect(await ask(READ)).toBe(READ_FAILED);
    }
    reader.faults.clear();
    await openCard();
    expect(dataOf(await ask(READ)).length).toBe(1284);
  });

  it('loses the card during a read', async () => {
    reader.faults.liftDuringRead();
    await openCard();
    expect(await ask(READ)).toBe(READ_FAILED);
    expect(reader.cardLies).toBe(false);
    expect(await ask(FIND)).toBe(NO_CARD);
  });

  it('damages one reply: checksum, then LEN, then its end', async () => {
    reader.faults.corruptNextChecksum();
    expect(await ask(FIND)).toBe(`${FOUND.slice(0, -2)}68`);
    reader.faults.wrongLengthNext();
    host.send(`${PREAMBLE} ${FIND}`);
    expect(await host.next(15)).toBe(`${PREAMBLE} 00 07 00 00 9F 00 00 00 00 98`);
    reader.faults.truncateNext();
    host.send(`${PREAMBLE} ${FIND}`);
    expect(await host.next(8)).toBe(`${PREAMBLE} 00 08 00`);
    expect(await ask(FIND)).toBe(FOUND);
  });

  it('keeps silent for two requests', async () => {
    reader.faults.silentFor(2);
    host.send(`${PREAMBLE} ${FIND} ${PREAMBLE} ${SELECT} ${PREAMBLE} ${READ}`);
    expect(await answer()).toBe(READ_FAILED);
  });

  it('puts noise in front and sends byte by byte', async () => {
    reader.faults.noiseBeforeFrames(Uint8Array.of(0x00, 0xaa));
    reader.faults.singleBytes(true);
    host.send(`${PREAMBLE} ${FIND}`);
    expect(await host.next(2)).toBe('00 AA');
    expect(await answer()).toBe(FOUND);
  });

  it('is gone when unplugged and back at the same place', async () => {
    await reader.unplug();
    await host.ended;
    await expect(connectHost(reader.connection)).rejects.toThrow('ECONNREFUSED');
    await reader.plug();
    host = await connectHost(reader.connection);
    expect(await ask(FIND)).toBe(FOUND);
    expect(reader.requests).toEqual(['20 01']);
  });
});

it('cuts the same requests out of a stream however it is cut and whatever noise stands between', () => {
  const frames = [FIND, SELECT, READ].map((frame) => Buffer.from(`aaaaaa9669${frame.replaceAll(' ', '')}`, 'hex'));
  const noise = fc.uint8Array({ maxLength: 9 }).map((bytes) => bytes.map((byte) => (byte === 0xaa ? 0xab : byte)));
  fc.assert(
    fc.property(fc.array(noise, { minLength: 3, maxLength: 3 }), fc.integer({ min: 1, max: 40 }), (noises, size) => {
      const stream = Buffer.concat(frames.flatMap((frame, index) => [noises[index] ?? Buffer.of(), frame]));
      const decoder = new RequestDecoder();
      const names: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        for (const request of decoder.push(stream.subarray(at, at + size))) {
          names.push(request.is === 'request' ? `${request.command} ${request.parameter}` : request.is);
        }
      }
      expect(names).toEqual(['32 1', '32 2', '48 1']);
    }),
    { numRuns: 2000 },
  );
});

it("computes the sheet's check digit", () => {
  expect(withCheckDigit('11010119900101001')).toBe('110101199001010015');
  expect(withCheckDigit('12010319500228000')).toHaveLength(18);
});
