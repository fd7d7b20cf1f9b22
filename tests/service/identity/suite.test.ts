import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Identity } from '#contract/configuration.ts';
import { provisioningText } from '#contract/wire.ts';
import { enrolByCode, enrolByFile, terminalPublicKey } from '#main/service/identity/enrol.ts';
import { readIdentity } from '#main/service/identity/identity.ts';
import { newKey, rawPublicKey, signText, suiteOf } from '#main/service/suite/suite.ts';

const gateway = newKey('national');
const identity: Identity = {
  terminalId: '01890000-0000-7000-8000-0000000000aa',
  region: '120103',
  code: '0001',
  suite: 'national',
  districtKey: rawPublicKey(newKey('national')),
  districtKeyId: 'district-1',
  gatewayKey: rawPublicKey(gateway),
  epoch: 'epoch-1',
};
const suite = 'national';
/** 65 bytes in the right form that are no point of the curve. */
const BESIDE = `BA${'A'.repeat(85)}`;
let etc: string;

beforeEach(() => {
  etc = join(mkdtempSync(join(tmpdir(), 'yc-suite-')), 'etc');
});

function own(): string {
  const key = terminalPublicKey(etc, suite);
  if (!key.ok) throw new Error(key.error.code);
  return key.value;
}

function provisioning(changes: object = {}, by = gateway): string {
  const payload = JSON.stringify({ ...identity, ...changes, terminalPublicKey: own() });
  const signature = Buffer.from(signText(provisioningText(payload), by)).toString('base64url');
  return JSON.stringify({ v: 1, payload, signature });
}

/** A gateway's enrolment door that always gives the same answer. */
async function door(answer: unknown): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push(JSON.parse(text));
      response.writeHead(200).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a terminal that enrols with the national suite', () => {
  it('keeps an SM2 key to itself, beside one that it may have made before', () => {
    const standard = terminalPublicKey(etc);
    const key = own();
    expect(own()).toBe(key);
    expect(statSync(join(etc, 'terminal-sm2.key')).mode & 0o777).toBe(0o600);
    expect(terminalPublicKey(etc)).toEqual(standard);
  });

  it('takes a file that the gateway signed for it', () => {
    const { gatewayKey } = identity;
    expect(enrolByFile({ etc, text: provisioning(), suite, gatewayKey })).toEqual({ ok: true, value: identity });
    const read = readIdentity(etc, suite);
    expect(read.ok && suiteOf(read.value.key)).toBe('national');
    expect(read.ok && suiteOf(read.value.gateway)).toBe('national');
    expect(JSON.parse(readFileSync(join(etc, 'identity.json'), 'utf8'))).toMatchObject({ suite: 'national' });
  });

  it('tells the gateway its suite and its key, and keeps the answer', async () => {
    const { url, asked } = await door(identity);
    expect(await enrolByCode({ etc, url, code: 'ABCD-EFGH-JKMN-PQRS', suite })).toEqual({ ok: true, value: identity });
    expect(asked).toEqual([{ code: 'ABCD-EFGH-JKMN-PQRS', suite: 'national', publicKey: own() }]);
  });

  it('is not told of by a standard one, which gateways of the first release would refuse', async () => {
    const { url, asked } = await door({});
    await enrolByCode({ etc, url, code: 'ABCD-EFGH-JKMN-PQRS' });
    expect(Object.keys(asked[0] as object)).toEqual(['code', 'publicKey']);
  });
});

describe('what a national terminal refuses', () => {
  it.each([
    ['a signature of another SM2 key', () => provisioning({}, newKey('national')), 'provisioning-forged'],
    ['a signature of an Ed25519 key', () => provisioning({}, newKey('standard')), 'provisioning-forged'],
    ['a gateway key beside the curve', () => provisioning({ gatewayKey: BESIDE }), 'provisioning-malformed'],
    ['a district key beside the curve', () => provisioning({ districtKey: BESIDE }), 'provisioning-malformed'],
    [
      'a district key of the other suite',
      () => provisioning({ districtKey: 'A'.repeat(43) }),
      'provisioning-malformed',
    ],
    ['a file that was cut', () => provisioning().slice(0, 200), 'provisioning-malformed'],
  ])('%s in a file', (_what, text, code) => {
    expect(enrolByFile({ etc, text: text(), suite })).toMatchObject({ ok: false, error: { code } });
    expect(existsSync(join(etc, 'identity.json'))).toBe(false);
  });

  it('a file that was made for its Ed25519 key', () => {
    const standard = newKey('standard');
    const made = terminalPublicKey(etc);
    const keys = { districtKey: 'A'.repeat(43), gatewayKey: rawPublicKey(standard) };
    const payload = JSON.stringify({
      ...identity,
      ...keys,
      suite: 'standard',
      terminalPublicKey: made.ok ? made.value : '',
    });
    const signature = Buffer.from(signText(provisioningText(payload), standard)).toString('base64url');
    const text = JSON.stringify({ v: 1, payload, signature });
    expect(enrolByFile({ etc, text, suite })).toMatchObject({ ok: false, error: { code: 'provisioning-foreign' } });
    expect(enrolByFile({ etc, text })).toMatchObject({ ok: true });
  });

  it.each([
    [
      'an identity of the standard suite',
      { suite: 'standard', districtKey: 'A'.repeat(43), gatewayKey: 'A'.repeat(43) },
    ],
    ['a gateway key beside the curve', { gatewayKey: BESIDE }],
  ])('%s in an answer', async (_what, changes) => {
    const { url } = await door({ ...identity, ...changes });
    const answer = await enrolByCode({ etc, url, code: 'ABCD-EFGH-JKMN-PQRS', suite });
    expect(answer).toMatchObject({ ok: false, error: { code: 'gateway-refused' } });
    expect(existsSync(join(etc, 'identity.json'))).toBe(false);
  });
});

describe('an enrolled national terminal', () => {
  it('does not start as a standard one: terminal.yaml and identity must say the same', () => {
    enrolByFile({ etc, text: provisioning(), suite });
    expect(readIdentity(etc)).toEqual({
      ok: false,
      error: {
        code: 'not-enrolled',
        detail: 'gateway.suite is standard, but this terminal was enrolled with the national suite',
        remedy: 'write suite: national into terminal.yaml, or enrol the terminal anew with empty folders',
      },
    });
    expect(enrolByFile({ etc, text: provisioning() })).toMatchObject({ error: { code: 'already-enrolled' } });
  });

  it.each([
    ['rubbish', 'x'],
    ['an Ed25519 key', newKey('standard').export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('whose key became %s says so', (_what, text) => {
    enrolByFile({ etc, text: provisioning(), suite });
    writeFileSync(join(etc, 'terminal-sm2.key'), text);
    expect(readIdentity(etc, suite)).toMatchObject({
      ok: false,
      error: { code: 'key-missing', detail: expect.stringContaining('not a key of the national suite') as string },
    });
  });

  it('whose identity was given a key beside the curve is not enrolled', () => {
    enrolByFile({ etc, text: provisioning(), suite });
    writeFileSync(join(etc, 'identity.json'), JSON.stringify({ ...identity, gatewayKey: BESIDE }));
    expect(readIdentity(etc, suite)).toMatchObject({ ok: false, error: { code: 'not-enrolled' } });
  });
});
