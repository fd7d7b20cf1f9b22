import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type SamReader,
  type SimulatedCard,
  Sw3,
  startSamReader,
  syntheticForeign2017,
  syntheticForeign2023,
  syntheticPermit,
  syntheticResident,
} from '#tests/simulators/index.ts';
import { type Ran, yichuang } from './run.ts';

const card = syntheticResident({ name: '王秀英', birth: '19500228' });

async function reader(transport: 'tcp' | 'pty' = 'tcp') {
  const started = await startSamReader({ transport });
  onTestFinished(() => started.close());
  return started;
}

/** A reader on a serial line, as a vendor's engineer would try it. */
async function onSerial(prepare: (sam: SamReader) => void | Promise<void>, seconds = 12): Promise<Ran> {
  const sam = await reader('pty');
  await prepare(sam);
  const path = sam.connection.replace(/^serial:|\?baud=.*/g, '');
  return yichuang(['device', 'read-card', '--connection', `serial:${path}`, '--timeout', `${seconds}`, '--reveal']);
}

describe('yichuang device read-card', () => {
  it('prints the card with its number masked', async () => {
    const sam = await reader();
    sam.layCard(card);
    const ran = await yichuang(['device', 'read-card', '--connection', sam.connection]);
    expect(ran).toMatchObject({
      exit: 0,
      stderr: '',
      json: {
        kind: 'resident',
        name: '王秀英',
        number: `${card.number.slice(0, 6)}********${card.number.slice(14)}`,
        photo: 'not-available',
        checks: {
          number: 'right',
          validity: 'long-term',
          region: { code: '120103', name: '河西区', retired: false },
        },
      },
    });
    for (const word of [card.number, '19500228', '02-28']) expect(ran.stdout).not.toContain(word);
  });

  it('writes the photograph that a vendor’s program decodes, for nobody else to read', async () => {
    const sam = await reader();
    sam.layCard(card);
    const decoder = join(mkdtempSync(join(tmpdir(), 'yc-cli-')), 'decoder');
    writeFileSync(decoder, "#!/bin/sh\nprintf 'BM'\nexec /bin/cat\n");
    chmodSync(decoder, 0o755);
    const photo = join(dirname(decoder), 'photo.bmp');
    const asked = ['device', 'read-card', '--connection', sam.connection, '--photo-decoder', decoder, '--photo', photo];
    const ran = await yichuang(asked);
    expect(ran).toMatchObject({ exit: 0, json: { photo: { type: 'image/bmp', bytes: 1026 } } });
    expect(readFileSync(photo)).toHaveLength(1026);
    expect(statSync(photo).mode & 0o777).toBe(0o600);
  });

  it('says why a program gives no photograph, and prints the card all the same', async () => {
    const sam = await reader();
    sam.layCard(card);
    const ran = await yichuang(['device', 'read-card', '--connection', sam.connection, '--photo-decoder', '/nowhere']);
    expect(ran).toMatchObject({ exit: 0, json: { name: '王秀英', photo: { notAvailable: 'decoder-missing' } } });
  });

  it('prints it in full when that is asked for', async () => {
    const sam = await reader();
    sam.layCard(card);
    const ran = await yichuang(['device', 'read-card', '--connection', sam.connection, '--reveal']);
    expect(ran).toMatchObject({ exit: 0, json: { name: '王秀英', number: card.number, birth: '1950-02-28' } });
  });

  it('names what was missing: a card, or a reader', async () => {
    const sam = await reader();
    const empty = await yichuang(['device', 'read-card', '--connection', sam.connection, '--timeout', '2']);
    expect(empty).toMatchObject({ exit: 1, json: { error: { code: 'no-card' } } });
    await sam.close();
    const away = await yichuang(['device', 'read-card', '--connection', sam.connection, '--timeout', '2']);
    expect(away).toMatchObject({ exit: 1, json: { error: { code: 'away' } } });
    expect(away.stderr).toMatch(/^away: /);
  });
});

describe('yichuang device read-card on a serial line', () => {
  const kinds: readonly (readonly [string, SimulatedCard, object])[] = [
    ['resident', syntheticResident(), { nation: '01', authority: '天津市公安局河西分局', validFrom: '2012-03-15' }],
    ['hk-macao-taiwan', syntheticPermit(), { passNumber: 'H00000001', issueCount: '01', birth: '1988-05-12' }],
    ['foreign-2023', syntheticForeign2023(), { renewalCount: '00', country: 'RUS', validTo: '2034-01-09' }],
    ['foreign-2017', syntheticForeign2017(), { chineseName: '约翰示例', version: '01', authorityCode: '1200' }],
  ];
  it.each(kinds)('prints every field of a card: %s', async (kind, laid, fields) => {
    const ran = await onSerial((sam) => sam.layCard(laid));
    const { name, number, sex } = laid;
    expect(ran).toMatchObject({ exit: 0, json: { kind, name, number, sex, ...fields } });
    expect(Object.keys(ran.json ?? {})).toEqual(expect.arrayContaining(['photo', 'checks', 'validFrom', 'validTo']));
  });

  it.each<[string, (sam: SamReader) => void]>([
    ['replies in single bytes', ({ faults }) => faults.singleBytes(true)],
    [
      'noise before frames',
      ({ faults }) => faults.noiseBeforeFrames(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x00, 0xff)),
    ],
    ['one wrong checksum first', ({ faults }) => faults.corruptNextChecksum()],
    ['one wrong length first', ({ faults }) => faults.wrongLengthNext()],
    ['one failed read first', ({ faults }) => faults.failNextRead(Sw3.readFailed)],
    ['silence for the first requests', ({ faults }) => faults.silentFor(3)],
  ])('reads on with %s', async (_what, prepare) => {
    const ran = await onSerial((sam) => {
      sam.layCard(card);
      prepare(sam);
    });
    expect(ran).toMatchObject({ exit: 0, json: { kind: 'resident', name: '王秀英', number: card.number } });
  });

  it.each<[string, string, (sam: SamReader) => void | Promise<void>]>([
    ['no card comes', 'no-card', () => undefined],
    [
      'the card is lifted',
      'lifted',
      (sam) => {
        sam.faults.liftDuringRead();
        sam.layCard(card);
      },
    ],
    [
      'the card fails for good',
      'read-failed',
      (sam) => {
        sam.faults.failEvery('read', Sw3.readFailed);
        sam.layCard(card);
      },
    ],
    ['the reader is broken', 'fault', (sam) => sam.faults.failEvery('status', Sw3.selfTestFailed)],
    ['the port is away', 'away', (sam) => sam.unplug()],
  ])('ends with a named error when %s', async (_what, code, prepare) => {
    const ran = await onSerial(prepare, 4);
    expect(ran).toMatchObject({ exit: 1, json: { error: { code } } });
    expect(ran.stderr).toMatch(new RegExp(`^${code}: `));
  });
});
