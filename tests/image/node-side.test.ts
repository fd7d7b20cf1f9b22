import { expect, it } from 'vitest';
import { type Lock, neededFolders } from '../../image/package/node-side.ts';

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
