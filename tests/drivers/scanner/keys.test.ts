import { describe, expect, it } from 'vitest';
import { KeyDecoder } from '#drivers/scanner/keys.ts';
import { PACE, SCAN_MAX } from '#drivers/scanner/protocol.ts';
import { inputEvent, type KeyEvent, keyEvents, keysOf } from '#tests/simulators/index.ts';

const [ENTER, KEYPAD_ENTER, TAB] = [28, 96, 15];
const [CTRL, ALT, ALT_GR, META, CAPS, F1] = [29, 56, 100, 125, 58, 59];

const read = (...pieces: Uint8Array[]): string[] => {
  const decoder = new KeyDecoder();
  return pieces.flatMap((piece) => decoder.push(piece));
};

const tap = (code: number): KeyEvent[] => [1, 0].map((value) => ({ code, value: value as 0 | 1, afterMs: 4 }));
const held = (code: number, keys: KeyEvent[]): KeyEvent[] => {
  const [down, up] = tap(code);
  return down && up ? [down, ...keys, up] : [];
};
const at = (keys: KeyEvent[], afterMs: number) => keys.map((key) => ({ ...key, afterMs }));

describe('what is typed', () => {
  it('is every character of a US keyboard', () => {
    const all = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join('');
    expect(read(keyEvents(`${all}\n`))).toEqual([all]);
  });

  it('is also what the number pad types', () => {
    const keys = [79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, 78, 74, 55, 98];
    expect(read(keyEvents([...keys, KEYPAD_ENTER].flatMap(tap)))).toEqual(['1234567890.+-*/']);
  });

  it.each([
    ['Enter', ENTER],
    ['Enter of the number pad', KEYPAD_ENTER],
    ['Tab', TAB],
  ])('ends at %s', (_, end) => {
    expect(read(keyEvents([...keysOf('one'), ...tap(end), ...keysOf('two'), ...tap(end)]))).toEqual(['one', 'two']);
  });

  it('is the same in any pieces', () => {
    const bytes = keyEvents('Abc-1\n');
    expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['Abc-1']);
  });

  it('loses what is no character: keys of functions, and what Ctrl makes', () => {
    const keys = [...keysOf('ab'), ...held(CTRL, keysOf(']')), ...tap(F1), ...tap(CAPS), ...keysOf('c\n')];
    expect(read(keyEvents(keys))).toEqual(['abc']);
  });

  it.each([ALT, ALT_GR, META])('is not told in part when a character of it is composed with key %i', (key) => {
    const composed = held(key, [...tap(79), ...tap(80)]);
    const keys = [...keysOf('abc'), ...composed, ...keysOf('def\n'), ...keysOf('next\n')];
    expect(read(keyEvents(keys))).toEqual(['next']);
  });
});

describe('the pace', () => {
  it('of a person is no scan, whatever is typed', () => {
    expect(read(keyEvents(at(keysOf('typed by hand\n'), PACE.gapMs + 1)))).toEqual([]);
    expect(read(keyEvents(at(keysOf('by a scanner\n'), PACE.gapMs)))).toEqual(['by a scanner']);
  });

  it('of a key that is held is no scan', () => {
    const [down, ...rest] = keysOf('a\n');
    const repeats = Array.from({ length: 20 }, (): KeyEvent => ({ code: 30, value: 2, afterMs: 33 }));
    expect(down && read(keyEvents([down, ...repeats, ...rest]))).toEqual([]);
  });

  it('separates what a person typed from the scan that follows, and a scan from an Enter that comes late', () => {
    const typed = at(keysOf('abc'), 60);
    const [first, ...rest] = keysOf('scan\n');
    expect(first && read(keyEvents([...typed, { ...first, afterMs: 500 }, ...rest]))).toEqual(['scan']);
    expect(read(keyEvents([...keysOf('scan'), ...at(tap(ENTER), 500), ...keysOf('next\n')]))).toEqual(['next']);
  });

  it('needs some characters', () => {
    expect(read(keyEvents('ab\n\n\nabc\n'))).toEqual(['abc']);
  });

  it('is not known when the clock was set back', () => {
    expect(read(keyEvents('begun'), keyEvents('after\n', 900_000))).toEqual(['after']);
  });
});

describe('what breaks', () => {
  it('a scan of which the kernel lost events is dropped, and the keys that were held are let go', () => {
    const lost = inputEvent(1_000_040, 0, 3, 0);
    const decoder = new KeyDecoder();
    decoder.push(keyEvents([...keysOf('abc'), { code: 42, value: 1, afterMs: 4 }]));
    decoder.push(lost);
    expect(decoder.push(keyEvents('def\nnext\n', 1_000_040))).toEqual(['next']);
  });

  it('so is one of which the kernel lost more than the time between two keys', () => {
    const decoder = new KeyDecoder();
    decoder.push(keyEvents('1201'));
    // The kernel's queue was full for 200 ms, about twenty keys; the last ones of the scan come behind the word on it.
    decoder.push(inputEvent(1_000_232, 0, 3, 0));
    expect(decoder.push(keyEvents('0015\n', 1_000_236))).toEqual([]);
    expect(decoder.push(keyEvents('next\n', 2_000_000))).toEqual(['next']);
  });

  it('events of other kinds are passed over', () => {
    const scancode = inputEvent(1_000_000, 4, 4, 0x7001e);
    const loose = inputEvent(1_000_000, 0, 0, 0);
    expect(read(scancode, keyEvents('ab'), scancode, loose, keyEvents('c\n', 1_000_016))).toEqual(['abc']);
  });

  it('a part of an event, at a silence, costs no more than the scan that it tore', () => {
    const decoder = new KeyDecoder();
    expect(decoder.push(keyEvents('abc').subarray(0, -7))).toEqual([]);
    expect(decoder.within).toBe(true);
    expect(decoder.flush()).toBeUndefined();
    expect(decoder.push(keyEvents('next\n', 2_000_000))).toEqual(['next']);
    expect(decoder.within).toBe(false);
    decoder.push(Uint8Array.of(1));
    expect(decoder.within).toBe(true);
    decoder.flush();
    expect(decoder.within).toBe(false);
  });

  it('a scan that was held up on its way is never told in part', () => {
    const [one, two] = [keyEvents('12010'), keyEvents('3-000701\n', 1_000_040)];
    const decoder = new KeyDecoder();
    decoder.push(one);
    decoder.flush();
    expect(decoder.push(two)).toEqual([]);
    expect(decoder.push(keyEvents('next\n', 2_000_000))).toEqual(['next']);
  });

  it('one that is dropped or forgotten is not told either', () => {
    const decoder = new KeyDecoder();
    decoder.push(keyEvents('abc'));
    decoder.drop();
    expect(decoder.push(keyEvents('def\nnext\n', 1_000_024))).toEqual(['next']);
    decoder.push(keyEvents([...keysOf('abc'), { code: 42, value: 1, afterMs: 4 }]).subarray(0, -3));
    decoder.clear();
    expect(decoder.within).toBe(false);
    expect(decoder.push(keyEvents('def\n', 1_000_030))).toEqual(['def']);
  });

  it('one without an end is bounded', () => {
    const longest = 'a'.repeat(SCAN_MAX);
    expect(read(keyEvents(`${longest}\n${longest}a\nnext\n`))).toEqual([longest, 'next']);
  });

  it('times and values that no kernel would give are borne', () => {
    const wild = new Uint8Array(24).fill(0xff);
    wild.set([1, 0], 16);
    expect(read(wild, keyEvents('abc\n'))).toEqual(['abc']);
  });
});
