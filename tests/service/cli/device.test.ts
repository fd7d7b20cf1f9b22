import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConnection } from '#contract/connection.ts';
import {
  startEscPosPrinter,
  startIppPrinter,
  startSamReader,
  startScanner,
  syntheticResident,
} from '#tests/simulators/index.ts';
import { yichuang } from './run.ts';

const card = syntheticResident({ name: '王秀英', birth: '19500228' });

async function reader() {
  const started = await startSamReader({ transport: 'tcp' });
  onTestFinished(() => started.close());
  return started;
}

async function printer() {
  const started = await startEscPosPrinter({ transport: 'tcp', paperMm: 80 });
  onTestFinished(() => started.close());
  return started;
}

function file(content: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'receipt');
  writeFileSync(path, content);
  return path;
}

describe('yichuang device print-receipt', () => {
  it('prints lines of text', async () => {
    const slip = await printer();
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      slip.connection,
      '--input',
      file('收件回执\n第二行\n'),
    ]);
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(slip.papers[0]?.text).toMatch(/收件回执\s+第二行/);
  });

  it('prints a receipt of the contract', async () => {
    const slip = await printer();
    const receipt = { lines: [{ line: 'pair', label: '姓名', value: '王*' }, { line: 'rule' }] };
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      slip.connection,
      '--input',
      file(JSON.stringify(receipt)),
    ]);
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(slip.papers[0]?.text).toContain('姓名');
  });

  it.each([
    ['a receipt of another shape', '{"lines":[{"line":"picture"}]}'],
    ['more lines than a receipt holds', 'line\n'.repeat(501)],
    ['bytes that are no UTF-8', Buffer.from('cad5bcfe', 'hex')],
  ])('refuses %s before anything is sent', async (_what, content) => {
    const ran = await yichuang([
      'device',
      'print-receipt',
      '--connection',
      'tcp:127.0.0.1:1',
      '--input',
      file(content),
    ]);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
    expect(ran.stderr).toMatch(/^input: .*\n$/);
  });
});

describe('yichuang device status', () => {
  it('finds out what stands at a connection', async () => {
    const [sam, slip] = await Promise.all([reader(), printer()]);
    const [first, second] = await Promise.all([
      yichuang(['device', 'status', '--connection', sam.connection]),
      yichuang(['device', 'status', '--connection', slip.connection]),
    ]);
    expect(first).toMatchObject({ exit: 0, json: { device: 'id-card', state: { state: 'ready' } } });
    expect(second).toMatchObject({ exit: 0, json: { device: 'receipt-printer', state: { state: 'ready' } } });
  });

  it('believes what it is told', async () => {
    const slip = await printer();
    const ran = await yichuang(['device', 'status', '--connection', slip.connection, '--kind', 'receipt-printer']);
    expect(ran).toMatchObject({ exit: 0, json: { device: 'receipt-printer', state: { state: 'ready' } } });
  });

  it('says that nothing answers', async () => {
    const ran = await yichuang(['device', 'status', '--connection', 'tcp:127.0.0.1:1', '--timeout', '1']);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
  });
});

/** A PDF of one empty A4 page. */
const PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

async function documentPrinter() {
  const started = await startIppPrinter({ folder: mkdtempSync(join(tmpdir(), 'yc-cli-')) });
  onTestFinished(() => started.close());
  return started;
}

async function scanner() {
  const started = await startScanner({ transport: 'tcp', suffix: '\r' });
  onTestFinished(() => started.close());
  return started;
}

describe('yichuang device print-document', () => {
  it('prints a PDF, and refuses what is none', async () => {
    const ipp = await documentPrinter();
    const print = (input: string) =>
      yichuang(['device', 'print-document', '--connection', ipp.connection, '--input', input]);
    expect(await print(file(PDF))).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(await ipp.papers()).toHaveLength(1);
    expect(await print(file('text'))).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
  });
});

