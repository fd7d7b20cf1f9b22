import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Client, Journal, ndjson, terminalKey } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  const BATCHES = '/v1/terminals/self/batches';

  async function stand() {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const content = zstdCompressSync(ndjson([writer.plain('help', { ticket: crypto.randomUUID(), why: 'called' })]));
    const taken = async () => (await gateway.store.counts()).entries;
    return { gateway, terminal, content, taken };
  }

  test('an honest batch is taken, and its answer is signed for this request only', async () => {
    const { terminal, content, taken } = await stand();
    const answer = await terminal.batch(content);
    expect(answer.status).toBe(200);
    expect(terminal.isSigned(answer)).toBe(true);
    expect(terminal.isSigned(answer, 'A'.repeat(22))).toBe(false);
    expect(terminal.isSigned({ ...answer, content: Buffer.from(answer.text.replace('stored', 'duplicate')) })).toBe(
      false,
    );
    expect(await taken()).toBe(1);
  });

  test('an answer acknowledges nothing for another terminal, whatever nonce it was asked with', async () => {
    const { gateway, terminal, content } = await stand();
    const victim = await gateway.newTerminal();
    const answer = await terminal.batch(content);
    expect([answer.status, terminal.isSigned(answer), victim.isSigned(answer)]).toEqual([200, true, false]);
  });

  test('what anyone may ask is not signed: it would pass for an answer to the terminal that is named', async () => {
    const health = { intakeState: () => 'running', notReady: async () => [] };
    const gateway = await startGateway(makeStore, { health });
    const { terminalId } = (await gateway.newTerminal()).identity;
    const named = `created=1;nonce="${'n'.repeat(16)}";keyid="${terminalId}";alg="ed25519"`;
    const headers = { 'yichuang-terminal': terminalId, 'signature-input': `yichuang=("@method");${named}` };
    const answer = await fetch(`${gateway.url}/healthz`, { headers });
    expect([answer.status, answer.headers.get('signature')]).toEqual([200, null]);
  });

  test('the cursor is signed with its query', async () => {
    const { terminal } = await stand();
    const answer = await terminal.request('GET', '/v1/terminals/self/cursor?incarnation=3', null);
    expect(answer).toMatchObject({ status: 200, body: { incarnation: 3, contiguousSeq: 0, headHash: '0'.repeat(64) } });
    expect(terminal.isSigned(answer)).toBe(true);
    const altered = await terminal.request('GET', '/v1/terminals/self/cursor?incarnation=3', null, {
      send: { path: '/v1/terminals/self/cursor?incarnation=4' },
    });
    expect(altered).toMatchObject({ status: 401, body: { code: 'signature' } });
  });

  test('an altered body is refused by its digest', async () => {
    const { terminal, content, taken } = await stand();
    const altered = Uint8Array.from(content);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const answer = await terminal.batch(content, { send: { body: altered } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'digest' } });
    expect(terminal.isSigned(answer)).toBe(true);
    expect(await taken()).toBe(0);
  });

  test('an altered body with a digest to match is refused by its signature', async () => {
    const { terminal, content, taken } = await stand();
    const digest = `sha-256=:${'A'.repeat(43)}=:`;
    const answer = await terminal.batch(content, { headers: { 'content-digest': digest } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
    expect(await taken()).toBe(0);
  });

  test('a signature moved to another path, method or terminal is refused', async () => {
    const { gateway, terminal, content, taken } = await stand();
    const other = await gateway.newTerminal();
    const moves = [
      { path: '/v1/terminals/self/heartbeat' },
      { path: `${BATCHES}?x=1` },
      { terminal: other.identity.terminalId },
    ];
    for (const send of moves) {
      expect(await terminal.batch(content, { send })).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
    const get = await terminal.request('POST', '/v1/terminals/self/cursor', null, { send: { method: 'GET' } });
    expect(get).toMatchObject({ status: 401, body: { code: 'signature' } });
    expect(await taken()).toBe(0);
  });

  test("another key's signature is refused, also under another key's name", async () => {
    const { terminal, content, taken } = await stand();
    const stranger = terminalKey();
    for (const bend of [{ key: stranger }, { keyid: 'somebody' }]) {
      expect(await terminal.batch(content, bend)).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
    expect(await taken()).toBe(0);
  });

  test('an unknown terminal is told so', async () => {
    const { gateway, terminal } = await stand();
    const key = terminalKey();
    const stranger = new Client(gateway.url, { ...terminal.identity, terminalId: crypto.randomUUID() }, key);
    const answer = await stranger.request('GET', '/v1/terminals/self/cursor', null);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unknown-terminal' } });
    expect(stranger.isSigned(answer)).toBe(true);
  });

  test('a clock off by more than five minutes gets the signed time, bound to its nonce', async () => {
    const { terminal, content, taken } = await stand();
    for (const createdOffsetS of [-310, 310, 365 * 86_400]) {
      const answer = await terminal.batch(content, { createdOffsetS });
      expect(answer).toMatchObject({ status: 401, body: { code: 'clock' } });
      expect(terminal.isSigned(answer)).toBe(true);
      const created = Number(/created=(\d+)/.exec(answer.headers.get('signature-input') ?? '')?.[1]);
      expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
    }
    expect(await taken()).toBe(0);
    expect((await terminal.batch(content, { createdOffsetS: -280 })).status).toBe(200);
  });

  test('a forger with a wrong clock learns nothing but that the signature is wrong', async () => {
    const { terminal, content } = await stand();
    const answer = await terminal.batch(content, { key: terminalKey(), createdOffsetS: -9999 });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
  });

  test('without a signature, with half of one or a foreign one, nothing is taken', async () => {
    const { gateway, terminal, content } = await stand();
    const bare = await fetch(`${gateway.url}${BATCHES}`, { method: 'POST', body: Uint8Array.from(content) });
    expect(bare.status).toBe(401);
    expect(bare.headers.get('signature')).toBeNull();
    for (const signature of ['', 'yichuang=::', 'sig1=:AAAA:', `yichuang=:${'A'.repeat(86)}==:`]) {
      const answer = await terminal.batch(content, { headers: { signature } });
      expect(answer).toMatchObject({ status: 401, body: { code: 'signature' } });
    }
  });

  test('a replayed batch changes nothing: every entry is a duplicate', async () => {
    const { gateway, terminal, content } = await stand();
    await terminal.batch(content);
    const before = await gateway.rows('SELECT * FROM entries');
    for (let i = 0; i < 3; i += 1) {
      expect((await terminal.batch(content)).body).toMatchObject({ entries: [{ result: 'duplicate' }] });
    }
    expect(await gateway.rows('SELECT * FROM entries')).toEqual(before);
  });

  test('a heartbeat is kept, the newest only', async () => {
    const { gateway, terminal } = await stand();
    const beat = {
      software: 'yichuang 0.1.0',
      catalogue: 'c'.repeat(64),
      unsynced: 3,
      oldestUnsyncedSeconds: 60,
      devices: { 'receipt-printer': 'ready' },
      diskFreeBytes: 1_000_000,
    };
    expect((await terminal.heartbeat(beat)).status).toBe(200);
    const answer = await terminal.heartbeat({ ...beat, unsynced: 0, oldestUnsyncedSeconds: null });
    expect(answer.status).toBe(200);
    expect(terminal.isSigned(answer)).toBe(true);
    const rows = await gateway.rows('SELECT beat FROM heartbeats');
    expect(rows.map(({ beat }) => JSON.parse(String(beat)))).toMatchObject([{ unsynced: 0 }]);
    expect(await terminal.heartbeat({ ...beat, name: 'x' })).toMatchObject({
      status: 400,
      body: { code: 'malformed' },
    });
  });

  test('an address that does not exist answers in the same words, signed', async () => {
    const { terminal } = await stand();
    const answer = await terminal.request('GET', '/v1/elsewhere', null);
    expect(answer).toMatchObject({ status: 404, body: { code: 'malformed' } });
    expect(terminal.isSigned(answer)).toBe(true);
  });
});
