import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SamReader } from '#drivers/id-card/device.ts';
import type { IdCardReader, IdCardReaderOptions } from '#drivers/id-card/port.ts';
import { VirtualTimers } from '../stand.ts';
import { block, RESIDENT, reply, textAndPhoto } from './cards.ts';
import { EMPTY, LAID, READ, Sam } from './sam.ts';

let timers: VirtualTimers;
let sam: Sam;
let reader: IdCardReader;
let states: string[];

function open(baud: number | 'auto' = 115_200): void {
  const log: NonNullable<IdCardReaderOptions['log']> = (event) => {
    if (event.event === 'device-state') states.push(event.why ? `${event.to}:${event.why}` : event.to);
  };
  const connection = { by: 'serial', path: '/dev/none', baud } as const;
  reader = new SamReader(sam.wire.connect, { connection, timers, log });
}

const look = (signal = new AbortController().signal) => reader.read(signal);

async function readName(): Promise<string> {
  const read = await timers.until(look());
  return read.ok ? read.value.reveal().name : `error ${read.error.code}`;
}

const broken = (frame: Uint8Array) => frame.map((byte, at) => (at === frame.length - 1 ? byte ^ 0xff : byte));

beforeEach(() => {
  timers = new VirtualTimers();
  sam = new Sam();
  states = [];
});
afterEach(() => timers.until(reader.close()));

describe('reading a card', () => {
  it('goes the way of the sheet, and drops the closed photograph', async () => {
    open();
    sam.lay();
    expect(await readName()).toBe('测试甲');
    expect(sam.asked).toEqual(['status', 'id', 'find', 'select', 'read', 'address']);
    expect(states).toEqual(['looking', 'reading', 'card']);
    expect(reader.samId()).toBe('05.03-20230115-0001234567-0123456789');
  });

  it('polls every 300 ms until a card lies there', async () => {
    open();
    const read = look();
    await timers.pass(3_000);
    const finds = sam.asked.filter((question) => question === 'find').length;
    expect(finds).toBeGreaterThanOrEqual(9);
    expect(finds).toBeLessThanOrEqual(11);
    sam.lay();
    expect((await timers.until(read)).ok).toBe(true);
  });

  it('takes the newest address of a resident', async () => {
    open();
    sam.says = { ...LAID, address: reply(0x90, Buffer.from('新址'.padEnd(35), 'utf16le')) };
    const read = await timers.until(look());
    expect(read.ok && read.value.reveal()).toMatchObject({ address: '新址' });
  });

  it('does not print the person by accident', async () => {
    open();
    sam.lay();
    const read = await timers.until(look());
    expect(JSON.stringify(read) + String(read.ok && read.value)).not.toMatch(/测试甲|110101/);
  });

  it.each([
    ['noise before every frame', () => 'noise'],
    ['a wrong checksum once on every question', (_: string, nth: number) => (nth === 1 ? 'checksum' : 'fine')],
    ['a wrong length once on every question', (_: string, nth: number) => (nth === 1 ? 'length' : 'fine')],
    ['a short length once on every question', (_: string, nth: number) => (nth === 1 ? 'short' : 'fine')],
    ['"wrong checksum" said once to every question', (_: string, nth: number) => (nth === 1 ? 'said' : 'fine')],
    ['one failed read first', (q: string, nth: number) => (q === 'read' && nth === 1 ? 'failed' : 'fine')],
    ['two failed reads first', (q: string, nth: number) => (q === 'read' && nth < 3 ? 'failed' : 'fine')],
    ['silence once on every question', (q: string, nth: number) => (nth === 1 && q !== 'id' ? 'silent' : 'fine')],
    [
      'lengths in the text reply that do not add up, once',
      (q: string, n: number) => (q === 'read' && n === 1 ? 'lie' : 'fine'),
    ],
  ])('with %s', async (_, fault) => {
    open();
    sam.lay();
    sam.twist = (question, nth) => {
      const frame = LAID[question];
      switch (fault(question, nth)) {
        case 'noise':
          return Uint8Array.from([0xaa, 0x00, 0xaa, 0xaa, 0xaa, 0x96, 0x13, 0xff, ...frame]);
        case 'checksum':
          return broken(frame);
        case 'length':
          return frame.with(6, (frame[6] ?? 0) + 9);
        case 'short':
          return frame.with(6, (frame[6] ?? 0) - 1);
        case 'said':
          return reply(0x10);
        case 'failed':
          return reply(0x41);
        case 'lie':
          return reply(0x90, textAndPhoto(RESIDENT).subarray(0, 900));
        case 'silent':
          return 'silent';
        default:
          return undefined;
      }
    };
    expect(await readName()).toBe('测试甲');
    expect(states.filter((state) => /away:no|away:ga|fault|unreadable/.test(state))).toEqual([]);
  });

  it('with replies in single bytes, a pause after each', async () => {
    open();
    sam.lay();
    const say = sam.wire.say.bind(sam.wire);
    sam.wire.say = (bytes) => {
      Array.from(bytes).forEach((byte, i) => {
        timers.after(i * 5, () => say([byte]));
      });
    };
    expect(await readName()).toBe('测试甲');
    expect(sam.asked).toHaveLength(6);
  });

  it('finds the rate when it is not known', async () => {
    open('auto');
    sam.lay();
    sam.twist = (_, __, baud) => (baud === 19_200 ? undefined : Uint8Array.of(0xf0, 0x0f, 0xaa));
    expect(await readName()).toBe('测试甲');
    expect(sam.wire.rates).toEqual([115_200, 57_600, 38_400, 19_200]);
  });
});

