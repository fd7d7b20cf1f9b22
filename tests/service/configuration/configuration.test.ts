import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONNECTION_FORMS } from '#contract/connection.ts';
import {
  type ConfigurationProblem,
  parseConfiguration,
  readConfiguration,
} from '#main/service/configuration/configuration.ts';

const HASH = `scrypt$65536$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`;
const GOOD = `community:
  street: { zh: 友谊路街道, en: Youyilu Street }
  name: { zh: 示范社区, en: Example Community }
  phone: 022-00000000
  desk: { zh: 一楼大厅, en: Ground floor }
  opens: "09:00"
  closes: "17:30"
  estates:
    - { id: example, name: { zh: 示范里, en: Example Estate } }
screen: { widthMm: 340, heightMm: 600, widthPx: 1080, heightPx: 1920 }
folders: { etc: etc, data: var/lib, run: run, log: /var/log/yichuang }
catalogue: ../catalogue
devices:
  idCard: { connection: "serial:/dev/ttyS1?baud=115200" }
  receiptPrinter: { connection: "tcp:10.0.0.5:9100", paperMm: 80 }
  documentPrinter: { connection: "ipp://10.0.0.6/ipp/print" }
gateway: { url: "https://gateway.example" }
staff:
  - { id: worker-1, name: 李, pinHash: ${HASH} }
`;

function wrong(text: string): readonly ConfigurationProblem[] {
  const parsed = parseConfiguration(text, '/etc/yichuang/terminal.yaml');
  if (parsed.ok) throw new Error('it was taken');
  return parsed.error.problems;
}

function manyAliases(): string {
  const ten = (name: string) => `[${Array(10).fill(name).join(', ')}]`;
  return `a: &a ${ten('1')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: ${ten('*c')}\n`;
}

