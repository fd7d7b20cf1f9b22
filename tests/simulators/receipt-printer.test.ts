import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, connectHost, type Host } from './host.ts';
import { type EscPosPrinter, startEscPosPrinter } from './index.ts';
import { Interpreter } from './receipt-printer/interpreter.ts';
import { plainText, type Row } from './receipt-printer/slip.ts';

const START = '1B 40 1C 26';
const CUT = '1D 56 41 10';
const ASK_PROCESS = '1D 28 48 06 00 30 30 41 42 43 44';
const DONE_PROCESS = '37 22 41 42 43 44 00';

let printer: EscPosPrinter;
let host: Host;

beforeEach(async () => {
  printer = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  host = await connectHost(printer.connection);
});
afterEach(async () => {
  host.close();
  await printer.close();
});

/** Joins hexadecimal commands and `'text` in GB 18030. */
function job(...parts: readonly string[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (part.startsWith("'") ? iconv.encode(part.slice(1), 'gb18030') : bytesOf(part))),
  );
}

/** Sends a job and waits until the printer says that everything before that was printed. */
async function print(...parts: readonly string[]): Promise<void> {
  host.send(job(...parts, ASK_PROCESS));
  expect(await host.next(7)).toBe(DONE_PROCESS);
}

function onlyPaper(): EscPosPrinter['papers'][number] {
  const [paper, ...others] = printer.papers;
  if (!paper || others.length > 0) throw new Error(`${printer.papers.length} papers`);
  return paper;
}

describe('what comes out', () => {
  it('is Chinese text, line by line, when Chinese mode is on', async () => {
    await print(START, "'收件回执\n申请人：王·英 A1\n", CUT);
    expect(onlyPaper().text).toBe('收件回执\n申请人：王·英 A1');
    expect(printer.unknown).toEqual([]);
    expect(printer.papersWaiting).toBe(1);
    printer.takePaper();
    expect(printer.papersWaiting).toBe(0);
  });

  it('is garbage when Chinese mode was not switched on', async () => {
    await print('1B 40', "'回执\n", CUT);
    expect(onlyPaper().text).not.toContain('回执');
    expect(onlyPaper().text).toHaveLength(4);
  });

  it('has ？ for every character outside the font, of two bytes or four', async () => {
    await print(START, "'王喆𠮷英\n", CUT);
    expect(onlyPaper().text).toBe('王？？英');
  });

  it('keeps size, weight and place', async () => {
    await print(START, '1B 61 01 1D 21 11 1B 45 01', "'大\n", '1D 21 00 1B 45 00 1C 21 84', "'宽\n", CUT);
    expect(onlyPaper().rows).toMatchObject([
      { row: 'line', align: 'centre', runs: [{ text: '大', width: 2, height: 2, bold: true, underline: false }] },
      { row: 'line', align: 'centre', runs: [{ text: '宽', width: 2, height: 1, bold: false, underline: true }] },
      { row: 'feed', dots: 16 },
    ]);
  });

  it('wraps at 48 characters', async () => {
    await print(START, `'${'一'.repeat(24)}二\n`, CUT);
    expect(onlyPaper().text).toBe(`${'一'.repeat(24)}\n二`);
  });

  it('has a QR code and a raster picture', async () => {
    const setUp = '1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 06 1D 28 6B 03 00 31 45 31';
    await print(START, setUp, '1D 28 6B 06 00 31 50 30', "'abc", '1D 28 6B 03 00 31 51 30');
    await print('1D 76 30 00 01 00 02 00 80 01', CUT);
    expect(onlyPaper().text).toBe('[QR abc]\n[picture 8 x 2]');
    expect(onlyPaper().rows[0]).toMatchObject({ data: 'abc', moduleDots: 6, level: 'M' });
    expect(onlyPaper().rows[1]).toMatchObject({
      bitmap: [
        [true, false, false, false, false, false, false, false],
        [false, false, false, false, false, false, false, true],
      ],
    });
  });

  it('records what no sheet knows, and goes on behind it', async () => {
    await print(START, '1B 7A 1D 28 4C 02 00 30 32 09', "'好\n", CUT);
    expect(printer.unknown).toEqual(['1b7a', '1d284c02003032', '09']);
    expect(onlyPaper().text).toBe('好');
  });

  it('comes out once per cut', async () => {
    await print(START, "'一\n", '1D 56 00', "'二\n", CUT);
    expect(printer.papers.map((paper) => paper.text)).toEqual(['一', '二']);
  });
});