describe('a late answer', () => {
  it('of the last visit’s read is never the card of this one', async () => {
    open();
    sam.lay();
    const late = reply(0x90, textAndPhoto(block(' ', { 0: '上一位' })));
    sam.twist = (question, nth) => {
      if (question === 'read' && nth === 1) return 'silent';
      // The answer that was given up comes just before that of the next question.
      if (question === 'id' && nth === 2) return Uint8Array.from([...late, ...EMPTY.id]);
      return undefined;
    };
    expect(await readName()).toBe('测试甲');
  });

  it('to "find" is not taken for one to "select"', async () => {
    open();
    sam.lay();
    sam.twist = (question) =>
      question === 'select' ? Uint8Array.from([...LAID.find, ...EMPTY.find, ...LAID.select]) : undefined;
    expect(await readName()).toBe('测试甲');
  });
});

describe('a card that cannot be read', () => {
  it('lifted while it was read: says so, and reads it when it lies there again', async () => {
    open();
    sam.lay();
    sam.twist = (question) => {
      if (question === 'read') sam.says = EMPTY;
      return undefined;
    };
    const read = look();
    await timers.pass(2_000);
    expect(reader.state).toEqual({ state: 'unreadable', why: 'lifted' });
    sam.twist = () => undefined;
    sam.lay();
    expect((await timers.until(read)).ok).toBe(true);
    expect(states).toEqual(['looking', 'reading', 'unreadable:lifted', 'reading', 'card']);
  });

  it.each([
    ['rejected', { ...LAID, select: reply(0x31) }],
    ['wrong-kind', { ...LAID, read: reply(0x40) }],
    ['read-failed', { ...LAID, read: reply(0x41) }],
    ['garbled', { ...LAID, read: broken(LAID.read) }],
    ['read-failed', { ...LAID, read: reply(0x5a) }],
    ['read-failed', { ...LAID, select: reply(0x90, new Uint8Array(8), 0x63) }],
  ])('%s: stays so while it lies there', async (why, says) => {
    open();
    sam.says = says;
    const stop = new AbortController();
    const read = look(stop.signal);
    await timers.pass(10_000);
    expect(reader.state).toEqual({ state: 'unreadable', why });
    expect(states.filter((state) => state === 'reading')).toHaveLength(1);
    stop.abort();
    expect(await timers.until(read)).toEqual({ ok: false, error: { code: 'aborted' } });
    expect(reader.state).toEqual({ state: 'ready' });
  });
});

