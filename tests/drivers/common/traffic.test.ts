import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kindOf, readTraffic, recorded, replayed, type TrafficLine } from '#drivers/common/traffic.ts';
import type { Connect } from '#drivers/common/wire.ts';
import { SamConcealer } from '#drivers/id-card/conceal.ts';
import { SamReader } from '#drivers/id-card/device.ts';
import { replayIdCardReader } from '#drivers/index.ts';
import { RESIDENT, reply, textAndPhoto } from '../id-card/cards.ts';
import { LAID, Sam } from '../id-card/sam.ts';
import { VirtualTimers } from '../stand.ts';

const CONNECTION = { by: 'serial', path: '/dev/none', baud: 115_200 } as const;
const ADDRESS = Buffer.from('新地址九号'.padEnd(35), 'utf16le');

let timers: VirtualTimers;
let sam: Sam;
let lines: TrafficLine[];

beforeEach(() => {
  timers = new VirtualTimers();
  sam = new Sam();
  sam.lay();
  lines = [];
});

function recording(): SamReader {
  const connect = recorded(
    'id-card',
    sam.wire.connect,
    () => new SamConcealer(),
    (line) => lines.push(line),
  );
  return new SamReader(connect, { connection: CONNECTION, timers });
}

async function read(reader: SamReader) {
  const card = await timers.until(reader.read(new AbortController().signal));
  await timers.until(reader.close());
  return card.ok ? card.value.reveal() : card.error;
}

describe('a recording', () => {
  it('has every question and answer, and nobody’s data', async () => {
    sam.says = { ...LAID, address: reply(0x90, ADDRESS) };
    expect(await read(recording())).toMatchObject({ name: '测试甲', address: '新地址九号' });
    expect(lines.slice(0, 2)).toMatchObject([
      { is: 'device', kind: 'id-card' },
      { is: 'opened', baud: 115_200 },
    ]);
    expect(lines.filter(({ is }) => is === 'to-device').length).toBeGreaterThanOrEqual(6);
    const told = Buffer.concat(lines.map((line) => Buffer.from(line.is === 'to-host' ? line.hex : '', 'hex')));
    for (const secret of ['测试甲', '110101', '19900101', '天津', '新地址']) {
      expect(told.indexOf(Buffer.from(secret, 'utf16le')), secret).toBe(-1);
    }
    // The photograph of the test's cards is all sevens.
    expect(told.indexOf(Buffer.alloc(8, 7))).toBe(-1);
    const replay = new SamReader(replayed(lines, timers), { connection: CONNECTION, timers });
    expect(await read(replay)).toMatchObject({ kind: 'resident', name: '某某某', sex: '0', address: '某某某某某' });
  });

  it('keeps the kind of card, and nothing of an answer that is not as the sheet says', () => {
    const conceal = (data: Uint8Array) => {
      const [answer] = new SamConcealer().take(reply(0x90, data));
      return Buffer.from(answer === 'garbled' || !answer ? [] : answer.subarray(10, -1));
    };
    const permit = Buffer.from(RESIDENT);
    permit.write('J', 248, 'utf16le');
    expect(
      conceal(textAndPhoto(permit))
        .subarray(4 + 248, 4 + 250)
        .toString('utf16le'),
    ).toBe('J');
    expect(conceal(Buffer.alloc(28, 9))).toEqual(Buffer.alloc(28));
    expect(conceal(Buffer.alloc(40, 0xff))).toEqual(Buffer.alloc(40));
    expect(conceal(Buffer.from([5, 0, 3, 0, 1, 2]))).toEqual(Buffer.from([5, 0, 3, 0, 1, 2]));
  });

  it('tells no byte of what is garbled, and of a wire that does not open why', async () => {
    const secret = reply(0x90, textAndPhoto(RESIDENT));
    const broken = secret.with(secret.length - 1, (secret.at(-1) ?? 0) ^ 1);
    sam.twist = (question, nth) => (question === 'read' && nth === 1 ? broken : undefined);
    expect(await read(recording())).toMatchObject({ name: '测试甲' });
    expect(lines.some(({ is }) => is === 'garbled')).toBe(true);
    expect(JSON.stringify(lines)).not.toContain(Buffer.from('测试甲', 'utf16le').toString('hex'));
    sam.wire.plugged = false;
    lines = [];
    const away = recording();
    await timers.pass(100);
    await timers.until(away.close());
    expect(lines).toMatchObject([{ is: 'device' }, { is: 'not-opened', why: 'port-missing' }]);
  });

  it('is replayed with its troubles too', async () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    lines = [
      { ms: 0, is: 'not-opened', why: 'port-missing' },
      { ms: 500, is: 'opened', baud: 115_200 },
      { ms: 501, is: 'to-device', hex: 'aaaaaa9669000311ffed' },
      { ms: 520, is: 'to-host', hex: hex(reply(0x60)) },
      { ms: 530, is: 'closed' },
    ];
    const states: string[] = [];
    const log = ({ why }: { why?: string }) => states.push(why ?? '');
    const reader = new SamReader(replayed(lines, timers), { connection: CONNECTION, timers, log });
    await timers.pass(2_000);
    await timers.until(reader.close());
    expect(states).toContain('port-missing');
    expect(states).toContain('port-closed');
  });
});