describe('what it answers', () => {
  it.each([
    ['nothing', () => undefined, '12 12 12 12', '10 00 00 00'],
    ['paper out', () => printer.paperOut(), '1A 32 12 7E', '18 00 0F 00'],
    ['paper near its end', () => printer.nearEnd(true), '12 12 12 1E', '10 00 03 00'],
    ['cover open', () => printer.coverOpen(), '1A 16 12 12', '38 00 00 00'],
    ['cutter stuck', () => printer.cutterStuck(true), '1A 52 1A 12', '18 08 00 00'],
  ])('with %s', async (_what, happen, status, automatic) => {
    host.send('1D 61 FF');
    expect(await host.next(4)).toBe('10 00 00 00');
    happen();
    if (automatic !== '10 00 00 00') expect(await host.next(4)).toBe(automatic);
    host.send('10 04 01 10 04 02 10 04 03 10 04 04');
    expect(await host.next(4)).toBe(status);
  });

  it('real-time status at once, but what stands in the buffer only when that is printed', async () => {
    printer.paperOut();
    host.send(job(START, "'晚\n", CUT, ASK_PROCESS, '1D 72 01'));
    host.send('10 04');
    host.send('02');
    expect(await host.next(1)).toBe('32');
    expect(printer.papers).toEqual([]);
    printer.paperIn();
    expect(await host.next(8)).toBe(`${DONE_PROCESS} 00`);
    expect(onlyPaper()).toMatchObject({ text: '晚', ended: 'cut' });
  });

  it('tears a slip that the roll ended in, and goes on with the new roll', async () => {
    printer.outOfPaperAfter(8);
    host.send(job(START, "'上上\n下\n", CUT, '10 04 04'));
    host.send(ASK_PROCESS);
    await expect.poll(() => printer.condition.paper).toBe('end');
    printer.paperIn();
    await expect.poll(() => printer.papers.length).toBe(2);
    expect(printer.papers.map(({ text, ended }) => [text, ended])).toEqual([
      ['上上', 'torn'],
      ['下', 'cut'],
    ]);
  });

  it('nothing when muted, and no confirmation when only those are', async () => {
    printer.muteConfirmations(true);
    host.send(job('1D 61 FF 1D 72 01', ASK_PROCESS, '10 04 01'));
    expect(await host.next(1)).toBe('12');
    printer.muteAnswers(true);
    host.send(job('10 04 04', START, "'无声\n", CUT));
    await expect.poll(() => printer.papers.length).toBe(1);
    printer.muteAnswers(false);
    host.send('10 04 01');
    expect(await host.next(1)).toBe('12');
  });

  it('nothing behind a cut in which its knife sticks, once or each time, before that is freed', async () => {
    const two = [START, "'一\n", CUT, '10 04 03', "'二\n", CUT];
    printer.jamAtCut('next');
    host.send(job(...two));
    await expect.poll(() => printer.condition.cutter).toBe('stuck');
    expect(printer.papers.map(({ text }) => text)).toEqual(['一']);
    printer.cutterStuck(false);
    expect(printer.papers.map(({ text }) => text)).toEqual(['一', '二']);
    expect(printer.condition.cutter).toBe('free');
    printer.jamAtCut('every');
    host.send(job(START, "'三\n", CUT, "'四\n", CUT));
    await expect.poll(() => printer.papers.length).toBe(3);
    printer.cutterStuck(false);
    expect(printer.papers.length).toBe(4);
    expect(printer.condition.cutter).toBe('stuck');
    printer.jamAtCut('none');
    printer.cutterStuck(false);
    expect(printer.condition.cutter).toBe('free');
  });

  it('late when it is slow, in the order of the questions', async () => {
    printer.slowAnswers(60);
    const asked = performance.now();
    host.send('10 04 01 10 04 02 1D 72 01');
    expect(await host.next(3)).toBe('12 12 00');
    expect(performance.now() - asked).toBeGreaterThan(55);
    printer.slowAnswers(0);
    host.send('10 04 01');
    expect(await host.next(1)).toBe('12');
  });

  it('no more once its cable was pulled in the middle of a job', async () => {
    printer.unplugAfter(6);
    host.send(job(START, "'半张\n", CUT));
    await host.ended;
    await printer.plug();
    host = await connectHost(printer.connection);
    await print(START, "'张\n", CUT);
    expect(onlyPaper().text).toBe('张');
  });
});

