import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Configuration } from '#contract/configuration.ts';
import { verifyRelease } from '#main/service/release/release.ts';
import { publicPem, signingKey, signRelease } from '../../image/package/release.ts';

const about = { version: '1.0.0', architecture: 'amd64', electron: '45.4.1' } as const;
const owner = process.getuid?.() ?? 0;

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'yc-sign-'));
}

it('signs what a terminal then finds to be right, with the modes that a release has', async () => {
  const release = folder();
  mkdirSync(join(release, 'bin/empty'), { recursive: true });
  writeFileSync(join(release, 'bin/node'), 'program', { mode: 0o770 });
  writeFileSync(join(release, 'readme'), 'text', { mode: 0o666 });
  const key = await signingKey(undefined, join(release, '../', `${about.version}.pem`));
  await signRelease(release, about, key);
  const trusted = `${release}.pub`;
  writeFileSync(trusted, publicPem(key));
  const verified = await verifyRelease(release, trusted, owner);
  expect(verified.ok && verified.value.files.map(({ path }) => path)).toEqual(['bin/node', 'readme']);
  expect(['bin/node', 'readme', 'bin'].map((name) => statSync(join(release, name)).mode & 0o777)).toEqual([
    0o755, 0o644, 0o755,
  ]);
});

it('keeps one key for development, and takes the vendor’s from OpenSSL', async () => {
  const place = folder();
  const spare = join(place, 'keys/spare.pem');
  expect(publicPem(await signingKey(undefined, spare))).toBe(publicPem(await signingKey(undefined, spare)));
  expect(statSync(spare).mode & 0o777).toBe(0o600);
  const vendor = join(place, 'vendor.pem');
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', vendor]);
  const expected = execFileSync('openssl', ['pkey', '-in', vendor, '-pubout'], { encoding: 'utf8' });
  expect(publicPem(await signingKey(vendor, spare))).toBe(expected);
});

it('refuses a key that is none, and a link in a release', async () => {
  const place = folder();
  const file = join(place, 'key.pem');
  await expect(signingKey(file, file)).rejects.toThrow('openssl genpkey');
  execFileSync('openssl', ['genpkey', '-algorithm', 'x25519', '-out', file]);
  await expect(signingKey(file, file)).rejects.toThrow('no Ed25519 private key');
  const key = await signingKey(undefined, join(place, 'spare.pem'));
  const release = folder();
  symlinkSync('/etc/passwd', join(release, 'link'));
  await expect(signRelease(release, about, key)).rejects.toThrow('is a link');
});

it('brings an example of terminal.yaml that is right as it stands', () => {
  const example = parse(readFileSync('image/package/root/opt/yichuang/share/terminal.example.yaml', 'utf8'));
  expect(Configuration.safeParse(example).error?.issues).toBeUndefined();
});
