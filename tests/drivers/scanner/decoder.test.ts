import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { Scan } from '#contract/devices.ts';
import { LineDecoder } from '#drivers/scanner/line.ts';
import { scanOf } from '#drivers/scanner/payload.ts';
import { SCAN_MAX } from '#drivers/scanner/protocol.ts';
import { stampSheet } from '#main/service/documents/stamp.ts';
import { formatReceiptNumber } from '#main/service/intake/receipt-number.ts';
import { hex } from '../stand.ts';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const gb = (text: string): Uint8Array => new Uint8Array(iconv.encode(text, 'gb18030'));

function scans(decoder: LineDecoder, ...chunks: Uint8Array[]): string[] {
  const payloads = chunks.flatMap((chunk) => decoder.push(chunk));
  const last = decoder.flush();
  return last === undefined ? payloads : [...payloads, last];
}

const read = (...chunks: Uint8Array[]): string[] => scans(new LineDecoder(), ...chunks);

describe('a scan ends', () => {
  it.each([
    ['at CR', 'one\rtwo\r'],
    ['at LF', 'one\ntwo\n'],
    ['at CRLF', 'one\r\ntwo\r\n'],
    ['at LFCR', 'one\n\rtwo\n\r'],
    ['at a mixture', '\r\n\r\none\r\r\r\ntwo\n'],
  ])('%s', (_, stream) => {
    expect(new LineDecoder().push(utf8(stream))).toEqual(['one', 'two']);
  });

  it('at a silence, when it has no suffix, and a suffix that comes late ends nothing more', () => {
    const decoder = new LineDecoder();
    expect(decoder.push(utf8('one'))).toEqual([]);
    expect(decoder.within).toBe(true);
    expect(decoder.flush()).toBe('one');
    expect(decoder.within).toBe(false);
    expect(decoder.push(utf8('\r\n'))).toEqual([]);
    expect(decoder.flush()).toBeUndefined();
  });
});

describe('text', () => {
  it.each([
    ['UTF-8', utf8('社区𠮷é'), '社区𠮷é'],
    ['UTF-8 behind a byte order mark', hex('EF BB BF 41'), 'A'],
    ['GB 18030 of two bytes', gb('社区服务'), '社区服务'],
    ['GB 18030 of four bytes', gb('社𠮷'), '社𠮷'],
    ['the euro sign of GB 18030', hex('A2 E3'), '€'],
    ['U+FFFD that was truly sent', utf8('a\u{fffd}'), 'a\u{fffd}'],
  ])('in %s', (_, bytes, text) => {
    expect(read(bytes, utf8('\r'))).toEqual([text]);
  });

  it.each([
    ['an overlong form of UTF-8', 'C0 AF'],
    ['a character that was cut off', '41 E7 A4'],
    ['a byte that no encoding has', '41 FF 42'],
    ['a four-byte code without a character', 'FE 39 FE 39'],
    ['half a surrogate pair in GB 18030', '83 36 C7 39'],
  ])('never holds what can’t be read: %s', (_, bytes) => {
    const decoder = new LineDecoder();
    for (const text of scans(decoder, hex(bytes), utf8('\r'))) {
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain('\u{fffd}');
    }
    expect(decoder.push(utf8('next\r'))).toEqual(['next']);
  });

  it('drops what is none in either encoding', () => {
    expect(read(hex('41 FF 42 0D 6F 6B 0D'))).toEqual(['ok']);
  });

  it('loses its control characters', () => {
    expect(read(utf8('\u{2}]C1\u{1d}01\u{0}23\t4\u{7f}\u{85}\u{3}\r'))).toEqual([']C101234']);
  });

  it.each(['', '\0\0', '\t', '\u{85}'])('is not told when nothing is left: %j', (text) => {
    expect(read(utf8(`${text}\r${text}`))).toEqual([]);
  });

  it('is the same as if it had come at once when a character is torn between two chunks', () => {
    const bytes = utf8('社区\r');
    expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(['社区']);
  });
});

describe('the bound of memory', () => {
  const long = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);

  it('holds the longest scan', () => {
    expect(read(long(SCAN_MAX), utf8('\r'))).toEqual(['a'.repeat(SCAN_MAX)]);
  });

  it.each([
    ['a suffix', utf8('\r')],
    ['a silence', undefined],
  ])('drops a longer one whole, up to %s', (_, suffix) => {
    const decoder = new LineDecoder();
    expect(decoder.push(long(SCAN_MAX + 1))).toEqual([]);
    expect(decoder.within).toBe(true);
    expect(decoder.push(utf8('its end'))).toEqual([]);
    expect(suffix ? decoder.push(suffix) : decoder.flush()).toEqual(suffix ? [] : undefined);
    expect(decoder.within).toBe(false);
    expect(decoder.push(utf8('next\r'))).toEqual(['next']);
  });

  it('keeps nothing of a stream without an end', () => {
    const decoder = new LineDecoder();
    const chunk = long(1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 16; sent += 1) expect(decoder.push(chunk)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
    expect(decoder.push(utf8('\rnext\r'))).toEqual(['next']);
  });

  it('drops a scan on demand, and nothing when none has begun', () => {
    const decoder = new LineDecoder();
    decoder.drop();
    expect(decoder.push(utf8('one\rtw'))).toEqual(['one']);
    decoder.drop();
    expect(decoder.push(utf8('o\rthree\r'))).toEqual(['three']);
  });
});

