import { expect, test } from 'vitest';
import { configurationFile, refusedArguments, serviceSocket } from '#main/shell/command-line.ts';

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

test('the socket of a running service', () => {
  expect(serviceSocket(['yichuang', '--service', '/run/yichuang/service.sock'])).toBe('/run/yichuang/service.sock');
  expect(serviceSocket(['yichuang', '--service=/run/a.sock', '--config', 'a.yaml'])).toBe('/run/a.sock');
  expect(serviceSocket(['yichuang'])).toBeNull();
});

test('whatever looks into the process, steers it or lowers its guard is refused, in every spelling', () => {
  const refused = [
    '--inspect',
    '--inspect=0',
    '--inspect-brk=127.0.0.1:9229',
    '--remote-debugging-port=9222',
    '-remote-debugging-port=9222',
    '--remote-debugging-pipe',
    '--js-flags=--allow-natives-syntax',
    '--load-extension=/tmp/x',
    '--no-sandbox',
    '--renderer-cmd-prefix=gdb',
    '--gpu-launcher=strace',
    '--user-data-dir=/tmp/x',
    '/tmp/other-application',
    '-r',
  ];
  expect(refusedArguments([...refused, '--config', 'terminal.yaml'])).toEqual(refused);
});

test('an ordinary start has nothing to refuse, and a vendor may choose how the screen is drawn', () => {
  const start = ['--config', '/etc/yichuang/terminal.yaml', '--service', '/run/yichuang/service.sock'];
  expect(refusedArguments([...start, '--disable-gpu', '--ozone-platform=x11'])).toEqual([]);
});
