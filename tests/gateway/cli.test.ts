import { createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import { Provisioning } from '#contract/wire.ts';
import { terminalKey } from './client.ts';
import { runCli } from './stand.ts';
import { stores, testFolder } from './stores.ts';

test.each([
  ['0.0.0.0:8350', 'loopback only'],
  ['192.168.1.5:8350', 'loopback only'],
  ['127.0.0.1', 'HOST:PORT'],
  ['127.0.0.1:99999', 'HOST:PORT'],
])('serve --listen %s is refused in words', async (listen, words) => {
  const ran = await runCli('serve', '--store', `sqlite:${testFolder()}/g.sqlite`, '--listen', listen);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain(words);
});

test('codes are printed as JSON, as many as asked for, all different', async () => {
  const store = `sqlite:${testFolder()}/g.sqlite`;
  const ran = await runCli('enrol-code', '--store', store, '--count', '5', '--region', '120101');
  const printed = JSON.parse(ran.stdout) as { codes: string[]; region: string; expiresAt: string };
  expect(new Set(printed.codes).size).toBe(5);
  expect(printed.region).toBe('120101');
  expect((Date.parse(printed.expiresAt) - Date.now()) / 60_000).toBeCloseTo(15, 0);
});

test('a provisioning file is signed by the gateway, and asking again gives the same terminal', async () => {
  const store = `sqlite:${testFolder()}/g.sqlite`;
  const { publicKey } = terminalKey();
  const args = ['provision', '--store', store, '--terminal-key', publicKey, '--region', '120103'];
  const file = Provisioning.parse(JSON.parse((await runCli(...args)).stdout));
  const payload = JSON.parse(file.payload) as Record<string, unknown>;
  expect(payload['terminalPublicKey']).toBe(publicKey);
  const identity = Identity.strip().parse(payload);
  expect(identity).toMatchObject({ region: '120103', code: '0001' });
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: identity.gatewayKey }, format: 'jwk' });
  const text = Buffer.from(`yichuang-provisioning-1\n${file.payload}`);
  expect(verify(null, text, key, Buffer.from(file.signature, 'base64url'))).toBe(true);
  expect(Provisioning.parse(JSON.parse((await runCli(...args)).stdout))).toEqual(file);

  const elsewhere = await runCli(...args.slice(0, -1), '120104');
  expect(elsewhere).toMatchObject({ code: 1, stdout: '' });
  expect(elsewhere.stderr).toContain('another region');

  expect((await runCli('revoke', '--store', store, '--terminal', identity.terminalId)).code).toBe(0);
  expect((await runCli(...args)).stderr).toContain('revoked');
  expect((await runCli('revoke', '--store', store, '--terminal', 'nobody')).code).toBe(1);
});

test('counting a store that is not there, not ours or newer fails in words and leaves it alone', async () => {
  const folder = testFolder();
  const missing = await runCli('cases', '--store', `sqlite:${folder}/none.sqlite`);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toContain('there is no store');

  const foreign = new Database(`${folder}/foreign.sqlite`);
  foreign.exec('CREATE TABLE t (x)');
  foreign.close();
  expect((await runCli('cases', '--store', `sqlite:${folder}/foreign.sqlite`)).stderr).toContain(
    "isn't a gateway's store",
  );

  await runCli('enrol-code', '--store', `sqlite:${folder}/g.sqlite`);
  const newer = new Database(`${folder}/g.sqlite`);
  newer.pragma('user_version = 99');
  newer.close();
  expect((await runCli('cases', '--store', `sqlite:${folder}/g.sqlite`)).stderr).toContain('newer release');

  writeFileSync(`${folder}/text`, 'not a database, but long enough to be read as one'.repeat(50));
  expect((await runCli('cases', '--store', `sqlite:${folder}/text`)).code).toBe(1);
});

test.each([
  [['cases', '--store', 'mysql://x/y']],
  [['cases', '--store', 'sqlite:']],
  [['cases', '--store', 'postgres://x']],
  [['cases', '--store', 'postgres://x/y?sslmode=disable']],
  [['cases', '--store', 'postgres://x%zz/y']],
  [['enrol-code', '--store', 'sqlite:x', '--count', '0']],
  [['enrol-code', '--store', 'sqlite:x', '--region', '12']],
  [['provision', '--store', 'sqlite:x', '--terminal-key', 'short']],
  [['nonsense']],
])('wrong arguments fail on stderr: %j', async (args) => {
  const ran = await runCli(...args);
  expect(ran.code).not.toBe(0);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).not.toBe('');
});

test.each(stores)(
  'a store that was restored gets a new epoch; one that is not there is refused, on $name',
  async (kind) => {
    const { address, keys } = await kind.makeStore();
    const store = address.uri;
    expect(await runCli('restored', '--store', store)).toMatchObject({ code: 1, stdout: '' });
    const { publicKey } = terminalKey();
    const provision = async () => {
      const ran = await runCli('provision', '--store', store, '--keys', keys, '--terminal-key', publicKey);
      return Identity.strip().parse(JSON.parse(Provisioning.parse(JSON.parse(ran.stdout)).payload));
    };
    const before = await provision();
    const { epoch } = JSON.parse((await runCli('restored', '--store', store)).stdout) as { epoch: string };
    expect(epoch).not.toBe(before.epoch);
    expect(await provision()).toEqual({ ...before, epoch });
  },
);
