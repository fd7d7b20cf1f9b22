import { type DeviceScript, mockDevice, scriptLine } from '../umockdev.ts';

/** A key that goes down (1), is held (2) or goes up (0), so many milliseconds after the event before. */
export interface KeyEvent {
  readonly code: number;
  readonly value: 0 | 1 | 2;
  readonly afterMs: number;
}

const SHIFT = 42;
/** The keys of a US keyboard by their codes in the kernel's list, each with what it types without shift and with it. */
const LAYOUT: Readonly<Record<number, string>> = {
  2: '1!',
  3: '2@',
  4: '3#',
  5: '4$',
  6: '5%',
  7: '6^',
  8: '7&',
  9: '8*',
  10: '9(',
  11: '0)',
  12: '-_',
  13: '=+',
  16: 'qQ',
  17: 'wW',
  18: 'eE',
  19: 'rR',
  20: 'tT',
  21: 'yY',
  22: 'uU',
  23: 'iI',
  24: 'oO',
  25: 'pP',
  26: '[{',
  27: ']}',
  30: 'aA',
  31: 'sS',
  32: 'dD',
  33: 'fF',
  34: 'gG',
  35: 'hH',
  36: 'jJ',
  37: 'kK',
  38: 'lL',
  39: ';:',
  40: '\'"',
  41: '`~',
  43: '\\|',
  44: 'zZ',
  45: 'xX',
  46: 'cC',
  47: 'vV',
  48: 'bB',
  49: 'nN',
  50: 'mM',
  51: ',<',
  52: '.>',
  53: '/?',
  57: '  ',
  15: '\t',
  28: '\n',
};

/** What a scanner that types presses for a text; a line break is Enter. Throws RangeError for a character that it can't type. */
export function keysOf(text: string, everyMs = 4): KeyEvent[] {
  return Array.from(text).flatMap((character): KeyEvent[] => {
    const [code, types] = Object.entries(LAYOUT).find(([, both]) => both.includes(character)) ?? [];
    if (code === undefined || types === undefined) throw new RangeError('no key for a character');
    const key = [1, 0].map((value) => ({ code: Number(code), value: value as 0 | 1, afterMs: everyMs }));
    if (types.startsWith(character)) return key;
    const shift = [1, 0].map((value) => ({ code: SHIFT, value: value as 0 | 1, afterMs: everyMs }));
    return [...shift.slice(0, 1), ...key, ...shift.slice(1)];
  });
}

const EVENT_BYTES = 24;

/**
 * The kernel's events for keys, each followed by its synchronisation.
 * @param given a text, or keys with their times.
 * @param startMs milliseconds since 1970.
 */
export function keyEvents(given: string | readonly KeyEvent[], startMs = 1_000_000): Uint8Array {
  let nowMs = startMs;
  const events = (typeof given === 'string' ? keysOf(given) : given).flatMap(({ code, value, afterMs }) => {
    nowMs += afterMs;
    return [inputEvent(nowMs, 1, code, value), inputEvent(nowMs, 0, 0, 0)];
  });
  return Buffer.concat(events);
}

/** One `struct input_event`. */
export function inputEvent(timeMs: number, type: number, code: number, value: number): Uint8Array {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeBigUInt64LE(BigInt(Math.floor(timeMs / 1_000)), 0);
  event.writeBigUInt64LE(BigInt(Math.round((timeMs % 1_000) * 1_000)), 8);
  event.writeUInt16LE(type, 16);
  event.writeUInt16LE(code, 18);
  event.writeInt32LE(value, 20);
  return event;
}

/** A scanner that types, played by umockdev at `/dev/input/event3`, with one text. */
export async function scriptKeyboard(folder: string, text: string): Promise<DeviceScript> {
  const input = '/devices/virtual/input/input3';
  return mockDevice(folder, {
    device: `P: ${input}
E: SUBSYSTEM=input
A: name=Example Scanner

P: ${input}/event3
N: input/event3
E: SUBSYSTEM=input
E: DEVNAME=/dev/input/event3
A: dev=13:67
L: device=../../input3
`,
    files: [{ path: '/dev/input/event3', script: scriptLine('r', 0, keyEvents(text)) }],
  });
}
