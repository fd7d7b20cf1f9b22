import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fs, { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Identity } from '#contract/configuration.ts';
import { EnrolRequest, provisioningText } from '#contract/wire.ts';
import { enrolByCode, enrolByFile, terminalPublicKey } from '#main/service/identity/enrol.ts';
import { ensureTerminalKey, readIdentity } from '#main/service/identity/identity.ts';
import { publicKeyOf, rawPublicKey } from '#main/service/suite/suite.ts';

const gateway = generateKeyPairSync('ed25519');
const identity: Identity = {
  terminalId: '01890000-0000-7000-8000-0000000000aa',
  region: '120103',
  code: '0001',
  suite: 'standard',
  districtKey: 'A'.repeat(43),
  districtKeyId: 'district-1',
  gatewayKey: rawPublicKey(gateway.privateKey),
  epoch: 'epoch-1',
};
let etc: string;

beforeEach(() => {
  etc = join(mkdtempSync(join(tmpdir(), 'yc-identity-')), 'etc');
});

/** A provisioning file for a terminal's public key. */
function provisioning(terminalPublicKey: string, by: KeyObject = gateway.privateKey, changes: object = {}): string {
  const payload = JSON.stringify({ ...identity, ...changes, terminalPublicKey });
  const signature = sign(null, Buffer.from(provisioningText(payload)), by).toString('base64url');
  return JSON.stringify({ v: 1, payload, signature });
}

const own = () => rawPublicKey(ensureTerminalKey(etc));

/** A gateway's enrolment door. @returns its address and what it was asked. */
async function door(status: number, answer: unknown): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push(JSON.parse(text));
      response.writeHead(status).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('a terminal', () => {
  it('that was never enrolled says so', () => {
    expect(readIdentity(etc)).toMatchObject({ ok: false, error: { code: 'not-enrolled' } });
  });

  it('keeps its key to itself', () => {
    const key = own();
    expect(own()).toBe(key);
    expect(statSync(join(etc, 'terminal.key')).mode & 0o777).toBe(0o600);
    expect(statSync(etc).mode & 0o077).toBe(0);
    expect(publicKeyOf(key).export({ format: 'jwk' }).x).toBe(key);
  });

  it.each([
    ['lost', (file: string) => rmSync(file)],
    ['rubbish', (file: string) => writeFileSync(file, 'x')],
  ])('whose key is %s says so', (_what, spoil) => {
    enrolByFile({ etc, text: provisioning(own()) });
    spoil(join(etc, 'terminal.key'));
    expect(readIdentity(etc)).toMatchObject({ ok: false, error: { code: 'key-missing' } });
  });

  it.each([
    ['rubbish', '{"terminalId": 1}'],
    ['cut', JSON.stringify(identity).slice(0, 40)],
    ['without a district key that serves', JSON.stringify({ ...identity, districtKey: 'A'.repeat(42) })],
    ['without a gateway key that serves', JSON.stringify({ ...identity, gatewayKey: `${'A'.repeat(42)}+` })],
  ])('whose identity is %s is not enrolled, and can be enrolled anew', (_what, text) => {
    enrolByFile({ etc, text: provisioning(own()) });
    writeFileSync(join(etc, 'identity.json'), text);
    expect(readIdentity(etc)).toMatchObject({
      ok: false,
      error: { code: 'not-enrolled', detail: `${join(etc, 'identity.json')} is not an identity` },
    });
    expect(enrolByFile({ etc, text: provisioning(own()) })).toEqual({ ok: true, value: identity });
    expect(readIdentity(etc).ok).toBe(true);
  });

  // Root may read everything, but follows no link in a circle.
  it.each(['identity.json', 'terminal.key'])('that is refused its %s names the file', (name) => {
    enrolByFile({ etc, text: provisioning(own()) });
    rmSync(join(etc, name));
    symlinkSync(name, join(etc, name));
    const detail = expect.stringMatching(`^ELOOP: .*${name}`) as string;
    const remedy = expect.stringContaining(`give ${etc} and its files`) as string;
    expect(readIdentity(etc)).toEqual({ ok: false, error: { code: 'key-missing', detail, remedy } });
  });

  it("whose key is another user's says so", () => {
    enrolByFile({ etc, text: provisioning(own()) });
    const chmod = vi.spyOn(fs, 'chmodSync').mockImplementation(() => {
      throw Object.assign(new Error('EPERM: operation not permitted, chmod'), { syscall: 'chmod' });
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      chmod.mockRestore();
      syncBuiltinESMExports();
    });
    expect(readIdentity(etc)).toMatchObject({
      ok: false,
      error: { code: 'key-missing', detail: 'EPERM: operation not permitted, chmod' },
    });
  });
});