describe('yichuang device scan', () => {
  it('prints what was scanned', async () => {
    const simulated = await scanner();
    const scanned = yichuang(['device', 'scan', '--connection', simulated.connection]);
    await expect.poll(() => simulated.hosts).toBe(1);
    // The listener is there before the connection.
    await simulated.scan('120103-000100-261123-0001-X');
    expect(await scanned).toMatchObject({ exit: 0, json: { kind: 'receipt', number: '120103-000100-261123-0001-X' } });
  });

  it('says whether nothing was scanned or the scanner is away', async () => {
    const simulated = await scanner();
    const scan = () => yichuang(['device', 'scan', '--connection', simulated.connection, '--timeout', '1']);
    expect(await scan()).toMatchObject({ exit: 1, json: { error: { code: 'no-scan' } } });
    await simulated.unplug();
    expect(await scan()).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
  });
});

describe('yichuang device list', () => {
  it('lists what is plugged in, each with its connection', async () => {
    const ran = await yichuang(['device', 'list']);
    expect(ran.exit).toBe(0);
    for (const { connection } of ran.json as { connection: string }[])
      expect(parseConnection(connection).ok).toBe(true);
  });
});

describe('yichuang device test', () => {
  async function configured(more: object = {}) {
    const [sam, slip, ipp, simulated] = await Promise.all([reader(), printer(), documentPrinter(), scanner()]);
    const example = parse(
      readFileSync('image/package/root/opt/yichuang/share/terminal.example.yaml', 'utf8'),
    ) as object;
    const devices = {
      idCard: { connection: sam.connection },
      receiptPrinter: { connection: slip.connection, paperMm: 80 },
      documentPrinter: { connection: ipp.connection },
      scanner: { connection: simulated.connection },
      ...more,
    };
    const pinHash = `scrypt$65536$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`;
    const staff = [{ id: 'worker-1', name: '李', pinHash }];
    return { sam, slip, config: file(stringify({ ...example, devices, staff })) };
  }

  it('looks at every device and prints the self-test page', async () => {
    const { slip, config } = await configured();
    const ran = await yichuang(['device', 'test', '--config', config, '--print']);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect((ran.json as { device: string }[]).map(({ device }) => device)).toEqual([
      'id-card',
      'receipt-printer',
      'document-printer',
      'scanner',
    ]);
    expect(slip.papers).toHaveLength(1);
    expect(slip.papers[0]?.text).toContain('自检页');
    expect(slip.papers[0]?.text).toContain('[picture 576 x 24]');
  });

  it('names each device that is away, and a file that is no configuration', async () => {
    const { sam, config } = await configured({ camera: { connection: 'video:/dev/v4l/by-id/none' } });
    await sam.close();
    const ran = await yichuang(['device', 'test', '--config', config, '--timeout', '3']);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'devices' } } });
    expect(ran.stderr).toContain(`id-card at ${sam.connection}`);
    expect(ran.stderr).toContain('camera at video:/dev/v4l/by-id/none: port-missing, plug in the cable');
    const none = await yichuang(['device', 'test', '--config', file('a: 1')]);
    expect(none).toMatchObject({ exit: 1, json: { error: { code: 'configuration' } } });
  });
});

