import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Provisioning } from '#contract/wire.ts';
import { gatewayKeys, publishedDistrictKeys } from '#gateway/identity/keys.ts';
import { storeAddress } from '#gateway/store/address.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { terminalKey } from './client.ts';
import { Cluster } from './cluster.ts';
import { runCli } from './stand.ts';
import { addressOf, sharedCluster, testFolder } from './stores.ts';

const CREATE = { newEpoch: randomUUID, missing: 'create' } as const;

test.each([
  ['postgres://desk@db.example:6432/yichuang', { user: 'desk', host: 'db.example', port: 6432, local: false }],
  ['postgresql://db.example/yichuang', { user: undefined, host: 'db.example', port: 5432, local: false }],
  ['postgres://desk@localhost/yichuang', { host: 'localhost', local: true }],
  ['postgres://desk@[::1]:5433/yichuang', { host: '::1', port: 5433, local: true }],
  ['postgres://desk@127.0.0.2/yichuang', { host: '127.0.0.2', local: false }],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/yichuang', { host: '/var/run/postgresql', port: 5432, local: true }],
])('%s is understood', (uri, expected) => {
  expect(addressOf(uri)).toMatchObject({ kind: 'postgres', uri, database: 'yichuang', ...expected });
});

test.each([
  ['mysql://desk@localhost/yichuang', 'sqlite:PATH or postgres://'],
  ['sqlite:', 'sqlite:PATH or postgres://'],
  ['postgres://localhost', 'as postgres://USER@HOST:PORT/DATABASE'],
  ['postgres://desk@/yichuang', 'as postgres://USER@HOST:PORT/DATABASE'],
  ['postgres://desk@localhost/yichuang/more', 'as postgres://USER@HOST:PORT/DATABASE'],
  ['postgres://desk@localhost/yichuang?sslmode=disable', 'as postgres://USER@HOST:PORT/DATABASE'],
  ['postgres://desk%zz@localhost/yichuang', 'as postgres://USER@HOST:PORT/DATABASE'],
])('%s is answered with the remedy', (uri, remedy) => {
  expect(storeAddress(uri)).toMatchObject({ ok: false, error: expect.stringContaining(remedy) });
});

test('a password in the address is refused, and not repeated', () => {
  const refused = storeAddress('postgres://desk:secret@localhost/yichuang');
  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('PGPASSWORD') });
  expect(JSON.stringify(refused)).not.toContain('secret');
});

test('several processes may start on an empty database at once: it is migrated once, to one epoch', async () => {
  const cluster = await sharedCluster();
  const database = await cluster.database();
  const cli = () => runCli('enrol-code', '--store', cluster.uri(database));
  const open = async () => {
    const store = await openStore(addressOf(cluster.uri(database)), CREATE);
    onTestFinished(() => store.close());
    return await store.epoch();
  };
  const [first, second, ...epochs] = await Promise.all([cli(), cli(), ...Array.from({ length: 6 }, open)]);
  expect([first?.code, second?.code]).toEqual([0, 0]);
  expect(new Set(epochs).size).toBe(1);
  const versions = await cluster.query(database, 'SELECT version FROM gateway_migrations');
  expect(versions.length).toBeGreaterThan(9);
  expect(versions).toEqual(versions.map((_, i) => ({ version: i + 1 })));
  expect(await cluster.query(database, 'SELECT count(*) AS codes FROM enrol_codes')).toEqual([{ codes: 2 }]);
});

test('entries and their keys stand in partitions by terminal, old bodies by month, entries keyed by region, terminal, incarnation and number', async () => {
  const cluster = await sharedCluster();
  const database = await cluster.database();
  await (await openStore(addressOf(cluster.uri(database)), CREATE)).close();
  const partitions = await cluster.query(
    database,
    `SELECT partrelid::regclass::text AS "table", partstrat, pg_get_partkeydef(partrelid) AS key,
      (SELECT count(*) FROM pg_inherits WHERE inhparent = partrelid) AS parts
    FROM pg_partitioned_table ORDER BY 1`,
  );
  const byTerminal = { partstrat: 'h', key: 'HASH (terminal)', parts: 16 };
  expect(partitions).toEqual([
    { table: 'archived_bodies', partstrat: 'r', key: 'RANGE (month)', parts: 0 },
    { table: 'entries', ...byTerminal },
    { table: 'material_parts', ...byTerminal },
    { table: 'wrapped_keys', ...byTerminal },
  ]);
  expect(
    await cluster.query(
      database,
      `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conrelid = 'entries'::regclass AND contype = 'p'`,
    ),
  ).toEqual([{ key: 'PRIMARY KEY (region, terminal, incarnation, seq)' }]);
});

test('a database that holds something else or a newer store is refused in words and left alone', async () => {
  const cluster = await sharedCluster();
  const [foreign, newer, empty] = [await cluster.database(), await cluster.database(), await cluster.database()];
  await cluster.query(foreign, 'CREATE TABLE patients (id integer)');
  await expect(openStore(addressOf(cluster.uri(foreign)), CREATE)).rejects.toThrow("isn't a gateway's store");
  expect(await cluster.query(foreign, "SELECT relname FROM pg_class WHERE relname LIKE 'gateway%'")).toEqual([]);

  await (await openStore(addressOf(cluster.uri(newer)), CREATE)).close();
  await cluster.query(newer, 'INSERT INTO gateway_migrations (version) VALUES (99)');
  await expect(openStore(addressOf(cluster.uri(newer)), CREATE)).rejects.toThrow('newer release');

  const counted = await runCli('cases', '--store', cluster.uri(empty));
  expect(counted).toMatchObject({ code: 1, stdout: '' });
  expect(counted.stderr).toContain('there is no store');
  expect(await cluster.query(empty, 'SELECT to_regclass($$gateway_migrations$$) AS found')).toEqual([{ found: null }]);
});