describe('enrolment by file', () => {
  it('takes what the gateway signed for this terminal', () => {
    expect(enrolByFile({ etc, text: provisioning(own()), gatewayKey: identity.gatewayKey })).toEqual({
      ok: true,
      value: identity,
    });
    const read = readIdentity(etc);
    expect(read.ok && read.value).toMatchObject(identity);
    expect(read.ok && rawPublicKey(read.value.key)).toBe(own());
  });

  it.each([
    ['no JSON', 'provisioning-malformed', () => 'hello'],
    ['another shape', 'provisioning-malformed', () => '{"v":1}'],
    ['another signer', 'provisioning-forged', () => provisioning(own(), generateKeyPairSync('ed25519').privateKey)],
    ['an altered payload', 'provisioning-forged', () => provisioning(own()).replace('120103', '120104')],
    [
      'a district key that is none',
      'provisioning-malformed',
      () => provisioning(own(), gateway.privateKey, { districtKey: 'x' }),
    ],
    [
      'another terminal',
      'provisioning-foreign',
      () => provisioning(rawPublicKey(generateKeyPairSync('ed25519').privateKey)),
    ],
  ])('refuses %s', (_what, code, text) => {
    expect(enrolByFile({ etc, text: text() })).toMatchObject({ ok: false, error: { code } });
    expect(readIdentity(etc).ok).toBe(false);
  });

  it('refuses a gateway other than the one that is known beforehand', () => {
    const gatewayKey = rawPublicKey(generateKeyPairSync('ed25519').privateKey);
    expect(enrolByFile({ etc, text: provisioning(own()), gatewayKey })).toMatchObject({
      ok: false,
      error: { code: 'provisioning-forged' },
    });
  });

  it('never replaces an identity', () => {
    enrolByFile({ etc, text: provisioning(own()) });
    const before = readFileSync(join(etc, 'identity.json'), 'utf8');
    expect(enrolByFile({ etc, text: provisioning(own()) })).toMatchObject({
      ok: false,
      error: { code: 'already-enrolled' },
    });
    expect(readFileSync(join(etc, 'identity.json'), 'utf8')).toBe(before);
  });
});

describe('enrolment in a folder that refuses', () => {
  it('names the folder, and asks the gateway nothing', async () => {
    writeFileSync(join(etc, '..', 'file'), '');
    const inFile = join(etc, '..', 'file', 'etc');
    const error = { code: 'folder', detail: expect.stringContaining(inFile) as string };
    expect(terminalPublicKey(inFile)).toMatchObject({ ok: false, error });
    expect(enrolByFile({ etc: inFile, text: '' })).toMatchObject({ ok: false, error });
    const { url, asked } = await door(200, identity);
    expect(await enrolByCode({ etc: inFile, url, code: 'ABCD-EFGH-JKMN-PQRS' })).toMatchObject({ ok: false, error });
    expect(asked).toEqual([]);
  });

  it('keeps an identity that it cannot read', () => {
    const key = own();
    symlinkSync('identity.json', join(etc, 'identity.json'));
    expect(enrolByFile({ etc, text: provisioning(key) })).toMatchObject({ ok: false, error: { code: 'folder' } });
  });

  it('says when the identity cannot be written', () => {
    const key = own();
    mkdirSync(join(etc, 'identity.json.new'));
    expect(enrolByFile({ etc, text: provisioning(key) })).toMatchObject({ ok: false, error: { code: 'folder' } });
  });
});

describe('enrolment by code', () => {
  const code = 'ABCD-EFGH-JKMN-PQRS';

  it('sends the code and the public key, and keeps the answer', async () => {
    const { url, asked } = await door(200, identity);
    expect(await enrolByCode({ etc, url, code: code.toLowerCase() })).toEqual({ ok: true, value: identity });
    expect(EnrolRequest.parse(asked[0])).toEqual({ code, suite: 'standard', publicKey: own() });
    expect(readIdentity(etc).ok).toBe(true);
  });

  it.each([
    ['a used code', 403, { code: 'enrol-code', message: 'used' }, 'enrol-code'],
    ['a gateway that fails', 500, { code: 'failed', message: 'oh' }, 'gateway-refused'],
    ['a login page', 200, '<html>', 'gateway-refused'],
    ['a gateway key that is none', 200, { ...identity, gatewayKey: 'x' }, 'gateway-refused'],
  ])('leaves the terminal as it was after %s', async (_what, status, answer, expected) => {
    const { url } = await door(status, answer);
    expect(await enrolByCode({ etc, url, code })).toMatchObject({ ok: false, error: { code: expected } });
    expect(readIdentity(etc)).toMatchObject({ ok: false, error: { code: 'not-enrolled' } });
  });

  it('says when nothing answers, and when the code is no code', async () => {
    expect(await enrolByCode({ etc, url: 'http://127.0.0.1:1', code })).toMatchObject({
      error: { code: 'gateway-away' },
    });
    expect(await enrolByCode({ etc, url: 'http://127.0.0.1:1', code: '1234' })).toMatchObject({
      error: { code: 'enrol-code' },
    });
  });
});