describe('terminal.yaml', () => {
  it('is taken, with folders and catalogue resolved against the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yc-configuration-'));
    writeFileSync(join(folder, 'terminal.yaml'), GOOD);
    const read = readConfiguration(join(folder, 'terminal.yaml'));
    expect(read.ok && read.value.folders).toEqual({
      etc: join(folder, 'etc'),
      data: join(folder, 'var/lib'),
      run: join(folder, 'run'),
      log: '/var/log/yichuang',
    });
    expect(read.ok && read.value.catalogue).toBe(join(folder, '..', 'catalogue'));
    expect(read.ok && read.value.gateway).toEqual({
      url: 'https://gateway.example',
      keyDays: 365,
      idleSeconds: 60,
      suite: 'standard',
      backupHorizonDays: 35,
    });
  });

  it('may limit what the line carries, and say how far the district’s backups reach back', () => {
    const text = GOOD.replace('example" }\nstaff', 'example", bytesPerSecond: 20000, backupHorizonDays: 90 }\nstaff');
    const parsed = parseConfiguration(text, '/etc/yichuang/terminal.yaml');
    expect(parsed.ok && parsed.value.gateway).toMatchObject({ bytesPerSecond: 20_000, backupHorizonDays: 90 });
    expect(wrong(text.replace('20000', '20').replace('90', '0')).map(({ key }) => key)).toEqual([
      'gateway.bytesPerSecond',
      'gateway.backupHorizonDays',
    ]);
  });

  it('may pin the keys of the gateway’s certificate, which plain http has not', () => {
    const pin = `sha256/${'A'.repeat(43)}=`;
    const text = GOOD.replace('example" }\nstaff', `example", tlsPins: ["${pin}"] }\nstaff`);
    const parsed = parseConfiguration(text, '/etc/yichuang/terminal.yaml');
    expect(parsed.ok && parsed.value.gateway.tlsPins).toEqual([pin]);
    expect(wrong(text.replace(pin, 'A'.repeat(43)))).toMatchObject([{ key: 'gateway.tlsPins.0' }]);
    expect(wrong(text.replace(`"${pin}"`, ''))).toMatchObject([{ key: 'gateway.tlsPins' }]);
    expect(wrong(text.replace('https://gateway.example', 'http://localhost:1'))).toMatchObject([
      { key: 'gateway.tlsPins', remedy: 'plain http has no key to pin; write https:// in `url`' },
    ]);
  });

  it('may name a scanner and a camera', () => {
    const more = '  scanner: { connection: "serial:/dev/ttyACM0" }\n  camera: { connection: "video:/dev/video0" }\n';
    const text = GOOD.replace('gateway:', `${more}gateway:`);
    const parsed = parseConfiguration(text, '/etc/yichuang/terminal.yaml');
    expect(parsed.ok && parsed.value.devices).toMatchObject({
      scanner: { connection: 'serial:/dev/ttyACM0' },
      camera: { connection: 'video:/dev/video0' },
    });
    expect(wrong(text.replace('video:/dev/video0', '/dev/video0'))).toMatchObject([
      { key: 'devices.camera.connection', line: 18, remedy: `write ${CONNECTION_FORMS}` },
    ]);
  });

  it('names file, line, column, key and remedy of a wrong connection', () => {
    const text = GOOD.replace('serial:/dev/ttyS1?baud=115200', 'com1');
    const parsed = parseConfiguration(text, '/etc/yichuang/terminal.yaml');
    expect(parsed.ok ? '' : parsed.error.detail).toBe(
      '/etc/yichuang/terminal.yaml:14:13: devices.idCard.connection: the value has not the right form; ' +
        `write ${CONNECTION_FORMS}`,
    );
  });

  it('says where a missing key belongs', () => {
    const [problem] = wrong(
      GOOD.replace('    - { id: example, name: { zh: 示范里, en: Example Estate } }', '    - { id: example }'),
    );
    expect(problem).toMatchObject({ key: 'community.estates.0.name', what: 'this key is missing', line: 9 });
    expect(problem?.remedy).toMatch(/^add it/);
  });

  it('points at a key that is not known', () => {
    expect(wrong(`${GOOD}colour: red\n`)).toMatchObject([
      { key: 'colour', line: 20, column: 1, what: 'this key is not known', remedy: 'remove it or mend its spelling' },
    ]);
  });

  it('tells every problem at once', () => {
    const text = GOOD.replace('"09:00"', '9am')
      .replace('widthMm: 340', 'widthMm: 20')
      .replace('paperMm: 80', 'paperMm: 76');
    expect(wrong(text).map(({ key, line }) => [key, line])).toEqual([
      ['community.opens', 6],
      ['screen.widthMm', 10],
      ['devices.receiptPrinter.paperMm', 15],
    ]);
  });

  it.each(['http://gateway.example', 'http://localhost:x@gateway.example/', 'http://127.0.0.1:1@gateway.example'])(
    'refuses plain http to another machine and says why: %s',
    (url) => {
      const [problem] = wrong(GOOD.replace('https://gateway.example', url));
      expect(problem).toMatchObject({
        key: 'gateway.url',
        line: 17,
        remedy: 'plain http is for loopback only; write https://',
      });
    },
  );

  it.each([
    ['a plain PIN', '246810'],
    ['a plain PIN in quotes', '"246810"'],
    ['a cost that is no power of two', HASH.replace('65536', '65000')],
    ['a cost that no terminal can pay', HASH.replace('65536', '67108864')],
    ['a hash that was cut', HASH.slice(0, -1)],
    ['a salt that was cut', HASH.replace('$s', '$')],
  ])('names the command for %s in the place of a hash', (_what, hash) => {
    expect(wrong(GOOD.replace(HASH, hash))).toMatchObject([
      { key: 'staff.0.pinHash', line: 19, remedy: 'write what `yichuang staff hash-pin` prints' },
    ]);
  });

  it.each([
    ['an alias without its anchor', GOOD.replace('022-00000000', '*abc'), 'Unresolved alias', 4],
    ['far too many aliases', manyAliases(), 'Excessive alias count', 1],
  ])('refuses %s', (_what, text, what, line) => {
    const [problem] = wrong(text);
    expect(problem).toMatchObject({ line, remedy: "write the value itself, in quotes when it begins with '*'" });
    expect(problem?.what).toContain(what);
  });

  it.each([
    ['a second worker', `${GOOD}  - { id: worker-1, name: 王, pinHash: ${HASH} }\n`, 'staff.1.id', 20],
    [
      'a second estate',
      GOOD.replace('screen:', '    - { id: example, name: { zh: 样例里, en: Other } }\nscreen:'),
      'community.estates.1.id',
      10,
    ],
    ['a desk that closes before it opens', GOOD.replace('17:30', '08:00'), 'community.closes', 7],
    ['a desk that never opens', GOOD.replace('17:30', '09:00'), 'community.closes', 7],
    ['a time that is none, once', GOOD.replace('09:00', '9am'), 'community.opens', 6],
  ])('names the line of %s', (_what, text, key, line) => {
    expect(wrong(text)).toMatchObject([{ key, line }]);
  });

  it.each([
    ['a broken indentation', GOOD.replace('  name: { zh', ' name: { zh'), 3],
    ['a key given twice', `${GOOD}catalogue: other\n`, 20],
  ])('shows the line of %s', (_what, text, line) => {
    const [problem] = wrong(text);
    expect(problem?.line).toBe(line);
    expect(problem?.remedy).not.toBe('');
  });

  it.each(['', '- a\n- b\n', 'hello\n'])('refuses %j as a whole', (text) => {
    expect(wrong(text).length).toBeGreaterThan(0);
  });

  it('says that a file is not there', () => {
    const read = readConfiguration('/nowhere/terminal.yaml');
    expect(read.ok ? null : read.error.problems).toMatchObject([
      { line: 0, what: "the file can't be read (ENOENT)", remedy: 'give the path of terminal.yaml with --config' },
    ]);
  });
});
