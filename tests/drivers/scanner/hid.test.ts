import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { HidSystem, OpenHid } from '#drivers/common/hid.ts';
import { openScanner } from '#drivers/index.ts';
import { openHidScanner } from '#drivers/scanner/hid.ts';
import { SCAN_MAX } from '#drivers/scanner/protocol.ts';
import { ReportDecoder } from '#drivers/scanner/reports.ts';
import { posReports } from '#tests/simulators/index.ts';

const reports = (text: string, aim?: string): Uint8Array[] => posReports(Buffer.from(text), aim);

const read = (...sent: Uint8Array[]): string[] => {
  const decoder = new ReportDecoder();
  return sent.flatMap((report) => decoder.push(report));
};

/** A report with one byte that lies. */
function lying(report: Uint8Array | undefined, at: number, byte: number): Uint8Array {
  return Uint8Array.from(report ?? []).fill(byte, at, at + 1);
}

const LONG = '1234567890'.repeat(30);
const [NUMBER, LENGTH, AIM, MORE] = [0, 1, 2, 63];

describe('a scan', () => {
  it.each([
    ['in one report', 'A'],
    ['that fills a report', 'a'.repeat(56)],
    ['in two', 'a'.repeat(57)],
    ['in many', LONG],
    ['whose character stands in two reports', `${'a'.repeat(55)}社区`],
  ])('%s is read whole', (_, text) => {
    expect(read(...reports(text))).toEqual([text]);
  });

  it('may be GB 18030, and loses its control characters', () => {
    expect(read(...posReports(new Uint8Array(iconv.encode('社区服务\r', 'gb18030'))))).toEqual(['社区服务']);
  });

  it('without a text is passed over', () => {
    expect(read(...reports(''), ...reports('\r'), ...reports('next'))).toEqual(['next']);
  });

  it('is read although other reports come in its middle', () => {
    const [first, second] = reports('a'.repeat(60));
    const other = lying(first, NUMBER, 4);
    expect(first && second && read(other, first, other, Uint8Array.of(), second)).toEqual(['a'.repeat(60)]);
  });
});

describe('what lies or breaks off', () => {
  it('a length beyond the report drops the scan, and no more', () => {
    const [first, ...rest] = reports(LONG);
    const lies = lying(first, LENGTH, 57);
    expect(read(lies, ...rest, ...reports('next'))).toEqual(['next']);
    const [single] = reports('single');
    expect(read(lying(single, LENGTH, 255), ...reports('next'))).toEqual(['next']);
  });

  it('a report that is cut short, or has no symbology, drops the scan that it stands in', () => {
    const [first, second] = reports('a'.repeat(60));
    for (const bad of [second?.subarray(0, MORE), Uint8Array.of(2), lying(second, AIM, 0)]) {
      expect(first && second && bad && read(bad, first, bad, second, ...reports('next'))).toEqual(['next']);
    }
  });

  it('a scan whose end is lost is dropped when one of another symbology begins', () => {
    const [first] = reports(LONG, ']Q1');
    expect(first && read(first, ...reports('6901234567892', ']E0'))).toEqual(['6901234567892']);
  });

  it('a scan that was held up on its way is never told in part', () => {
    const [first, ...rest] = reports(LONG);
    const decoder = new ReportDecoder();
    expect(first && decoder.push(first)).toEqual([]);
    expect(decoder.within).toBe(true);
    expect(decoder.flush()).toBeUndefined();
    expect(rest.flatMap((report) => decoder.push(report))).toEqual([]);
    expect(decoder.within).toBe(false);
    expect(reports('next').flatMap((report) => decoder.push(report))).toEqual(['next']);
  });

  it('a scan that is dropped or forgotten is not told', () => {
    const [first, ...rest] = reports(LONG);
    const decoder = new ReportDecoder();
    if (first) decoder.push(first);
    decoder.drop();
    expect(rest.flatMap((report) => decoder.push(report))).toEqual([]);
    if (first) decoder.push(first);
    decoder.clear();
    expect(reports('next').flatMap((report) => decoder.push(report))).toEqual(['next']);
  });

  it('more that follows without an end is bounded, and dropped up to its end', () => {
    const [first] = reports(LONG);
    const endless = Array.from({ length: 100_000 }, () => first ?? new Uint8Array());
    const decoder = new ReportDecoder();
    const before = process.memoryUsage().arrayBuffers;
    expect(endless.flatMap((report) => decoder.push(report))).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect(decoder.push(lying(first, MORE, 0))).toEqual([]);
    const longest = 'a'.repeat(SCAN_MAX);
    const all = [...reports(longest), ...reports(`${longest}a`), ...reports('next')];
    expect(all.flatMap((report) => decoder.push(report))).toEqual([longest, 'next']);
  });
});

describe('the interface', () => {
  const CONNECTION = { by: 'hid', vendor: 0x0c2e, product: 0x0901, serial: null } as const;
  const ids = { vendorId: 0x0c2e, productId: 0x0901 };
  const keyboard = { ...ids, path: '/dev/hidraw0', usagePage: 1, usage: 6 };
  const scanner = { ...ids, path: '/dev/hidraw1', usagePage: 0x8c, usage: 2 };

  function system(devices: readonly (typeof scanner)[], opened: string[]): () => Promise<HidSystem> {
    const device: OpenHid = { on: () => undefined, write: async () => 0, close: async () => undefined };
    const open = async (path: string) => {
      opened.push(path);
      return device;
    };
    return async () => ({ devicesAsync: async () => devices, HIDAsync: { open } });
  }

  it('is the scanner’s own, and never the keyboard that it is too', async () => {
    const opened: string[] = [];
    const source = await openHidScanner(CONNECTION, system([keyboard, scanner], opened));
    expect(opened).toEqual(['/dev/hidraw1']);
    if (!source.ok) throw new Error(source.error.why);
    const ended = new Promise<void>((done) => source.value.onClose(done));
    source.value.onData(() => undefined);
    await source.value.close();
    await ended;
  });

  it('that is missing from a device says how to set the scanner', async () => {
    const opened: string[] = [];
    expect(await openHidScanner(CONNECTION, system([keyboard], opened))).toMatchObject({
      error: { why: 'collection-missing', remedy: expect.stringMatching(/HID-POS.*keyboard:PATH/) },
    });
    expect(opened).toEqual([]);
  });

  it('is looked for on this machine, and missing here', async () => {
    const looked = openScanner({ connection: { ...CONNECTION, serial: 'none-like-it' } });
    await expect.poll(() => looked.state).toMatchObject({ state: 'away', why: 'device-missing' });
    await looked.close();
  });

  it('of two devices alike is not chosen by chance', async () => {
    const two = [scanner, { ...scanner, path: '/dev/hidraw2' }];
    expect(await openHidScanner(CONNECTION, system(two, []))).toMatchObject({ error: { why: 'two-devices' } });
  });
});
