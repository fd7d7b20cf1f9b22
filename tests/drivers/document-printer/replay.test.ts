import { beforeEach, describe, expect, it } from 'vitest';
import type { PrintOutcome } from '#contract/devices.ts';
import { err, ok } from '#contract/result.ts';
import { readTraffic, type TrafficLine } from '#drivers/common/traffic.ts';
import type { Ask } from '#drivers/document-printer/client.ts';
import { concealed, revealed } from '#drivers/document-printer/conceal.ts';
import { IppPrinter } from '#drivers/document-printer/device.ts';
import { type IppAnswer, type Value, wordsOf } from '#drivers/document-printer/ipp.ts';
import { type Operation, STATUS, USER } from '#drivers/document-printer/protocol.ts';
import { recordedAsk, replayDocumentPrinter, replayedAsk } from '#drivers/document-printer/replay.ts';
import { VirtualTimers } from '../stand.ts';

const PDF = Buffer.from('%PDF-1.4 王秀英');

function says(attributes: Readonly<Record<string, readonly Value[]>>, { status = 0, tag = 4 } = {}): IppAnswer {
  return { status, groups: [{ tag, attributes: new Map(Object.entries(attributes)) }] };
}

/** The printer that is recorded: what it says of itself and of its job, and what it refuses. */
let printer: Record<string, readonly Value[]>;
let jobStates: number[];
let refuses: Partial<Record<Operation, number>>;
let away: boolean;
let timers: VirtualTimers;
let lines: TrafficLine[];

const ask: Ask = async (operation) => {
  await new Promise<void>((done) => timers.after(20, done));
  if (away) return err({ detail: 'ECONNREFUSED' });
  const status = refuses[operation];
  if (status !== undefined) return ok(says({}, { status }));
  switch (operation) {
    case 'Get-Printer-Attributes':
      return ok(says(printer));
    case 'Get-Job-Attributes':
      return ok(says({ 'job-state': [jobStates.length > 1 ? (jobStates.shift() ?? 9) : (jobStates[0] ?? 9)] }));
    case 'Get-Jobs':
      return ok(says({ 'job-id': [7], 'job-originating-user-name': ['zhangsan'], 'job-name': ['王秀英'] }, { tag: 2 }));
    default:
      return ok(says({ 'job-id': [42] }));
  }
};

beforeEach(() => {
  timers = new VirtualTimers();
  printer = { 'printer-state': [3], 'printer-state-reasons': ['none'], 'sides-supported': ['two-sided-long-edge'] };
  jobStates = [3, 5, 9];
  refuses = {};
  away = false;
  lines = [];
});

/** A line as a file has it. */
function tell(line: TrafficLine): void {
  const read = readTraffic(JSON.stringify(line));
  if (read.ok) lines.push(...read.value);
}

interface Seen {
  readonly outcome?: PrintOutcome;
  readonly states: string[];
}

async function record(prints: boolean, during: () => void = () => undefined): Promise<Seen> {
  const states: string[] = [];
  const connection = { by: 'ipp', url: 'ipp://nowhere/ipp/print' } as const;
  const driver = new IppPrinter(recordedAsk(ask, tell), { connection, timers, looksOnly: !prints });
  driver.onState(({ state }) => states.push(state));
  await timers.pass(500);
  const printed = prints
    ? driver.print({ pdf: PDF, name: '王秀英', copies: 2, bothSides: true })
    : timers.pass(3_300).then(() => undefined);
  during();
  const outcome = await timers.until(printed);
  await timers.pass(100);
  await timers.until(driver.close());
  return { states, ...(outcome && { outcome }) };
}

async function replay(): Promise<Seen> {
  const states: string[] = [];
  const { printer: driver, jobs } = replayDocumentPrinter(lines, timers);
  driver.onState(({ state }) => states.push(state));
  await timers.pass(500);
  const [job] = jobs;
  const outcome = await timers.until(
    job ? job(new AbortController().signal) : timers.pass(3_300).then(() => undefined),
  );
  await timers.pass(100);
  await timers.until(driver.close());
  return { states, ...(outcome && { outcome }) };
}