it.each([58, 80] as const)('draws a slip of %i mm at 8 dots to the millimetre', async (paperMm) => {
  const own = await startEscPosPrinter({ transport: 'tcp', paperMm });
  const folder = await mkdtemp(join(tmpdir(), 'picture-'));
  const there = await connectHost(own.connection);
  there.send(job(START, "'收件回执 王\n", '1B 64 02', CUT));
  await expect.poll(() => own.papers.length).toBe(1);
  await own.drawPaper(0, join(folder, 'slip.png'));
  const png = PNG.sync.read(await readFile(join(folder, 'slip.png')));
  const dark = Array.from({ length: png.width * png.height }, (_, at) => png.data[at * 4] ?? 255).filter((v) => v < 90);
  expect(Math.abs(png.width - (paperMm * 8 + 48))).toBeLessThanOrEqual(1);
  expect(dark.length).toBeGreaterThan(300);
  there.close();
  await own.close();
  await rm(folder, { recursive: true });
});

it('works on a pseudo-terminal', async () => {
  const own = await startEscPosPrinter({ transport: 'pty', paperMm: 58 });
  expect(own.connection).toMatch(/^serial:\/.*\?baud=115200$/);
  await own.close();
});

it('reads the same slip however the bytes are cut', () => {
  const bytes = Buffer.from(job(START, '1D 21 11', "'回执 A王\n", '1D 76 30 00 01 00 02 00 1B 40', "'完\n", CUT));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
      const slips: (readonly Row[])[] = [];
      const none = () => undefined;
      const interpreter = new Interpreter({
        printableDots: 576,
        font: 'gb2312',
        mechanism: {
          reply: none,
          sensor: () => 0,
          automaticStatus: none,
          cut: (rows) => slips.push(rows),
          unknown: none,
        },
      });
      let buffer = Buffer.alloc(0);
      for (let at = 0; at < bytes.length; at += size) {
        buffer = Buffer.concat([buffer, bytes.subarray(at, at + size)]);
        for (let used = interpreter.step(buffer); used > 0; used = interpreter.step(buffer)) {
          buffer = buffer.subarray(used);
        }
      }
      expect(slips.map(plainText)).toEqual(['回执 A王\n[picture 8 x 2]\n完']);
    }),
  );
});

it('never hangs on bytes of chance', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const none = () => undefined;
      const mechanism = { reply: none, sensor: () => 0, automaticStatus: none, cut: none, unknown: none };
      const interpreter = new Interpreter({ printableDots: 384, font: 'gb18030', mechanism });
      let buffer = Buffer.from(bytes);
      for (let used = interpreter.step(buffer); used > 0; used = interpreter.step(buffer))
        buffer = buffer.subarray(used);
      expect(buffer.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 5000 },
  );
});