describe('a reader that is not there', () => {
  it('ends the look when it stays away, with a remedy', async () => {
    sam.wire.plugged = false;
    open();
    expect(await timers.until(look())).toMatchObject({ ok: false, error: { code: 'away', why: 'port-missing' } });
    expect(timers.now).toBeLessThan(3_000);
    expect(await timers.until(look())).toMatchObject({ ok: false, error: { code: 'away' } });
  });

  it.each([
    ['is silent', 'silent', { state: 'away', why: 'no-answer' }],
    ['answers without a sense', reply(0x24), { state: 'fault', why: 'cannot-find-cards' }],
  ] as const)(
    'for it greets and %s when asked to find a card: staff are called, until it finds',
    async (_, find, says) => {
      sam.twist = (question) => (question === 'find' ? find : undefined);
      open();
      const { state: code, why } = says;
      expect(await timers.until(look())).toMatchObject({ ok: false, error: { code, why } });
      await timers.pass(60_000);
      const seen = states.length;
      await timers.pass(60_000);
      // Nobody is asked for a card in between.
      expect(states.slice(seen)).toEqual([]);
      expect(reader.state).toMatchObject(says);
      sam.twist = () => undefined;
      await timers.pass(6_000);
      expect(reader.state).toEqual({ state: 'ready' });
      sam.lay();
      expect(await readName()).toBe('测试甲');
    },
  );

  it('goes on with the look when it comes back by itself', async () => {
    open();
    const read = look();
    await timers.pass(1_000);
    sam.wire.unplug();
    await timers.pass(900);
    expect(reader.state).toMatchObject({ state: 'away' });
    sam.wire.plugged = true;
    sam.lay();
    expect((await timers.until(read)).ok).toBe(true);
  });

  it('is noticed and forgiven while nobody reads', async () => {
    open();
    await timers.pass(5_000);
    expect(reader.state).toEqual({ state: 'ready' });
    sam.twist = () => 'silent';
    await timers.pass(10_000);
    expect(reader.state).toMatchObject({ state: 'away', why: 'no-answer' });
    sam.twist = () => undefined;
    await timers.pass(8_000);
    expect(reader.state).toEqual({ state: 'ready' });
  });

  it('is reset once when its self-test failed, and serves when that helped', async () => {
    sam.twist = (question, nth) => (question === 'status' && nth === 1 ? reply(0x60) : undefined);
    open();
    sam.lay();
    expect(await readName()).toBe('测试甲');
    expect(sam.asked.slice(0, 4)).toEqual(['status', 'reset', 'status', 'id']);
  });

  it('is reset when it finds nothing again and again, and serves when that helped', async () => {
    let hangs = true;
    sam.twist = (question) => {
      if (question === 'reset') hangs = false;
      return question === 'find' && hangs ? reply(0x24) : undefined;
    };
    open();
    sam.lay();
    expect(await readName()).toBe('error fault');
    expect(reader.state).toMatchObject({ state: 'fault', why: 'cannot-find-cards' });
    await timers.pass(5_000);
    expect(sam.asked.filter((question) => question === 'reset')).toHaveLength(1);
    expect(await readName()).toBe('测试甲');
  });

  it('has a fault when the self-test fails for good, and is tried again', async () => {
    sam.says = { ...EMPTY, status: reply(0x60) };
    open();
    expect(await timers.until(look())).toMatchObject({ ok: false, error: { code: 'fault', why: 'sam-self-test' } });
    sam.says = EMPTY;
    await timers.pass(6_000);
    expect(reader.state).toEqual({ state: 'ready' });
  });

  it('has a fault of its vendor’s when its module is not authorised', async () => {
    sam.says = { ...EMPTY, status: reply(0x66) };
    open();
    const read = await timers.until(look());
    expect(read).toMatchObject({ error: { code: 'fault', why: 'sam-not-authorised' } });
    expect(read).toHaveProperty('error.remedy', expect.stringContaining('vendor'));
  });

  it('that answers in nothing but broken frames is away, and its baud rate may be why', async () => {
    sam.twist = (question) => broken(EMPTY[question]);
    open();
    const read = await timers.until(look());
    expect(read).toMatchObject({ error: { code: 'away', why: 'garbled' } });
    expect(read).toHaveProperty('error.remedy', expect.stringContaining('baud rate'));
  });
});

describe('presence', () => {
  const presence = () => timers.until(reader.presence());

  it('knows an empty reader, a card not read, and one that was', async () => {
    open();
    await timers.pass(100);
    expect(await presence()).toBe('absent');
    sam.says = { ...LAID, address: reply(0x41) };
    expect(await presence()).toBe('present');
    sam.says = READ;
    expect(await presence()).toBe('present');
  });

  it('loses no card over one failed answer, and follows the card after a read', async () => {
    open();
    sam.lay();
    await readName();
    sam.says = READ;
    sam.twist = (question, nth) => (question === 'address' && nth % 2 === 0 ? reply(0x41) : undefined);
    await timers.pass(3_000);
    expect(reader.state).toEqual({ state: 'card' });
    sam.says = EMPTY;
    sam.twist = () => undefined;
    await timers.pass(1_500);
    expect(reader.state).toEqual({ state: 'ready' });
  });

  it('takes a card that was laid down in place of the one that was read for another', async () => {
    open();
    sam.lay();
    await readName();
    sam.says = READ;
    await timers.pass(3_000);
    expect(reader.state).toEqual({ state: 'card' });
    // Swapped between two looks: the reader was never seen empty.
    sam.says = { ...LAID, address: reply(0x41) };
    await timers.pass(1_500);
    expect(reader.state).toEqual({ state: 'ready' });
    expect(await presence()).toBe('present');
    expect(reader.state).toEqual({ state: 'ready' });
  });

  it('is unknown when the reader is away', async () => {
    sam.wire.plugged = false;
    open();
    await timers.pass(100);
    expect(await presence()).toBe('unknown');
  });
});

describe('a look', () => {
  it('is ended by the next one and by the end of the driver', async () => {
    open();
    const first = look();
    const second = look();
    expect(await timers.until(first)).toEqual({ ok: false, error: { code: 'aborted' } });
    await timers.until(reader.close());
    expect(await second).toEqual({ ok: false, error: { code: 'aborted' } });
    expect(timers.pending).toBe(0);
  });

  it('that was given up while the card was read gets nothing of it, and the next one reads it', async () => {
    open();
    sam.lay();
    let next: ReturnType<typeof look> | undefined;
    sam.twist = (question, nth) => {
      if (question === 'read' && nth === 1) next = look();
      return undefined;
    };
    const first = look();
    expect(await timers.until(first)).toEqual({ ok: false, error: { code: 'aborted' } });
    const read = await timers.until(next ?? first);
    expect(read.ok && read.value.reveal().name).toBe('测试甲');
  });

  it('runs for a simulated day without growth', async () => {
    open();
    await timers.pass(86_400_000 / 20);
    expect(timers.pending).toBeLessThanOrEqual(2);
    expect(states).toEqual(['ready']);
  });
});
