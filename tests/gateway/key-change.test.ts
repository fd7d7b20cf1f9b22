/** Another key takes the place of a terminal's. */
import { describe, expect, test } from 'vitest';
import { codeIsGenuine, stampSheet } from '#main/service/documents/stamp.ts';
import { publicKeyOf, rawPublicKey } from '#main/service/suite/suite.ts';
import { caseEntry } from '../service/journal/fixture.ts';
import { enrolledAt, startedAt } from '../service/sync/at-gateway.ts';
import { Client, enrol, type TerminalKey, terminalKey } from './client.ts';
import { runCli, startGateway } from './stand.ts';
import { sqliteStore, stores } from './stores.ts';

const PATH = '/v1/terminals/self/key';

/** Asks for another key; what is signed may be bent. */
function change(client: Client, to: TerminalKey, bend: { proofBy?: TerminalKey; text?: string; proof?: string } = {}) {
  const text =
    bend.text ?? ['yichuang-terminal-key-1', client.identity.terminalId, client.key.publicKey, to.publicKey].join('\n');
  const proof = bend.proof ?? (bend.proofBy ?? to).sign(Buffer.from(text)).toString('base64url');
  return client.request('POST', PATH, Buffer.from(JSON.stringify({ publicKey: to.publicKey, proof })), {
    headers: { 'content-type': 'application/json' },
  });
}

