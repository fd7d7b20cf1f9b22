import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Release, releaseText } from '#contract/release.ts';
import { verifyRelease } from '#main/service/release/release.ts';

const CONTENT = { yichuang: 'program', 'resources/terminal/main.ts': 'code', 'resources/empty': '' };
const owner = process.getuid?.() ?? 0;

interface Laid {
  readonly folder: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

function lay(change: (list: Release) => Release = (list) => list): Laid {
  const folder = mkdtempSync(join(tmpdir(), 'yc-release-'));
  const files = Object.entries(CONTENT).map(([path, text]) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: 0o644 });
    return { path, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') };
  });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = `${folder}.pub`;
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const list = JSON.stringify(change({ version: '1.0.0', architecture: 'amd64', electron: '45.4.1', files }));
  writeFileSync(join(folder, 'release.json'), list);
  writeFileSync(join(folder, 'release.sig'), sign(null, Buffer.from(releaseText(list)), privateKey));
  return { folder, key, privateKey };
}

it('takes a folder that is as the signed list says', async () => {
  const { folder, key } = lay();
  expect(await verifyRelease(folder, key, owner)).toMatchObject({ ok: true, value: { version: '1.0.0' } });
});

const changes: readonly [string, string, (laid: Laid) => void][] = [
  ['a byte that changed', 'release-changed', ({ folder }) => writeFileSync(join(folder, 'yichuang'), 'Program')],
  ['a file that grew', 'release-changed', ({ folder }) => writeFileSync(join(folder, 'resources/empty'), ' ')],
  ['a file that is gone', 'release-changed', ({ folder }) => rmSync(join(folder, 'yichuang'))],
  ['a file too many', 'release-changed', ({ folder }) => writeFileSync(join(folder, 'resources/terminal/x.ts'), '')],
  ['a folder too many', 'release-changed', ({ folder }) => mkdirSync(join(folder, 'node_modules'))],
  ['a file that anybody may write', 'release-changed', ({ folder }) => chmodSync(join(folder, 'yichuang'), 0o666)],
  ['a folder that anybody may write', 'release-changed', ({ folder }) => chmodSync(join(folder, 'resources'), 0o777)],
  [
    'a link in the place of a file',
    'release-changed',
    ({ folder }) => {
      const file = join(folder, 'resources/terminal/main.ts');
      rmSync(file);
      writeFileSync(`${folder}.ts`, 'code');
      symlinkSync(`${folder}.ts`, file);
    },
  ],
  [
    'a list that was rewritten',
    'release-unsigned',
    ({ folder }) => writeFileSync(join(folder, 'release.json'), '{"version":"1.0.0","files":[]}'),
  ],
  ['no signature', 'release-unsigned', ({ folder }) => rmSync(join(folder, 'release.sig'))],
  ['no key', 'release-key', ({ key }) => rmSync(key)],
  ['a key that is none', 'release-key', ({ key }) => writeFileSync(key, 'key')],
  [
    'the key of somebody else',
    'release-unsigned',
    ({ key }) => {
      const { publicKey } = generateKeyPairSync('ed25519');
      writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
    },
  ],
];

it.each(changes)('refuses %s, and says what to do', async (_name, code, change) => {
  const laid = lay();
  change(laid);
  const refused = await verifyRelease(laid.folder, laid.key, owner);
  expect(refused).toMatchObject({ ok: false, error: { code } });
  expect(refused.ok ? '' : refused.error.detail).toContain("install the vendor's package again");
});

it('refuses files of another owner', async () => {
  const { folder, key } = lay();
  expect(await verifyRelease(folder, key, owner + 1)).toMatchObject({ ok: false, error: { code: 'release-changed' } });
});

it.each(['/etc/passwd', '../outside', 'resources/../../outside'])('refuses a list that names %s', async (path) => {
  const { folder, key } = lay((list) => ({ ...list, files: [{ path, bytes: 0, sha256: '0'.repeat(64) }] }));
  expect(await verifyRelease(folder, key, owner)).toMatchObject({ ok: false, error: { code: 'release-unsigned' } });
});
