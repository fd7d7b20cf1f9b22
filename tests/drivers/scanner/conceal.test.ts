import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { TrafficLine } from '#drivers/common/traffic.ts';
import { recorded } from '#drivers/common/traffic.ts';
import { ScanConcealer } from '#drivers/scanner/conceal.ts';
import { CodeScanner } from '#drivers/scanner/device.ts';
import { replayScanner } from '#drivers/scanner/index.ts';
import { LineDecoder, onLine } from '#drivers/scanner/line.ts';
import { hex, VirtualTimers, Wire } from '../stand.ts';

const conceal = (...pieces: readonly Uint8Array[]): Buffer => {
  const concealer = new ScanConcealer();
  return Buffer.concat(pieces.flatMap((piece) => concealer.take(piece)));
};
const decoded = (bytes: Uint8Array) => new LineDecoder().push(Buffer.concat([bytes, Buffer.of(0x0d)]));

describe('a scan in a recording', () => {
  it.each([
    ['a number', '120103-0001X', '000000*0000A'],
    ['an address', 'https://a.example/?n=1', 'AAAAA***A*AAAAAAA**A*0'],
    ['what ends it', 'A1\r\nB2\n', 'A0\r\nA0\n'],
    ['a field’s end', 'A\u001d1', 'A*0'],
  ])('has digits, letters and marks for %s', (_what, text, told) => {
    expect(conceal(Buffer.from(text)).toString()).toBe(told);
  });

  it('is as long, in the same encoding, and says nothing of the text', () => {
    const text = fc.string({
      minLength: 2,
      maxLength: 40,
      unit: fc.constantFrom(...Array.from('bcd3456王秀英·é𠮷㐱丂')),
    });
    fc.assert(
      fc.property(text, fc.constantFrom('utf8', 'gb18030'), (given, encoding) => {
        const bytes = iconv.encode(given, encoding);
        const told = conceal(bytes);
        expect(told).toHaveLength(bytes.length);
        expect(told.includes(bytes)).toBe(false);
        const [was = ''] = decoded(bytes);
        const [now = ''] = decoded(told);
        expect(Array.from(now)).toHaveLength(Array.from(was).length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same however it is torn', () => {
    const stream = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(stream, fc.nat(40), (bytes, cut) => {
        expect(conceal(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(conceal(bytes));
      }),
    );
  });

  it('shows no byte but those that stand for others', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const told = new Set(conceal(all));
    expect(told).toEqual(new Set(hex('0D0A 30 41 2A B0 C3 E1 F1 F8')));
  });
});

describe('a scanner in a recording', () => {
  it('scans again, as slowly as it did, and ends as it ended', async () => {
    const timers = new VirtualTimers();
    const wire = new Wire();
    const lines: TrafficLine[] = [];
    const connection = { by: 'tcp', host: 'nowhere', port: 1 } as const;
    const way = recorded(
      'scanner',
      wire.connect,
      () => new ScanConcealer(),
      (line) => lines.push(line),
    );
    const scanner = new CodeScanner(onLine(way, connection), { connection, timers });
    await timers.pass(1);
    wire.say(Buffer.from('王秀英110'));
    wire.say(Buffer.from('101\r'));
    wire.unplug();
    await timers.pass(1);
    await timers.until(scanner.close());
    expect(lines).toMatchObject([
      { is: 'device', kind: 'scanner' },
      { is: 'opened', baud: 9_600 },
      { is: 'to-host' },
      { is: 'to-host', hex: '3030300d' },
      { is: 'closed' },
    ]);

    const slower = lines.map((line, i) => ({ ...line, ms: i * 50 }));
    const again = replayScanner(slower, timers);
    const seen: string[] = [];
    const begun = timers.now;
    again.onState(({ state }) => seen.push(state));
    again.onScan((scan) => seen.push(`${JSON.stringify(scan.reveal())} after ${timers.now - begun}`));
    await timers.pass(1_000);
    await timers.until(again.close());
    expect(seen.slice(0, 3)).toEqual([
      'ready',
      expect.stringMatching(/^\{"kind":"text","text":".{3}000000"\} after 100$/),
      'away',
    ]);
  });
});
