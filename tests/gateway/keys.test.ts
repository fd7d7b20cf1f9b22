import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { districtPrivateKeys } from '#gateway/identity/district.ts';
import { checkShared, gatewayKeys, keysFolder, missLost, publishedDistrictKeys } from '#gateway/identity/keys.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { terminalKey } from './client.ts';
import { runCli, spawnGateway } from './stand.ts';
import { addressOf, sqliteStore, stores, testFolder } from './stores.ts';

test('the keys stand beside a SQLite file unless a folder is named, and nowhere by themselves on PostgreSQL', () => {
  const [file, database] = [addressOf('sqlite:/var/g.sqlite'), addressOf('postgres://desk@localhost/yichuang')];
  expect(keysFolder(file, undefined)).toEqual({ ok: true, value: '/var/g.sqlite.keys' });
  expect(keysFolder(file, '/keys')).toEqual({ ok: true, value: '/keys' });
  expect(keysFolder(database, '/keys')).toEqual({ ok: true, value: '/keys' });
  expect(keysFolder(database, undefined)).toMatchObject({ ok: false, error: expect.stringContaining('--keys') });
});

test.each(stores)('a gateway with other keys than those that terminals know is found out, on $name', async (kind) => {
  const { address } = await kind.makeStore();
  const options = { newEpoch: randomUUID, missing: 'create' } as const;
  const [store, worker] = [await openStore(address, options), await openIntake(address, options)];
  onTestFinished(async () => void (await Promise.all([store.close(), worker.close()])));
  const [ours, others] = [testFolder(), testFolder()];

  await checkShared(store, 'gateway', gatewayKeys(ours));
  await checkShared(store, 'gateway', gatewayKeys(ours));
  await expect(checkShared(store, 'gateway', gatewayKeys(others))).rejects.toThrow('another gateway key');
  await checkShared(worker, 'district', publishedDistrictKeys(ours));
  const foreign = publishedDistrictKeys(others);
  await expect(checkShared(store, 'district', foreign)).rejects.toThrow('another district key');
});

test.each(stores)('the keys of the national suite are found out by themselves, on $name', async (kind) => {
  const { address } = await kind.makeStore();
  const store = await openStore(address, { newEpoch: randomUUID, missing: 'create' });
  onTestFinished(() => store.close());
  const [ours, half] = [testFolder(), testFolder()];
  await checkShared(store, 'gateway', gatewayKeys(ours));
  await checkShared(store, 'district', publishedDistrictKeys(ours));

  // As if only the files of the standard suite had been copied.
  cpSync(ours, half, { recursive: true });
  for (const name of ['gateway-sm2.key', 'district-sm2.key', 'district-sm2.json']) rmSync(`${half}/${name}`);
  await expect(checkShared(store, 'gateway', gatewayKeys(half))).rejects.toThrow('another gateway sm2 key');
  const districts = publishedDistrictKeys(half);
  await expect(checkShared(store, 'district', districts)).rejects.toThrow('another district sm2 key');
  await checkShared(store, 'gateway', gatewayKeys(ours));
  await checkShared(store, 'district', publishedDistrictKeys(ours));
});

test.each([
  ['standard', 'district.key', '--district-key'],
  ['national', 'district-sm2.key', '--district-sm2-key'],
] as const)(
  'a lost district key of the %s suite is missed in words, and none is made in its place',
  (suite, name, option) => {
    const [keys, kept] = [testFolder(), testFolder()];
    const published = publishedDistrictKeys(keys);
    cpSync(keys, kept, { recursive: true });
    rmSync(`${keys}/${name}`);
    const left = readdirSync(keys);
    const read = () => {
      const { held, missing } = districtPrivateKeys(keys, suite);
      if (missing !== null) throw new Error(missing);
      return held.size;
    };
    for (const word of [name, option, 'escrow']) expect(read).toThrow(word);
    expect(readdirSync(keys)).toEqual(left);

    // Its public half is still enough for whoever only gives it out, and the key counts wherever it is kept.
    expect(publishedDistrictKeys(keys)).toEqual(published);
    expect(districtPrivateKeys(keys, suite, [`${kept}/${name}`])).toMatchObject({ held: { size: 1 }, missing: null });
    cpSync(`${kept}/${name}`, `${keys}/${name}`);
    expect(read()).toBe(1);
  },
);

test.each(['gateway.key', 'gateway-sm2.key', 'all of them'])(
  'a start without keys that terminals know misses them and writes nothing: %s',
  async (lost) => {
    const { address, keys } = await sqliteStore();
    const first = await spawnGateway(address.uri, '--keys', keys);
    expect(await first.end('SIGTERM')).toBe(0);
    const kept = testFolder();
    cpSync(keys, kept, { recursive: true });
    const names = lost === 'all of them' ? readdirSync(keys) : [lost];
    for (const name of names) rmSync(join(keys, name));
    const left = readdirSync(keys);

    const at = ['--store', address.uri, '--keys', keys];
    const provision = ['provision', ...at, '--terminal-key', terminalKey().publicKey];
    const serve = ['serve', ...at, '--listen', '127.0.0.1:0'];
    const list = ['keys', 'list', ...at];
    for (const command of lost === 'gateway.key' ? [serve, provision, list] : [serve, list]) {
      const { code, stderr } = await runCli(...command);
      expect(code).toBe(1);
      const name = lost === 'all of them' ? 'gateway.key' : lost;
      expect(stderr).toContain(`${join(keys, name)} is gone`);
      expect(readdirSync(keys)).toEqual(left);
    }

    cpSync(kept, keys, { recursive: true });
    const again = await spawnGateway(address.uri, '--keys', keys);
    expect(await again.end('SIGTERM')).toBe(0);
  },
);

test.each(stores)(
  'keys that terminals know are missed where they are not, before any is made, on $name',
  async (kind) => {
    const { address } = await kind.makeStore();
    const store = await openStore(address, { newEpoch: randomUUID, missing: 'create' });
    onTestFinished(() => store.close());
    const [keys, empty] = [testFolder(), testFolder()];
    for (const owner of ['gateway', 'district'] as const) await missLost(store, owner, keys);
    await checkShared(store, 'gateway', gatewayKeys(keys));
    await expect(missLost(store, 'gateway', empty)).rejects.toThrow('gateway.key is gone');
    cpSync(join(keys, 'gateway.key'), join(empty, 'gateway.key'));
    await expect(missLost(store, 'gateway', empty)).rejects.toThrow('gateway-sm2.key is gone');
    await checkShared(store, 'district', publishedDistrictKeys(keys));
    await missLost(store, 'district', keys);
    await expect(missLost(store, 'district', empty)).rejects.toThrow('--district-key');
    const elsewhere = { standard: [`${keys}/district.key`], national: [`${keys}/district-sm2.key`] };
    await missLost(store, 'district', empty, elsewhere);
    // The public halves alone are enough for whoever gives them out.
    for (const name of ['district.json', 'district-sm2.json']) cpSync(join(keys, name), join(empty, name));
    await missLost(store, 'district', empty);
  },
);
