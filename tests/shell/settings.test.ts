import { expect, test } from 'vitest';
import { readSettings } from '#main/shell/settings.ts';

const RIGHT = `community:
  street: { zh: 街道, en: Subdistrict }
  name: { zh: 社区, en: Community }
  phone: 022-5550 0107
  desk: { zh: 窗口, en: Window }
  opens: '09:00'
  closes: '17:30'
  estates: [{ id: test, name: { zh: 测试里, en: Ceshili } }]
screen:
  widthMm: 600
  heightMm: 337
  widthPx: 1920
  heightPx: 1080
  kiosk: false
folders: { etc: ., data: data, run: /run/yichuang, log: log }
catalogue: catalogue
devices:
  idCard: { connection: 'serial:/dev/ttyS0' }
  receiptPrinter: { connection: 'tcp:printer:9100', paperMm: 80 }
  documentPrinter: { connection: 'ipp://printer/ipp/print' }
gateway: { url: 'https://district.example' }
staff: [{ id: worker, name: 李工, pinHash: scrypt$1024$8$1$ssssssssssssssssssssss$hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh }]
`;
const FILE = '/etc/yichuang/terminal.yaml';
const read = (text: string) => readSettings(FILE, () => text);

test('a right file: screen, absolute folders and whom to ring', () => {
  expect(read(RIGHT)).toEqual({
    screen: { widthMm: 600, heightMm: 337, widthPx: 1920, heightPx: 1080, kiosk: false },
    folders: {
      etc: '/etc/yichuang',
      data: '/etc/yichuang/data',
      run: '/run/yichuang',
      log: '/etc/yichuang/log',
    },
    community: {
      street: { zh: '街道', en: 'Subdistrict' },
      name: { zh: '社区', en: 'Community' },
      phone: '022-5550 0107',
      desk: { zh: '窗口', en: 'Window' },
      opens: '09:00',
      closes: '17:30',
    },
    problem: null,
  });
});

test('a wrong value names its line, and the right sections still serve', () => {
  const settings = read(RIGHT.replace("'ipp://printer/ipp/print'", 'printer'));
  expect(settings.problem).toMatch(/^\/etc\/yichuang\/terminal\.yaml, line 20, devices\.documentPrinter\.connection: /);
  expect(settings.screen.widthPx).toBe(1920);
  expect(settings.folders?.run).toBe('/run/yichuang');
});

test('a missing section names itself', () => {
  expect(read(RIGHT.replace(/^gateway.*\n/m, '')).problem).toContain('gateway: ');
});

test('a wrong screen: the usual one, in its place', () => {
  const settings = read(RIGHT.replace('widthPx: 1920', 'widthPx: wide'));
  expect(settings.problem).toContain('line 12, screen.widthPx');
  expect(settings.screen).toMatchObject({ widthPx: 1080, heightPx: 1920, kiosk: true });
});

test.each(['', 'a: *nothing', 'a: [', '- 1\n- 2\n', '"text"', 'a: 1\na: 2\n', '{'])(
  '%j still gives a screen and a problem',
  (text) => {
    const settings = read(text);
    expect(settings.problem).toContain(FILE);
    expect(settings.screen.kiosk).toBe(true);
    expect(settings.folders).toBeNull();
  },
);

test('no file, and a file that cannot be read', () => {
  expect(readSettings(null, () => RIGHT).problem).toContain('--config FILE');
  const unreadable = readSettings(FILE, () => {
    throw new Error('EACCES');
  });
  expect(unreadable.problem).toBe(`${FILE} cannot be read`);
});