describe('a wire of a recording', () => {
  const opened = { is: 'opened', baud: 9_600 } as const;
  const hears = async (connect: Connect) => {
    const wire = await connect(9_600);
    if (!wire.ok) throw new Error(wire.error.why);
    const heard: string[] = [];
    wire.value.onData((bytes) => heard.push(Buffer.from(bytes).toString('hex')));
    wire.value.onClose(() => heard.push('closed'));
    return { wire: wire.value, heard };
  };

  it('says by itself what it said by itself', async () => {
    const connect = replayed(
      [
        { ms: 5, ...opened },
        { ms: 9, is: 'to-host', hex: '01' },
        { ms: 10, is: 'closed' },
      ],
      timers,
    );
    const { heard } = await hears(connect);
    await timers.pass(3);
    expect(heard).toEqual([]);
    await timers.pass(1);
    expect(heard).toEqual(['01']);
    await timers.pass(1);
    expect(heard).toEqual(['01', 'closed']);
  });

  it('answers no question with what was said on a later one', async () => {
    const asked = { ms: 2, is: 'to-device', hex: '05' } as const;
    const connect = replayed(
      [{ ms: 0, ...opened }, asked, { ms: 3, ...opened }, asked, { ms: 4, is: 'to-host', hex: '06' }],
      timers,
    );
    for (const expected of [[], ['06'], []]) {
      const { wire, heard } = await hears(connect);
      for (let i = 0; i < 3; i += 1) wire.write(Uint8Array.of(5));
      await timers.pass(10);
      expect(heard).toEqual(expected);
      await wire.close();
    }
  });

  it('stays away when it was away at the end', async () => {
    const connect = replayed(
      [
        { ms: 0, ...opened },
        { ms: 3, is: 'not-opened', why: 'port-missing' },
      ],
      timers,
    );
    expect((await connect(9_600)).ok).toBe(true);
    for (let i = 0; i < 2; i += 1)
      expect(await connect(9_600)).toMatchObject({ ok: false, error: { why: 'port-missing' } });
  });

  it('ends in a recording when the device ends it, not when the driver does', async () => {
    const told = () => lines.map(({ is }) => is);
    const record = () =>
      recorded(
        'id-card',
        sam.wire.connect,
        () => new SamConcealer(),
        (line) => lines.push(line),
      );
    await (await hears(record())).wire.close();
    expect(told()).toEqual(['device', 'opened']);
    lines = [];
    await hears(record());
    sam.wire.unplug();
    expect(told()).toEqual(['device', 'opened', 'closed']);
  });
});

describe('a file of a recording', () => {
  it('says which device it is of, in its first line alone', () => {
    const device = '{"ms":0,"is":"device","kind":"scanner"}';
    const closed = '{"ms":1,"is":"closed"}';
    const kindIn = (text: string) => {
      const read = readTraffic(text);
      return read.ok ? kindOf(read.value) : read.error;
    };
    expect(kindIn(`${device}\n${closed}`)).toBe('scanner');
    expect(kindIn(closed)).toBe('id-card');
    expect(kindIn(`${closed}\n${device}`)).toEqual({ line: 2 });
    expect(kindIn(device.replace('scanner', 'camera'))).toEqual({ line: 1 });
  });

  it('is read line by line, and the first wrong one is named', () => {
    expect(readTraffic('{"ms":1,"is":"closed"}\n\n')).toEqual({ ok: true, value: [{ ms: 1, is: 'closed' }] });
    expect(readTraffic('{"ms":1,"is":"closed"}\n{"ms":1}')).toEqual({ ok: false, error: { line: 2 } });
    expect(readTraffic('nonsense')).toEqual({ ok: false, error: { line: 1 } });
  });

  it('of any text is answered', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof readTraffic(text).ok === 'boolean'));
  });
});

describe('an empty recording', () => {
  const reader = replayIdCardReader([]);
  afterEach(() => reader.close());

  it('is a reader that says nothing', () => {
    expect(reader.state.state).toBe('away');
  });
});
