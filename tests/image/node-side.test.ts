import { expect, it } from 'vitest';
import { readLock } from '../../image/licences.ts';
import { isIdle, type Lock, neededFolders, UNBUNDLED } from '../../image/package/node-side.ts';

const lock: Lock = {
  packages: {
    'node_modules/a': { dependencies: { b: '1', absent: '1' }, peerDependencies: { c: '1' } },
    'node_modules/b': { dependencies: { a: '1' } },
    'node_modules/a/node_modules/b': { dependencies: { c: '2' } },
    'node_modules/a/node_modules/b/node_modules/d': {},
    'node_modules/c': { optionalDependencies: { 'c-x64': '1', 'c-arm64': '1', 'c-musl': '1', 'c-win': '1' } },
    'node_modules/c-x64': { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/c-arm64': { os: ['linux'], cpu: ['arm64'] },
    'node_modules/c-musl': { os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/c-win': { os: ['win32'], cpu: ['x64'] },
    'node_modules/unused': {},
  },
};

it('takes what a package needs from where Node would find it, for one processor', () => {
  const needed = ['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c'];
  expect(neededFolders(lock, ['a'], 'x64')).toEqual([...needed, 'node_modules/c-x64']);
  expect(neededFolders(lock, ['a'], 'arm64')).toEqual([...needed, 'node_modules/c-arm64']);
});

it("ships nothing of the district's side", async () => {
  const shipped = neededFolders(await readLock(), UNBUNDLED, 'x64');
  expect(shipped).toContain('node_modules/better-sqlite3');
  expect(shipped.filter((folder) => /^node_modules\/(pg|postgres|fastify)/.test(folder))).toEqual([]);
});

it.each([
  ['usb/prebuilds/linux-x64/node.napi.glibc.node', true],
  ['usb/prebuilds/linux-x64/node.napi.musl.node', false],
  ['usb/prebuilds/linux-arm64/node.napi.armv8.node', false],
  ['usb/prebuilds/win32-x64/node.napi.node', false],
  ['usb/dist/index.js', true],
  ['usb/test/webusb.coffee', false],
  // What the licence of libusb, which is a part of that binary, asks for.
  ['usb/libusb/COPYING', true],
  ['usb/libusb/libusb/core.c', true],
  ['usb/libusb/examples/listdevs.c', false],
  ['usb/src/device.cc', true],
  ['usb/binding.gyp', true],
  ['node-hid/binding.gyp', false],
])('ships %s: %s', (file, ships) => {
  expect(isIdle(`/build/node_modules/${file}`, 'x64')).toBe(!ships);
});
