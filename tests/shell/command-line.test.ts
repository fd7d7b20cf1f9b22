import { expect, test } from 'vitest';
import { configurationFile, debuggingSwitches } from '#main/shell/command-line.ts';

test.each([
  [['yichuang', '--config', 'a.yaml'], {}, 'a.yaml'],
  [['electron', '--inspect=0', '.', '--config=b.yaml'], {}, 'b.yaml'],
  [['yichuang'], { YICHUANG_CONFIG: 'c.yaml' }, 'c.yaml'],
  [['yichuang', '--config', 'a.yaml'], { YICHUANG_CONFIG: 'c.yaml' }, 'a.yaml'],
  [['yichuang', '--config'], {}, null],
  [['yichuang', '--config='], {}, null],
  [['yichuang'], {}, null],
])('the configuration file of %j with %j', (argv, env, expected) => {
  expect(configurationFile(argv, env)).toBe(expected);
});

test('debugging switches are seen, in every spelling', () => {
  const switches = [
    '--inspect',
    '--inspect=0',
    '--inspect-brk=127.0.0.1:9229',
    '--remote-debugging-port=9222',
    '-remote-debugging-port=9222',
    '--remote-debugging-pipe',
    '--js-flags=--allow-natives-syntax',
    '--load-extension=/tmp/x',
  ];
  expect(debuggingSwitches(['yichuang', ...switches, '--config', 'terminal.yaml'])).toEqual(switches);
});

test('an ordinary start has none', () => {
  expect(debuggingSwitches(['/opt/yichuang/yichuang', '--config', '/etc/yichuang/terminal.yaml'])).toEqual([]);
});
