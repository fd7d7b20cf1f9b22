import { type DeviceScript, hidAnswers, hidDevice, mockDevice, scriptLine } from '../umockdev.ts';

/** A keyboard of the boot kind, as a scanner has it beside its own interface. */
const KEYBOARD = '05010906a101050719e029e71500250175019508810295067508150025650507190029658100c0';
/** A bar code scanner and its scanned data, report 2: byte count, three bytes of AIM identifier, 56 of data, two more, a flag. */
const SCANNER =
  '058c0902a1010912a10285021500' +
  '26ff00750895010501093b8102' +
  '058c950309fb09fc09fd8102' +
  '953809fe82020195020913091481027501950109ff810295078103c0c0';
const DATA = 56;
const REPORT = 64;

/** What a scanner on HID-POS sends for one scan, each report behind its number. */
export function posReports(payload: Uint8Array, aim = ']Q1'): Uint8Array[] {
  const count = Math.max(1, Math.ceil(payload.length / DATA));
  return Array.from({ length: count }, (_, i) => {
    const piece = payload.subarray(i * DATA, (i + 1) * DATA);
    const report = new Uint8Array(REPORT);
    report.set([2, piece.length, ...Buffer.from(aim), ...piece]);
    report[REPORT - 1] = i + 1 < count ? 1 : 0;
    return report;
  });
}

/**
 * A scanner 0c2e:0901 on HID-POS, played by umockdev, with one scan of at most 56 bytes. It has a keyboard too: `/dev/hidraw0`, of which
 * nothing is ever heard.
 */
export async function scriptHidScanner(folder: string, text: string): Promise<DeviceScript> {
  const reports = posReports(Buffer.from(text));
  // umockdev hands out bytes, not reports: two would be read as one.
  if (reports.length > 1) throw new RangeError('a scan of more than one report can’t be played');
  const path = '/dev/hidraw1';
  return mockDevice(folder, {
    device: hidDevice({ vendor: '0c2e', product: '0901', name: 'Scanner', descriptors: [KEYBOARD, SCANNER] }),
    files: [
      {
        path,
        ioctl: hidAnswers(path, SCANNER),
        script: Buffer.concat(reports.map((report) => scriptLine('r', 0, report))),
      },
    ],
  });
}
