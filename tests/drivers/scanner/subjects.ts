import { KeyDecoder } from '#drivers/scanner/keys.ts';
import { LineDecoder } from '#drivers/scanner/line.ts';
import { ReportDecoder } from '#drivers/scanner/reports.ts';
import { inputEvent, keyEvents, posReports } from '#tests/simulators/index.ts';
import type { Subject } from '../subject.ts';

/** What a scanner on a line sends. */
export const scans: Subject = {
  samples: ['社区\r', '120103-000701-261125-0012-X\r\n', 'one\ntwo\n', '\r\r', 'x'.repeat(4_097)].map((text) =>
    Buffer.from(text),
  ),
  pieceMax: 1_024,
  start() {
    const decoder = new LineDecoder();
    return {
      push: (piece) => void decoder.push(piece),
      findsGood(cut) {
        decoder.flush();
        const read = cut(Buffer.from('社区𠮷\r')).flatMap((piece) => decoder.push(piece));
        return read.length === 1 && read[0] === '社区𠮷';
      },
    };
  },
};

/** Reports come whole: each piece is one, and the same bytes are one more behind the head that a scanner's report has. */
export const reports: Subject = {
  samples: ['社区', '1'.repeat(100), 'x'.repeat(5_000), ''].map((text) => Buffer.concat(posReports(Buffer.from(text)))),
  pieceMax: 64,
  start() {
    const decoder = new ReportDecoder();
    const report = new Uint8Array(64);
    return {
      push(piece) {
        decoder.push(piece);
        report.fill(0);
        report.set(piece);
        report.set([2, ...piece.subarray(0, 1), 0x5d]);
        decoder.push(report);
      },
      findsGood() {
        // What came before may have lost its end: a whole scan ends it.
        for (const each of posReports(Buffer.from('end'))) decoder.push(each);
        const read = posReports(Buffer.from('社区𠮷'.repeat(20))).flatMap((each) => decoder.push(each));
        return read.length === 1 && read[0] === '社区𠮷'.repeat(20);
      },
    };
  },
};

/** What a scanner types, in events of the kernel. */
export const typed: Subject = {
  samples: ['Scan 12\n', 'a\nbc\tdef\n', 'x'.repeat(100)].map((text) => keyEvents(text)),
  pieceMax: 1_024,
  start() {
    const decoder = new KeyDecoder();
    return {
      push: (piece) => void decoder.push(piece),
      findsGood(cut) {
        decoder.flush();
        // Keys that noise holds are let go of by the first event that the kernel says it lost.
        const lost = inputEvent(2_000_000, 0, 3, 0);
        const bytes = Buffer.concat([lost, keyEvents('YC1.Good\n', 3_000_000)]);
        const read = cut(bytes).flatMap((piece) => decoder.push(piece));
        return read.length === 1 && read[0] === 'YC1.Good';
      },
    };
  },
};