describe('a document printer in a recording', () => {
  it('has neither names nor the document, and prints again', async () => {
    const seen = await record(true);
    expect(seen.outcome).toEqual({ outcome: 'confirmed' });
    expect(lines[0]).toEqual({ ms: 0, is: 'device', kind: 'document-printer' });
    const told = JSON.stringify(lines);
    for (const secret of ['王秀英', 'zhangsan', USER, 'PDF-1.4', 'nowhere']) expect(told).not.toContain(secret);
    expect(lines).toContainEqual(
      expect.objectContaining({
        is: 'answered',
        operation: 'Create-Job',
        sent: { media: 'iso_a4_210x297mm', sides: 'two-sided-long-edge', copies: 2 },
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ operation: 'Send-Document', documentBytes: PDF.length }));
    expect(await replay()).toEqual(seen);
  });

  it.each<[string, Partial<Record<Operation, number>>, string]>([
    ['takes the job in one piece', { 'Create-Job': STATUS.operationNotSupported }, 'confirmed'],
    ['refuses the job', { 'Create-Job': 0x0400 }, 'failed'],
    ['refuses the document', { 'Send-Document': 0x040a }, 'failed'],
    ['stays busy', { 'Create-Job': STATUS.busy }, 'failed'],
  ])('%s again', async (_what, refused, outcome) => {
    refuses = refused;
    const seen = await record(true);
    expect(seen.outcome).toMatchObject({ outcome });
    expect(await replay()).toEqual(seen);
  });

  it('gives its job up again', async () => {
    jobStates = [5, 8];
    const seen = await record(true);
    expect(seen.outcome).toMatchObject({ outcome: 'failed' });
    expect(await replay()).toEqual(seen);
  });

  it('goes away again in the middle of a job', async () => {
    jobStates = [5];
    const seen = await record(true, () => {
      timers.after(400, () => {
        away = true;
      });
    });
    expect(seen.outcome).toMatchObject({ outcome: 'unknown' });
    expect(lines).toContainEqual(expect.objectContaining({ is: 'unanswered', detail: 'ECONNREFUSED' }));
    expect(await replay()).toEqual(seen);
  });

  it('without a job is what it said of itself', async () => {
    printer = { 'printer-state': [5], 'printer-state-reasons': ['media-empty-error'] };
    const seen = await record(false);
    expect(seen.states).toEqual(['blocked']);
    expect(await replay()).toEqual(seen);
    expect(lines.some((line) => line.is === 'answered' && line.operation === 'Get-Jobs')).toBe(false);
  });
});

describe('an answer in a recording', () => {
  const told = (name: string, text: string) => wordsOf(concealed(says({ [name]: [text] })), name);

  it('has what the driver reads and nothing else', () => {
    const { groups } = concealed(
      says({ 'printer-state': [3, null], 'printer-location': ['三楼 张三'], 'job-name': ['王秀英'] }),
    );
    expect(groups).toEqual([{ tag: 4, attributes: new Map([['printer-state', [3, null]]]) }]);
  });

  it.each([
    ['printer-state-message', 'Printing for 王秀英', ''],
    ['printer-state-message', 'The printer is not responding, 王秀英.', 'The printer is not responding'],
    ['device-uri', 'ipp://zhangsan:secret@192.0.2.1/ipp/print', 'ipp:'],
    ['device-uri', 'dnssd://Zhang%20San._ipp._tcp.local/', 'dnssd:_ipp._tcp'],
    ['device-uri', 'dnssd://Zhang%20San._pdl-datastream._tcp.local/', 'dnssd:'],
    ['job-originating-user-name', 'zhangsan', 'another'],
  ])('tells of %s %s only %s', (name, text, shown) => {
    expect(told(name, text)).toEqual([shown]);
  });

  it('knows our own jobs, on another machine too', () => {
    const ours = concealed(says({ 'job-originating-user-name': [USER, 'zhangsan'] }));
    expect(wordsOf(ours, 'job-originating-user-name')).toEqual(['ours', 'another']);
    expect(wordsOf(revealed(ours), 'job-originating-user-name')).toEqual([USER, 'another']);
  });
});

describe('a question of a replay', () => {
  const question = (signal?: AbortSignal) =>
    replayedAsk(lines, timers)('Get-Jobs', {}, { timeoutMs: 5_000, ...(signal && { signal }) });

  it('that was not recorded is met with silence', async () => {
    const begun = timers.now;
    expect(await timers.until(question())).toEqual(err({ detail: 'no answer' }));
    expect(timers.now - begun).toBe(5_000);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const asked = question(stop.signal);
    stop.abort();
    expect(await asked).toEqual(err({ detail: 'stopped' }));
    expect(await question(stop.signal)).toEqual(err({ detail: 'stopped' }));
    expect(timers.pending).toBe(0);
  });
});