describe('any stream, in any pieces', () => {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 24 }) },
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map(utf8) },
    {
      weight: 3,
      arbitrary: fc.string({ unit: fc.constantFrom('社', '区', '𠮷', 'é', '€', 'a', '1'), maxLength: 8 }).map(gb),
    },
    { weight: 5, arbitrary: fc.constantFrom('\r', '\n', '\r\n', '\r\r').map(utf8) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: -2, max: 3 }).map((more) => new Uint8Array(SCAN_MAX + more).fill(0x61)),
    },
  );
  const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => new Uint8Array(Buffer.concat(pieces)));
  const cuts = fc.array(fc.integer({ min: 1, max: 6_000 }), { maxLength: 12 });

  function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
    const cut: Uint8Array[] = [];
    let at = 0;
    for (const length of lengths) {
      cut.push(bytes.subarray(at, at + length));
      at += length;
    }
    return [...cut, bytes.subarray(at)];
  }

  /** The scans by the sheet, with the whole stream in hand. */
  function expected(bytes: Uint8Array): string[] {
    return Buffer.from(bytes)
      .toString('latin1')
      .split(/[\r\n]/)
      .filter((scan) => scan.length <= SCAN_MAX)
      .flatMap((scan) => read(Buffer.from(scan, 'latin1')));
  }

  it('gives the same scans', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, lengths) => {
        const small = lengths.map((length) => (length % 7) + 1);
        const whole = expected(bytes);
        expect(read(...pieces(bytes, lengths))).toEqual(whole);
        expect(read(...pieces(bytes, small))).toEqual(whole);
      }),
      { numRuns: 20_000 },
    );
  });

  it('leaves text that is clean and bounded, and the next scan is read', () => {
    fc.assert(
      fc.property(stream, cuts, fc.boolean(), (bytes, lengths, silent) => {
        const decoder = new LineDecoder();
        const told = pieces(bytes, lengths).flatMap((chunk) => decoder.push(chunk));
        const last = silent ? decoder.flush() : decoder.push(utf8('\r'))[0];
        for (const text of last === undefined ? told : [...told, last]) {
          expect(text).not.toBe('');
          expect(text.length).toBeLessThanOrEqual(SCAN_MAX);
          expect(text).not.toMatch(/\p{Cc}/u);
          expect(text.isWellFormed()).toBe(true);
        }
        expect(decoder.within).toBe(false);
        expect(decoder.push(utf8('社区\n'))).toEqual(['社区']);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('what a scan is', () => {
  const number = formatReceiptNumber({
    region: '120103',
    terminal: '0007',
    incarnation: 1,
    day: '2026-11-25',
    sequence: 12,
  });

  it('a receipt of ours', () => {
    expect(scanOf(number)).toEqual({ kind: 'receipt', number });
    expect(scanOf('120103-000701-261125-0012-X')).toMatchObject({ kind: 'receipt' });
    const late = formatReceiptNumber({
      region: '120103',
      terminal: '0007',
      incarnation: 123,
      day: '2026-11-25',
      sequence: 12_345,
    });
    expect(scanOf(late)).toEqual({ kind: 'receipt', number: late });
  });

  it.each(['certificate', 'acceptance-notice'] as const)('a sheet of ours: %s', (document) => {
    const sheet = {
      document,
      template: 'sheet',
      title: '证明',
      item: '居住证明',
      paragraphs: [],
      facts: [],
      street: '',
      community: '',
      phone: '',
      committee: '',
      number,
      date: '',
      worker: '',
      verifiedAt: '',
      steps: [],
      signature: { width: 1, height: 1, strokes: [] },
    };
    const { code } = stampSheet(sheet, generateKeyPairSync('ed25519').privateKey);
    expect(scanOf(code)).toEqual({ kind: 'document', code });
  });

  it.each([
    ['a lower-case check character', '120103-000701-261125-0012-x'],
    ['blanks around it', ` ${number} `],
    ['something behind it', `${number}0`],
    ['other digits', number.replace('1', '１')],
    ['a number without its check character', number.slice(0, -2)],
    ['a code without its signature', `YC1.${number}.C.${'a'.repeat(43)}`],
    ['a code of another kind', `YC1.${number}.X.${'a'.repeat(43)}.${'b'.repeat(86)}`],
    ['an address', 'https://example.test/120103'],
  ])('any other text: %s', (_, text) => {
    expect(scanOf(text)).toEqual({ kind: 'text', text });
    expect(Scan.parse(scanOf(text))).toEqual({ kind: 'text', text });
  });
});