const under = (client: Client, key: TerminalKey) => new Client(client.url, client.identity, key);
const cursorOf = async (client: Client) => (await client.request('GET', '/v1/terminals/self/cursor', null)).status;

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test.each(['standard', 'national'] as const)(
    'the new key of the %s suite counts at once, the old one no more',
    async (suite) => {
      const gateway = await startGateway(makeStore);
      const client = await gateway.newTerminal('120103', suite);
      const next = terminalKey(suite);
      const answer = await change(client, next);
      expect(answer).toMatchObject({ status: 200, body: {} });
      expect(client.isSigned(answer)).toBe(true);

      const renewed = under(client, next);
      expect(await cursorOf(renewed)).toBe(200);
      const old = await client.request('GET', '/v1/terminals/self/cursor', null);
      expect(old).toMatchObject({ status: 401, body: { code: 'signature' } });
      expect(client.isSigned(old)).toBe(true);
      // The answer was lost: the same question is refused under the old key, and under the new one answered as before.
      expect(await change(client, next)).toMatchObject({ status: 401, body: { code: 'signature' } });
      expect(await change(renewed, next, { proof: 'x' })).toMatchObject({ status: 200, body: {} });

      const third = terminalKey(suite);
      expect((await change(renewed, third)).status).toBe(200);
      const former = await gateway.store.formerKeys(client.identity.terminalId);
      expect(former.map(({ publicKey }) => publicKey)).toEqual([client.key.publicKey, next.publicKey]);
      for (const { until: at } of former) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
      expect(gateway.logged.join('')).not.toContain(next.publicKey);
    },
  );

  test('without the new key’s own proof, for this terminal and in the place of this key, nothing changes', async () => {
    const gateway = await startGateway(makeStore);
    const client = await gateway.newTerminal();
    const other = await gateway.newTerminal();
    const next = terminalKey();
    const lines = ['yichuang-terminal-key-1', client.identity.terminalId, client.key.publicKey, next.publicKey];
    const bends = [
      { proofBy: client.key },
      { proofBy: other.key },
      { proof: '' },
      { text: lines.with(1, other.identity.terminalId).join('\n') },
      { text: lines.with(2, other.key.publicKey).join('\n') },
      { text: lines.with(3, client.key.publicKey).join('\n') },
    ];
    for (const bend of bends) {
      expect(await change(client, next, bend)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    }
    const national = terminalKey('national');
    expect(await change(client, national)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    for (const content of ['', '{}', '{"publicKey":"x","proof":"y"}', 'no JSON']) {
      expect(await client.request('POST', PATH, Buffer.from(content))).toMatchObject({ status: 400 });
    }
    expect(await cursorOf(client)).toBe(200);
    expect(await gateway.store.formerKeys(client.identity.terminalId)).toEqual([]);
  });

  test('a key is one terminal’s for good: neither another’s nor a former one is taken, and none enrols again', async () => {
    const gateway = await startGateway(makeStore);
    const client = await gateway.newTerminal();
    const other = await gateway.newTerminal();
    expect(await change(client, other.key)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    const next = terminalKey();
    expect((await change(client, next)).status).toBe(200);
    expect(await change(under(client, next), client.key)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(await change(other, client.key)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    const again = await enrol(gateway.url, await gateway.newCode(), client.key.publicKey);
    expect(again).toMatchObject({ status: 403, body: { code: 'revoked' } });
    expect(await cursorOf(under(client, next))).toBe(200);
  });

  test('of two that ask at once for different keys one comes through', async () => {
    const gateway = await startGateway(makeStore);
    const client = await gateway.newTerminal();
    const keys = [terminalKey(), terminalKey(), terminalKey()];
    const answers = await Promise.all(keys.map((key) => change(client, key)));
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    const valid = await Promise.all(keys.map((key) => cursorOf(under(client, key))));
    expect(valid).toEqual(answers.map(({ status }) => (status === 200 ? 200 : 401)));
    expect(await gateway.store.formerKeys(client.identity.terminalId)).toHaveLength(1);
  });

  test('a revoked terminal changes no key', async () => {
    const gateway = await startGateway(makeStore);
    const client = await gateway.newTerminal();
    await gateway.store.revoke(client.identity.terminalId);
    expect(await change(client, terminalKey())).toMatchObject({ status: 403, body: { code: 'revoked' } });
  });

  test.each(['standard', 'national'] as const)(
    'a terminal of the %s suite goes on under its new key, also when the gateway is restored to before it',
    async (suite) => {
      const gateway = await startGateway(makeStore);
      const { terminal, data, book, engine, keys, keyChange } = await enrolledAt(
        gateway.url,
        await gateway.newCode(),
        suite,
      );
      const before = rawPublicKey(keys.present);
      const sheet = { document: 'certificate', number: '120103-000101-260302-0001-5' } as Parameters<
        typeof stampSheet
      >[0];
      const { code } = stampSheet(sheet, keys.present);
      const known = async () => (await gateway.store.terminal(terminal))?.publicKey;
      engine.start();
      book.write(caseEntry());
      keyChange.begin('asked');
      book.write(caseEntry());
      await until(async () => (await known()) !== before && engine.status.unsynced === 0);
      await until(() => keys.next === null);
      const after = rawPublicKey(keys.present);
      expect(await known()).toBe(after);
      const [former] = await gateway.store.formerKeys(terminal);
      expect(codeIsGenuine(code, publicKeyOf(former?.publicKey ?? ''))).toBe(true);
      await engine.stop();

      await gateway.change(`UPDATE terminals SET public_key = '${before}'; DELETE FROM former_keys`);
      const again = await startedAt(gateway.url, data, suite);
      again.book.write(caseEntry());
      again.engine.start();
      await until(() => again.engine.status.unsynced === 0);
      expect(await known()).toBe(after);
      expect(again.engine.status).toMatchObject({ state: { at: 'online' }, quarantined: 0 });
    },
  );
});

test('the command line tells a terminal’s keys', async () => {
  const gateway = await startGateway(sqliteStore);
  const client = await gateway.newTerminal();
  const next = terminalKey();
  await change(client, next);
  const { terminalId } = client.identity;
  const ran = await runCli('terminal-keys', '--store', gateway.address.uri, '--terminal', terminalId);
  expect(JSON.parse(ran.stdout)).toEqual({
    terminal: terminalId,
    suite: 'standard',
    publicKey: next.publicKey,
    former: [{ publicKey: client.key.publicKey, until: expect.any(String) }],
  });
  expect(await runCli('terminal-keys', '--store', gateway.address.uri, '--terminal', 'nobody')).toMatchObject({
    code: 1,
  });
});