describe('yichuang device record and replay', () => {
  const recording = () => join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'traffic.jsonl');
  const record = (connection: string, output: string, ...more: readonly string[]) =>
    yichuang(['device', 'record', '--connection', connection, '--output', output, ...more]);
  const replay = (input: string) => yichuang(['device', 'replay', '--input', input, '--timeout', '10']);
  /** What a recording holds, in the form of the person's data that went over the wire. */
  const holds = (output: string, ...bytes: readonly Uint8Array[]) => {
    const told = readFileSync(output, 'utf8');
    return bytes.some((each) => told.includes(Buffer.from(each).toString('hex')) || told.includes(each.toString()));
  };

  it('writes down a card’s reading without the person, and makes the same kind of card of it', async () => {
    const sam = await reader();
    sam.layCard(card);
    const output = recording();
    expect(await record(sam.connection, output)).toMatchObject({ exit: 0, json: { kind: 'resident', name: '王秀英' } });
    expect(holds(output, Buffer.from('王秀英', 'utf16le'), Buffer.from(card.number, 'utf16le'))).toBe(false);
    expect(await replay(output)).toMatchObject({ exit: 0, json: { kind: 'resident', name: '某某某' } });
    expect(await record(sam.connection, output)).toMatchObject({ exit: 1, json: { error: { code: 'unexpected' } } });
    expect(await replay(file('no recording'))).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
    // The first recordings do not say that they are of a reader.
    const [first, ...old] = readFileSync(output, 'utf8').split('\n');
    expect(first).toContain('"kind":"id-card"');
    expect(await replay(file(old.join('\n')))).toMatchObject({ exit: 0, json: { name: '某某某' } });
  });

  it('writes down a receipt’s printing without its text, and prints it to the same end', async () => {
    const slip = await printer();
    const output = recording();
    const input = file('收件人 王秀英\n电话 5550107\n𠮷\n');
    const kind = ['--kind', 'receipt-printer'];
    const ran = await record(slip.connection, output, ...kind, '--input', input);
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(slip.papers[0]?.text).toContain('王秀英');
    expect(holds(output, iconv.encode('王秀英', 'gb18030'), Buffer.from('5550107'))).toBe(false);
    expect(readFileSync(output, 'utf8')).toMatch(/^\{"ms":0,"is":"device","kind":"receipt-printer"\}\n/);
    expect(await replay(output)).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
  });

  it('watches a printer’s state when nothing is printed', async () => {
    const slip = await printer();
    slip.paperOut();
    const output = recording();
    const watch = (to: string) => record(slip.connection, to, '--kind', 'receipt-printer', '--timeout', '2');
    const states = { states: [{ state: 'blocked', problem: 'paper-out' }] };
    expect(await watch(output)).toMatchObject({ exit: 0, json: states });
    expect(slip.scraps).toBe(0);
    expect(await replay(output)).toMatchObject({ exit: 0, json: states });
    await slip.unplug();
    const away = recording();
    expect(await watch(away)).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
    expect(await replay(away)).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
  });

  it('writes down a scan without what it says', async () => {
    const simulated = await scanner();
    const output = recording();
    const recorded = record(simulated.connection, output, '--kind', 'scanner', '--timeout', '20');
    await expect.poll(() => simulated.hosts, { timeout: 15_000 }).toBe(1);
    await simulated.scan('王秀英 110101199001010015');
    expect(await recorded).toMatchObject({ exit: 0, stdout: '{"kind":"text"}\n' });
    expect(holds(output, Buffer.from('王秀英'), Buffer.from('1101'))).toBe(false);
    const again = await replay(output);
    expect(again).toMatchObject({ exit: 0, json: { kind: 'text' } });
    expect((again.json as { text: string }).text).toMatch(/^[^ -~]{3}\*0{18}$/u);
  });

  it('writes down a document’s printing without the document, and prints it to the same end', async () => {
    const ipp = await documentPrinter();
    const output = recording();
    const kind = ['--kind', 'document-printer'];
    const ran = await record(ipp.connection, output, ...kind, '--input', file(PDF));
    expect(ran).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    expect(await ipp.papers()).toHaveLength(1);
    expect(holds(output, Buffer.from('%PDF'), Buffer.from(hostname()))).toBe(false);
    expect(await replay(output)).toMatchObject({ exit: 0, json: { outcome: 'confirmed' } });
    const watched = recording();
    const watch = await record(ipp.connection, watched, ...kind, '--timeout', '2');
    expect(watch).toMatchObject({ exit: 0, json: { states: [{ state: 'ready' }] } });
    expect(await replay(watched)).toMatchObject({ exit: 0, json: watch.json });
  });

  it.each(['hid:05f9:4204', 'keyboard:/dev/input/event0'])(
    'refuses a scanner at %s before a file is made',
    async (at) => {
      const output = recording();
      expect(await record(at, output, '--kind', 'scanner')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('is not recorded'),
      });
      expect(existsSync(output)).toBe(false);
    },
  );

  it.each([
    ['a device that prints nothing', 'scanner', 'text'],
    ['a device that reads cards', 'id-card', 'text'],
    ['a PDF that is none', 'document-printer', 'text'],
    ['a receipt that is none', 'receipt-printer', '{"lines":[]}'],
  ])('refuses to print on %s before a file is made', async (_what, kind, content) => {
    const output = recording();
    const ran = await record('tcp:127.0.0.1:1', output, '--kind', kind, '--input', file(content));
    expect(ran).toMatchObject({ exit: 1, json: { error: { code: 'input' } } });
    expect(existsSync(output)).toBe(false);
  });
});