test('what keeps a gateway out is said with its remedy', async () => {
  const cluster = await sharedCluster();
  const database = await cluster.database();
  await cluster.query(database, 'CREATE ROLE guest LOGIN');
  const latin = await cluster.database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  const refused: [string, string][] = [
    [cluster.uri('nowhere'), 'make it with createdb'],
    [cluster.uri(database, { user: 'stranger' }), 'may not come in'],
    [cluster.uri(database, { user: 'guest' }), 'may not make tables'],
    [cluster.uri(latin), 'make it with UTF8'],
    [cluster.uri(database, { host: testFolder() }), 'no server answers'],
  ];
  for (const [uri, words] of refused) {
    await expect(openStore(addressOf(uri), CREATE)).rejects.toThrow(words);
    await expect(openIntake(addressOf(uri), CREATE)).rejects.toThrow(words);
  }
});

test('a server that may lose what it has acknowledged is refused; a role that asks for it gets its way nowhere', async () => {
  const cluster = await Cluster.start();
  onTestFinished(() => cluster.remove());
  const database = await cluster.database();
  await cluster.query(database, `ALTER DATABASE ${database} SET synchronous_commit = off`);
  await cluster.query(database, `ALTER DATABASE ${database} SET default_transaction_isolation = 'repeatable read'`);
  const shows = 'CREATE FUNCTION shown() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN';
  const store = await openStore(addressOf(cluster.uri(database)), CREATE);
  await cluster.query(
    database,
    `CREATE TABLE settings (value text);
    ${shows} INSERT INTO settings VALUES (current_setting('synchronous_commit')), (current_setting('transaction_isolation')); RETURN NEW; END $$;
    CREATE TRIGGER shown BEFORE INSERT ON terminals FOR EACH ROW EXECUTE FUNCTION shown()`,
  );
  await store.register('120103', { id: randomUUID(), suite: 'standard', publicKey: 'key', at: new Date() });
  await store.close();
  expect(await cluster.query(database, 'SELECT value FROM settings')).toEqual([
    { value: 'on' },
    { value: 'read committed' },
  ]);

  await cluster.stop();
  cluster.settings = ['fsync=off'];
  await cluster.start();
  await expect(openStore(addressOf(cluster.uri(database)), CREATE)).rejects.toThrow('fsync off');
});

test('on PostgreSQL the keys have to be named, and every gateway has the same', async () => {
  const cluster = await sharedCluster();
  const store = ['--store', cluster.uri(await cluster.database())];
  const provision = ['provision', ...store, '--terminal-key', terminalKey().publicKey];
  for (const args of [provision, ['serve', ...store, '--listen', '127.0.0.1:0']]) {
    const ran = await runCli(...args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('--keys');
  }

  const keys = testFolder();
  const file = await runCli(...provision, '--keys', keys);
  expect(Provisioning.parse(JSON.parse(file.stdout)).signature).not.toBe('');
  expect(statSync(join(keys, 'gateway.key')).mode & 0o777).toBe(0o600);
  expect(await runCli(...provision, '--keys', keys)).toEqual(file);

  const [none, others] = [testFolder(), testFolder()];
  gatewayKeys(others);
  publishedDistrictKeys(others);
  for (const args of [provision, ['serve', ...store, '--listen', '127.0.0.1:0']]) {
    const without = await runCli(...args, '--keys', none);
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('gateway.key is gone');
    const ran = await runCli(...args, '--keys', others);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('another district key');
  }
});

test('the way to another machine goes over TLS, to the server that its certificate names', async () => {
  const host = '127.0.0.2';
  const cluster = await Cluster.start(await freePort(host));
  onTestFinished(() => cluster.remove());
  const database = await cluster.database();
  const cases = () => runCli('enrol-code', '--store', cluster.uri(database, { host }));
  const restart = async (...settings: string[]) => {
    await cluster.stop();
    cluster.settings = [`listen_addresses=${host}`, ...settings];
    await cluster.start();
  };
  await restart();
  expect((await cases()).stderr).toContain('does not support SSL');

  const own = await certificate(cluster.folder, 'own', host);
  const wrong = await certificate(cluster.folder, 'wrong', '127.0.0.3');
  await restart('ssl=on', `ssl_cert_file=${own.crt}`, `ssl_key_file=${own.key}`);
  expect((await cases()).stderr).toContain('self-signed certificate');
  vi.stubEnv('NODE_EXTRA_CA_CERTS', own.crt);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await cases()).toMatchObject({ code: 0 });

  await restart('ssl=on', `ssl_cert_file=${wrong.crt}`, `ssl_key_file=${wrong.key}`);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', wrong.crt);
  expect((await cases()).stderr).toContain(host);
  expect(await cluster.query(database, 'SELECT count(*) AS codes FROM enrol_codes')).toEqual([{ codes: 1 }]);
});

function freePort(host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A certificate for an address, with a key that the server's user may read. */
async function certificate(folder: string, name: string, address: string): Promise<{ crt: string; key: string }> {
  const [crt, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=database', '-addext', `subjectAltName=IP:${address}`];
  await promisify(execFile)('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', crt]);
  const { uid, gid } = statSync(folder);
  chownSync(key, uid, gid);
  chmodSync(key, 0o600);
  return { crt, key };
}
