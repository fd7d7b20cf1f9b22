import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import type { Suite } from '#contract/suite.ts';
import { Provisioning } from '#contract/wire.ts';
import { openSqliteStore } from '#gateway/store/sqlite.ts';
import { type Client, enrol, Journal, ndjson, results, terminalKey } from './client.ts';
import { sm2Verify } from './national.ts';
import { onWire, Writer } from './sealing.ts';
import { runCli, spawnGateway, startGateway } from './stand.ts';
import { sqliteStore, stores, testFolder } from './stores.ts';

function writerOf({ identity }: Client): Writer {
  return new Writer(identity, new Journal(identity.terminalId, 1, identity.suite));
}

const help = (writer: Writer) => writer.plain('help', { ticket: randomUUID(), why: 'called' });

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand() {
    const gateway = await startGateway(makeStore);
    const national = await gateway.newTerminal('120103', 'national');
    const standard = await gateway.newTerminal();
    return { gateway, national, standard };
  }

  test('a gateway takes journals of both suites in and opens the cases of both', async () => {
    const { gateway, national, standard } = await stand();
    for (const terminal of [national, standard]) {
      const writer = writerOf(terminal);
      const day = writer.dayKey();
      const sent = await terminal.send([day.entry, onWire(writer.case(day.dayKey)), help(writer)]);
      expect(results(sent)).toEqual(['stored', 'stored', 'stored']);
    }
    expect(await gateway.drain()).toEqual({ seen: 6, invalid: 0 });
    expect(await gateway.store.counts()).toMatchObject({ terminals: 2, cases: 2, quarantined: 0 });
  });

  test('a national terminal is answered under SM2, to this request only, and a standard one under Ed25519', async () => {
    const { national, standard } = await stand();
    for (const terminal of [national, standard]) {
      const answer = await terminal.batch(zstdCompressSync(ndjson([help(writerOf(terminal))])));
      expect(answer.status).toBe(200);
      expect(terminal.isSigned(answer)).toBe(true);
      expect(terminal.isSigned(answer, 'A'.repeat(22))).toBe(false);
      expect(terminal.isSigned({ ...answer, content: Buffer.from(answer.text.replace('stored', 'duplicate')) })).toBe(
        false,
      );
    }
  });

  test('a signature of the other suite is refused, whatever it says of itself', async () => {
    const { gateway, national, standard } = await stand();
    const content = (terminal: Client) => zstdCompressSync(ndjson([help(writerOf(terminal))]));
    const downgrades = [
      // With a standard key, said openly, or as if it were SM2; and with the right key under the wrong name.
      { key: terminalKey() },
      { key: terminalKey(), alg: 'sm2sig_sm3' },
      { alg: 'ed25519' },
      { key: terminalKey('national') },
    ];
    for (const bend of downgrades) {
      const answer = await national.batch(content(national), bend);
      expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
    for (const bend of [{ key: terminalKey('national') }, { alg: 'sm2sig_sm3' }]) {
      const answer = await standard.batch(content(standard), bend);
      expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
    expect(await gateway.store.counts()).toMatchObject({ entries: 0 });
  });

  test('an algorithm that no suite has is no signature', async () => {
    const { national } = await stand();
    for (const alg of ['rsa-v1_5-sha256', 'hmac_sha256', '']) {
      const answer = await national.request('GET', '/v1/terminals/self/cursor', null, { alg });
      expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
      expect(answer.headers.get('signature')).toBeNull();
    }
  });

  test("a national request rests on SM3: another digest is refused, though it is signed and the content's own", async () => {
    const { gateway, national } = await stand();
    const content = zstdCompressSync(ndjson([help(writerOf(national))]));
    const digest = `sha-256=:${Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(content))).toString('base64')}:`;
    expect(await national.batch(content, { digest })).toMatchObject({ status: 400, body: { code: 'digest' } });
    expect(await gateway.store.counts()).toMatchObject({ entries: 0 });
  });

  test('a national signature that was torn or altered is refused', async () => {
    const { national } = await stand();
    const content = zstdCompressSync(ndjson([help(writerOf(national))]));
    const honest = Buffer.alloc(64, 7).toString('base64');
    for (const signature of ['', 'yichuang=::', `yichuang=:${honest.slice(0, 40)}:`, `yichuang=:${honest}:`]) {
      const answer = await national.batch(content, { headers: { signature } });
      expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
    const none = Buffer.alloc(64).toString('base64');
    const zero = await national.batch(content, { headers: { signature: `yichuang=:${none}:` } });
    expect(zero).toMatchObject({ status: 401, body: { code: 'signature' } });
  });

  test('entries that were hashed by the other suite go to quarantine', async () => {
    const { national } = await stand();
    const writer = new Writer(national.identity, new Journal(national.identity.terminalId));
    expect(results(await national.send([help(writer)]))).toEqual(['quarantined body-hash']);
  });

  test('a day key that was sealed to the key of the other suite is told from one that fits', async () => {
    const { gateway, national, standard } = await stand();
    const { districtKey, districtKeyId } = standard.identity;
    const journal = new Journal(national.identity.terminalId, 1, 'national');
    const weaker = new Writer({ ...national.identity, suite: 'standard', districtKey, districtKeyId }, journal);
    const day = weaker.dayKey();
    await national.send([day.entry, onWire(weaker.case(day.dayKey))]);
    expect(await gateway.drain()).toEqual({ seen: 2, invalid: 2 });
    expect(await gateway.rows('SELECT code FROM quarantine ORDER BY seq')).toEqual([
      { code: 'district-key' },
      { code: 'no-day-key' },
    ]);
  });

  test.each([
    ['a point of another curve', () => p256Point().toString('base64url'), 'national'],
    ['a point beside the curve', () => `BA${'A'.repeat(85)}`, 'national'],
    ['an Ed25519 key as SM2', () => terminalKey().publicKey, 'national'],
    ['an SM2 key as Ed25519', () => terminalKey('national').publicKey, 'standard'],
    ['a key of a suite that nobody knows', () => terminalKey().publicKey, 'other'],
  ])('%s enrols nobody', async (_what, publicKey, suite) => {
    const gateway = await startGateway(makeStore);
    const answer = await enrol(gateway.url, await gateway.newCode(), publicKey(), suite);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(await gateway.store.counts()).toMatchObject({ terminals: 0 });
  });

  test('a terminal that names no suite is standard, and is answered as the first release would', async () => {
    const gateway = await startGateway(makeStore);
    const answer = await enrol(gateway.url, await gateway.newCode(), terminalKey().publicKey);
    expect(answer.body).not.toHaveProperty('suite');
    const national = await enrol(gateway.url, await gateway.newCode(), terminalKey('national').publicKey, 'national');
    expect(national.body).toHaveProperty('suite', 'national');
  });

  test('a revoked national terminal is answered no more, and does not come back by its key', async () => {
    const { gateway, national } = await stand();
    await gateway.store.revoke(national.identity.terminalId);
    const answer = await national.request('GET', '/v1/terminals/self/cursor', null);
    expect(answer).toMatchObject({ status: 403, body: { code: 'revoked' } });
    expect(national.isSigned(answer)).toBe(true);
    const again = await enrol(gateway.url, await gateway.newCode(), national.key.publicKey, 'national');
    expect(again).toMatchObject({ status: 403, body: { code: 'revoked' } });
  });
});

test.each(stores)(
  'provision makes a file under SM2 out of an SM2 key and nothing of a point beside the curve, on $name',
  async (kind) => {
    const { address, keys } = await kind.makeStore();
    const provision = ['provision', '--store', address.uri, '--keys', keys, '--terminal-key'];
    const { publicKey } = terminalKey('national');
    const ran = await runCli(...provision, publicKey);
    const file = Provisioning.parse(JSON.parse(ran.stdout));
    const { terminalPublicKey, ...identity } = JSON.parse(file.payload) as Record<string, unknown>;
    expect(terminalPublicKey).toBe(publicKey);
    const { suite, gatewayKey } = Identity.parse(identity);
    expect(suite).toBe('national');
    const text = Buffer.from(`yichuang-provisioning-1\n${file.payload}`);
    const signature = Buffer.from(file.signature, 'base64url');
    expect(sm2Verify(text, signature, Buffer.from(gatewayKey, 'base64url'))).toBe(true);

    const refused = await runCli(...provision, `BA${'A'.repeat(85)}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('87 for SM2');
  },
);

test("the district's SM2 key may stand elsewhere, and a key of another kind is refused by name", async () => {
  const folder = testFolder();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  writeFileSync(`${folder}/sm2.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const gateway = await spawnGateway(`sqlite:${folder}/g.sqlite`, '--district-sm2-key', `${folder}/sm2.key`);
  expect(await gateway.end('SIGTERM')).toBe(0);

  const { privateKey: other } = generateKeyPairSync('x25519');
  writeFileSync(`${folder}/x.key`, other.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const args = ['serve', '--store', `sqlite:${folder}/h.sqlite`, '--listen', '127.0.0.1:0', '--district-sm2-key'];
  const ran = await runCli(...args, `${folder}/x.key`);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('holds no sm2 key');
});

test('beside a district key of the first release that is kept elsewhere, one for SM2 is made', async () => {
  const { address, keys, change } = await sqliteStore();
  const elsewhere = `${testFolder()}/x.key`;
  const { privateKey } = generateKeyPairSync('x25519');
  writeFileSync(elsewhere, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await (await spawnGateway(address.uri, '--district-key', elsewhere)).end('SIGTERM');
  for (const name of ['gateway-sm2.key', 'district-sm2.key', 'district-sm2.json'])
    rmSync(`${keys}/${name}`, { force: true });
  await change("DELETE FROM facts WHERE name <> 'epoch'");
  const before = readFileSync(`${keys}/district.json`, 'utf8');

  const provisioned = async (suite: Suite) => {
    const args = ['--store', address.uri, '--terminal-key', terminalKey(suite).publicKey];
    const file = Provisioning.parse(JSON.parse((await runCli('provision', ...args)).stdout));
    return Identity.strip().parse(JSON.parse(file.payload));
  };
  expect((await provisioned('standard')).districtKeyId).toBe((JSON.parse(before) as { id: string }).id);
  expect((await provisioned('national')).suite).toBe('national');
  expect(readFileSync(`${keys}/district.json`, 'utf8')).toBe(before);
  expect(readdirSync(keys).sort()).toEqual([
    'district-sm2.json',
    'district-sm2.key',
    'district.json',
    'gateway-sm2.key',
    'gateway.key',
  ]);
});

const LINE_ID = '019c0000-0000-7000-8000-0000000000e1';

test('a SQLite store of the first release is taken over: its terminals are standard, what waits is looked at again', async () => {
  const path = `${testFolder()}/g.sqlite`;
  await openSqliteStore(path, { newEpoch: randomUUID, missing: 'create' }).close();
  const db = new Database(path);
  db.exec(
    'DROP INDEX entries_broken; DROP INDEX quarantine_no_catalogue; DROP TABLE update_outcomes; DROP TABLE updates',
  );
  db.exec('DROP TABLE anchor_days; DROP TABLE anchors; DROP TABLE catalogues; DROP TABLE former_keys');
  db.exec('DROP TABLE materials; DROP TABLE material_parts');
  db.exec('ALTER TABLE terminals DROP COLUMN suite');
  db.exec('DROP INDEX quarantine_district_key; DROP TABLE gateway_successors');
  db.exec('ALTER TABLE cases DROP COLUMN state_incarnation; ALTER TABLE cases DROP COLUMN state_seq');
  db.exec(`DROP INDEX quarantine_waiting; DROP INDEX quarantine_again; DROP INDEX heads_for_intake;
    ALTER TABLE quarantine DROP COLUMN waits_for; ALTER TABLE quarantine DROP COLUMN look_again;
    DROP INDEX quarantine_open; ALTER TABLE quarantine DROP COLUMN entry_id;
    DROP INDEX quarantine_keys; ALTER TABLE quarantine DROP COLUMN claimed_id; DROP INDEX entries_of_cases; DROP TABLE erasures;
    ALTER TABLE heads DROP COLUMN look_again;
    CREATE INDEX heads_for_intake ON heads (region, terminal, incarnation) WHERE intake_seq < contiguous_seq`);
  db.exec(`INSERT INTO terminals (id, region, code, public_key, state, enrolled_at)
    VALUES ('t', '120103', '0001', 'key', 'active', '2026-03-02T00:00:00Z')`);
  const head = (incarnation: number) =>
    db.exec(`INSERT INTO heads (region, terminal, incarnation, contiguous_seq, head_hash, max_seq, intake_seq)
      VALUES ('120103', 't', ${incarnation}, 9, '', 9, 9)`);
  for (const incarnation of [1, 2]) head(incarnation);
  db.exec(`INSERT INTO quarantine (region, terminal, incarnation, seq, fingerprint, found_by, code, takes_place, hash, found_at)
    VALUES ('120103', 't', 2, 3, 'a', 'intake', 'no-case', 0, 'a', ''), ('120103', 't', 1, 4, 'b', 'intake', 'seal', 0, 'b', '')`);
  const line = JSON.stringify({ v: 1, at: { id: 'no' }, id: LINE_ID });
  db.prepare(`INSERT INTO quarantine (region, terminal, incarnation, seq, fingerprint, found_by, code, takes_place, hash, line, keys, found_at)
    VALUES ('120103', 't', 1, 5, 'c', 'gateway', 'hash', 1, 'c', ?, '[]', ''), ('120103', 't', 1, 6, 'd', 'gateway', 'hash', 1, 'd', '{', '[]', '')`).run(
    line,
  );
  db.pragma('user_version = 1');
  const store = openSqliteStore(path, { newEpoch: randomUUID, missing: 'refuse' });
  expect(await store.terminal('t')).toMatchObject({ suite: 'standard', publicKey: 'key' });
  await store.close();
  expect(db.pragma('user_version', { simple: true })).toBe(13);
  expect(db.prepare('SELECT seq FROM quarantine WHERE claimed_id = ?').all(LINE_ID)).toEqual([{ seq: 5 }]);
  expect(db.prepare('SELECT incarnation, seq FROM quarantine WHERE look_again = 1').all()).toEqual([
    { incarnation: 2, seq: 3 },
  ]);
  expect(db.prepare('SELECT incarnation FROM heads WHERE look_again = 1').all()).toEqual([{ incarnation: 2 }]);
  db.close();
});

function p256Point(): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
}
