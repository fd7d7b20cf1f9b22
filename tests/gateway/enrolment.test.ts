import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Identity } from '#contract/configuration.ts';
import { enrol, terminalKey } from './client.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  test('a code admits a terminal, which learns who it is', async () => {
    const gateway = await startGateway(makeStore);
    const code = await gateway.newCode('120104');
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    const answer = await enrol(gateway.url, code, terminalKey().publicKey);
    expect(answer.status).toBe(200);
    expect(Identity.parse(answer.body)).toMatchObject({
      region: '120104',
      code: '0001',
      epoch: await gateway.store.epoch(),
    });
  });

  test('terminals are numbered in order within their region', async () => {
    const gateway = await startGateway(makeStore);
    const codes = [];
    for (const region of ['120103', '120103', '120101', '120103']) {
      codes.push((await gateway.newTerminal(region)).identity.code);
    }
    expect(codes).toEqual(['0001', '0002', '0001', '0003']);
  });

  test('a code serves one key; the same key may ask again when the answer was lost', async () => {
    const gateway = await startGateway(makeStore);
    const code = await gateway.newCode();
    const { publicKey } = terminalKey();
    const first = await enrol(gateway.url, code, publicKey);
    const again = await enrol(gateway.url, code, publicKey);
    expect(again).toMatchObject({ status: 200, body: first.body });
    const other = await enrol(gateway.url, code, terminalKey().publicKey);
    expect(other).toMatchObject({ status: 403, body: { code: 'enrol-code' } });
    expect(await gateway.store.counts()).toMatchObject({ terminals: 1 });
  });

  test('the same key with another code is the same terminal', async () => {
    const gateway = await startGateway(makeStore);
    const { publicKey } = terminalKey();
    const first = await enrol(gateway.url, await gateway.newCode(), publicKey);
    const second = await enrol(gateway.url, await gateway.newCode(), publicKey);
    expect(second.body).toEqual(first.body);
  });

  test('another text of the same key is none: it would pass for a second terminal', async () => {
    const gateway = await startGateway(makeStore);
    const { publicKey } = terminalKey();
    const last = 'AEIMQUYcgkosw048'.indexOf(publicKey.slice(-1));
    const other = publicKey.slice(0, -1) + 'BFJNRVZdhlptx159'.charAt(last);
    expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(publicKey, 'base64url'));
    expect(await enrol(gateway.url, await gateway.newCode(), other)).toMatchObject({
      status: 400,
      body: { code: 'malformed' },
    });
    expect((await enrol(gateway.url, await gateway.newCode(), publicKey)).status).toBe(200);
    expect(await gateway.store.counts()).toMatchObject({ terminals: 1 });
  });

  test('a code is worth nothing after 15 minutes', async () => {
    const gateway = await startGateway(makeStore);
    const [early, late] = [await gateway.newCode(), await gateway.newCode()];
    gateway.clock.offsetMs = 14 * 60_000;
    expect((await enrol(gateway.url, early, terminalKey().publicKey)).status).toBe(200);
    gateway.clock.offsetMs = 15 * 60_000 + 1000;
    const answer = await enrol(gateway.url, late, terminalKey().publicKey);
    expect(answer).toMatchObject({ status: 403, body: { code: 'enrol-code' } });
  });

  test('a wrong code and a wrong form are told apart, and neither is stored or logged', async () => {
    const gateway = await startGateway(makeStore);
    await gateway.newCode();
    const wrong = await enrol(gateway.url, 'AAAA-BBBB-CCCC-DDDD', terminalKey().publicKey);
    expect(wrong).toMatchObject({ status: 403, body: { code: 'enrol-code' } });
    expect(await enrol(gateway.url, 'short', 'x')).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(gateway.logged.join()).not.toContain('AAAA-BBBB');
  });

  test('codes are stored hashed, and letters that look alike are read alike', async () => {
    const gateway = await startGateway(makeStore);
    const code = await gateway.newCode();
    expect(JSON.stringify(await gateway.rows('SELECT * FROM enrol_codes'))).not.toContain(code);
    const misread = code.replaceAll('0', 'O').replaceAll('1', 'I');
    expect((await enrol(gateway.url, misread, terminalKey().publicKey)).status).toBe(200);
  });

  test('a region without a free code says so', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    await gateway.change(`UPDATE terminals SET code = '9999' WHERE id = '${terminal.identity.terminalId}'`);
    const answer = await enrol(gateway.url, await gateway.newCode(), terminalKey().publicKey);
    expect(answer).toMatchObject({
      status: 500,
      body: { code: 'failed', message: 'the region has no terminal code left' },
    });
  });

  test('a revoked terminal is told so, signed, and its key never comes back', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    expect(await gateway.store.revoke(terminal.identity.terminalId)).toBe(true);
    const answer = await terminal.request('GET', '/v1/terminals/self/cursor', null);
    expect(answer).toMatchObject({ status: 403, body: { code: 'revoked' } });
    expect(terminal.isSigned(answer)).toBe(true);
    const again = await enrol(gateway.url, await gateway.newCode(), terminal.key.publicKey);
    expect(again).toMatchObject({ status: 403, body: { code: 'revoked' } });
  });

  test("the identity's gateway key is a key that verifies", async () => {
    const gateway = await startGateway(makeStore);
    const { identity } = await gateway.newTerminal();
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: identity.gatewayKey }, format: 'jwk' });
    expect(verify(null, Buffer.from('x'), key, Buffer.alloc(64))).toBe(false);
  });
});
