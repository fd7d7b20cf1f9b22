/** Catalogue packages at the gateway, and what the intake makes of cases by them. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPackage, readPackage } from '#gateway/catalogue/package.ts';
import { openIntake } from '#gateway/store/open.ts';
import { loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { Journal } from './client.ts';
import { CASE_SEALED, onWire, Writer } from './sealing.ts';
import { runCli, startGateway } from './stand.ts';
import { stores, testFolder } from './stores.ts';

const FIRST = 'image/catalogue';

/** A package like the first one, of another version. */
function another(region = '120103'): string {
  const folder = join(testFolder(), 'catalogue');
  cpSync(FIRST, folder, { recursive: true });
  const file = join(folder, 'catalogue.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...content, sequence: 2, region }));
  return folder;
}

function opened(path: string) {
  const read = readPackage(path);
  if (!read.ok) throw new Error(read.error);
  const { version, bytes, content } = read.value;
  const { region, sequence, date } = content;
  return { catalogue: { version, region, sequence, date }, bytes };
}

test('gateway and terminal give a package the same version, as a folder and as one file', () => {
  for (const folder of [FIRST, another()]) {
    const { catalogue, bytes } = opened(folder);
    expect(loadCatalogue(folder)).toMatchObject({ ok: true, value: { version: catalogue.version } });
    const file = join(testFolder(), 'package');
    writeFileSync(file, bytes);
    expect(opened(file).catalogue).toEqual(catalogue);
  }
  expect(opened(FIRST).catalogue.version).not.toBe(opened(another()).catalogue.version);
});

const whole = opened(FIRST).bytes;
test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['cut short', whole.subarray(0, -1)],
  ['with something behind it', Buffer.concat([whole, Buffer.from('x')])],
  ['a path out of the folder', Buffer.concat([Buffer.from('../x\n1\nx'), whole])],
  ['an absolute path', Buffer.concat([Buffer.from('/x\n1\nx'), whole])],
  ['the same file twice', Buffer.concat([whole, whole])],
  ['files in another order', Buffer.concat([Buffer.from('z\n1\nx'), whole])],
  ['a length that is not a number', Buffer.from('catalogue.json\n-1\n{}')],
  ['a length with a zero before it', Buffer.from('catalogue.json\n02\n{}')],
  ['a catalogue that is none', Buffer.from('catalogue.json\n2\n{}')],
  ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256))],
])('a file with %s is refused', (_what, bytes) => {
  expect(openPackage(bytes)).toMatchObject({ ok: false });
});

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand(version: string) {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId, 1, 'standard', version));
    const day = writer.dayKey();
    const quarantine = async () =>
      (await gateway.rows('SELECT seq, code FROM quarantine WHERE resolved_at IS NULL ORDER BY seq')).map(
        ({ seq, code }) => `${String(seq)} ${String(code)}`,
      );
    const add = (path: string) => {
      const { catalogue, bytes } = opened(path);
      return gateway.store.addCatalogue(catalogue, bytes, new Date());
    };
    return { gateway, terminal, writer, day, quarantine, add };
  }
  const { version } = opened(FIRST).catalogue;

  test('a case that fits the version it names is taken in, with members that only a later release knows', async () => {
    const { gateway, terminal, writer, day, quarantine, add } = await stand(version);
    expect(await add(FIRST)).toBe(true);
    const signature = { ...CASE_SEALED.signature, pressure: [1] };
    const more = {
      content: { ...CASE_SEALED, signature, voice: 'x' },
      open: { answers: { purpose: 'work' }, lane: 2 },
    };
    const accepted = onWire(writer.case(day.dayKey, more));
    await terminal.send([day.entry, accepted]);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
    expect(await quarantine()).toEqual([]);
    const [row] = await gateway.rows("SELECT body FROM entries WHERE kind = 'case'");
    expect(Buffer.from(row?.['body'] as Uint8Array).toString('utf8')).toBe(accepted.body);
  });

  test('an item or an answer that its version does not know goes into quarantine, and the rest goes on', async () => {
    const { gateway, terminal, writer, day, quarantine, add } = await stand(version);
    await add(FIRST);
    const answered = (open: object, sealed: object, item = 'residence-certificate') =>
      onWire(writer.case(day.dayKey, { content: { ...CASE_SEALED, answers: sealed }, open: { answers: open, item } }));
    await terminal.send([
      day.entry,
      answered({}, {}, 'no-such-item'),
      answered({ purpose: 'golf' }, {}),
      answered({}, { building: '12345678901' }),
      answered({}, { since: '2020-13' }),
      answered({}, { phone: 'nobody' }),
      answered({}, { favourite: 'x' }),
      // Personal, and in the open.
      answered({ phone: '13800001111' }, {}),
      answered({ purpose: 'work' }, { building: '12', since: '2020-12', phone: '13800001111', tenure: 'rented' }),
    ]);
    expect(await gateway.drain()).toEqual({ seen: 9, invalid: 7 });
    expect(await quarantine()).toEqual(['2 item', ...[3, 4, 5, 6, 7, 8].map((seq) => `${seq} answers`)]);
    expect(await gateway.store.counts()).toMatchObject({ cases: 1 });
  });

  test('a store that never had a version checks no case by one', async () => {
    const { gateway, terminal, writer, day } = await stand(version);
    await terminal.send([day.entry, onWire(writer.case(day.dayKey, { open: { item: 'anything' } }))]);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
  });

  test('a case of a version that is not here waits, is seen by staff, and is looked at again when it comes', async () => {
    const { gateway, terminal, writer, day, quarantine, add } = await stand(version);
    await add(another());
    const accepted = writer.case(day.dayKey);
    const rating = writer.plain('rating', { case: accepted.case, level: 5, reasons: [] });
    await terminal.send([day.entry, onWire(accepted), rating]);
    await gateway.drain();
    expect(await quarantine()).toEqual(['2 no-catalogue', '3 no-case']);
    expect(await gateway.store.alerts(new Date(0), new Date(0))).toMatchObject([{ code: 'no-catalogue' }]);
    const later = new Date(Date.now() + 60_000);
    expect(await gateway.store.alerts(later, new Date(0))).toMatchObject([
      { code: 'no-case' },
      { code: 'no-catalogue' },
    ]);
    await add(another('120104'));
    expect(await gateway.drain()).toEqual({ seen: 0, invalid: 0 });
    expect(await add(FIRST)).toBe(true);
    await gateway.drain();
    expect(await quarantine()).toEqual([]);
    expect(await gateway.rows('SELECT rating FROM cases')).toEqual([{ rating: 5 }]);
    expect(await add(FIRST)).toBe(false);
    expect(await gateway.drain()).toEqual({ seen: 0, invalid: 0 });
  });

  test('a version that comes while the intake has such a case in hand is not missed', async () => {
    const { gateway, terminal, writer, day, quarantine, add } = await stand(version);
    await add(another());
    await terminal.send([day.entry, onWire(writer.case(day.dayKey))]);
    const other = await openIntake(gateway.address, { newEpoch: () => 'none', missing: 'refuse' });
    onTestFinished(() => other.close());
    const work = await other.next(10);
    if (!work) throw new Error('no work');
    await add(FIRST);
    const findings = work.entries.map(({ kind }) =>
      kind === 'case'
        ? ({ what: 'invalid', code: 'no-catalogue', waitsFor: version } as const)
        : ({ what: 'nothing' } as const),
    );
    expect(await other.finish(work, findings, new Date())).toBe(false);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 0 });
    expect(await quarantine()).toEqual([]);
  });

  test('the command line adds, says again what is there, lists, and refuses what is no package', async () => {
    const { address } = await makeStore();
    const cli = (...args: string[]) => runCli('catalogue', ...args, '--store', address.uri);
    const added = JSON.parse((await cli('add', FIRST)).stdout) as object;
    const { catalogue, bytes } = opened(FIRST);
    expect(added).toEqual({ ...catalogue, bytes: bytes.length, added: true });
    expect(JSON.parse((await cli('add', FIRST)).stdout)).toEqual({ ...added, added: false });
    const second = another();
    await cli('add', second);
    const listed = (await cli('list')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(listed).toMatchObject([catalogue, opened(second).catalogue]);
    const empty = join(testFolder(), 'empty');
    mkdirSync(empty);
    for (const path of [empty, '/nowhere', 'package.json']) {
      expect(await cli('add', path)).toMatchObject({ code: 1, stdout: '' });
    }
  });
});
