import { describe, expect, it } from 'vitest';
import { Configuration, Identity, writtenIdentity } from '#contract/configuration.ts';
import { contentDigest, parseSignatureInput, requestSignature } from '#contract/signatures.ts';
import { suiteOfPublicKey } from '#contract/suite.ts';
import { EnrolRequest } from '#contract/wire.ts';
import { settings } from '../service/fixture.ts';

const ED25519 = 'A'.repeat(43);
const SM2 = `BA${'a'.repeat(84)}A`;
const CODE = 'AAAA-BBBB-CCCC-DDDD';

const identity = {
  terminalId: '01890000-0000-7000-8000-0000000000aa',
  region: '120103',
  code: '0001',
  districtKey: ED25519,
  districtKeyId: 'district-1',
  gatewayKey: ED25519,
  epoch: 'epoch-1',
};

describe('a public key', () => {
  it('tells its suite by its form', () => {
    expect(suiteOfPublicKey(ED25519)).toBe('standard');
    expect(suiteOfPublicKey(SM2)).toBe('national');
  });

  it.each([
    ['empty', ''],
    ['of a compressed point', 'A'.repeat(44)],
    ['of a point that does not begin with 4', `CA${'a'.repeat(84)}A`],
    ['with bits behind its end', `BA${'a'.repeat(84)}B`],
  ])('%s is of none', (_what, raw) => {
    expect(suiteOfPublicKey(raw)).toBeNull();
  });
});

describe('a request to enrol', () => {
  it('of the first release names no suite and is standard', () => {
    expect(EnrolRequest.parse({ code: CODE, publicKey: ED25519 }).suite).toBe('standard');
  });

  it('names the suite of its key and no other', () => {
    expect(EnrolRequest.safeParse({ code: CODE, suite: 'national', publicKey: SM2 }).success).toBe(true);
    expect(EnrolRequest.safeParse({ code: CODE, suite: 'national', publicKey: ED25519 }).success).toBe(false);
    expect(EnrolRequest.safeParse({ code: CODE, publicKey: SM2 }).success).toBe(false);
    expect(EnrolRequest.safeParse({ code: CODE, suite: 'other', publicKey: ED25519 }).success).toBe(false);
  });
});

describe('an identity', () => {
  it('of the first release is standard, and is written so that it reads it too', () => {
    expect(writtenIdentity(Identity.parse(identity))).toEqual(identity);
  });

  it('of the national suite says so and holds keys of it alone', () => {
    const national = { ...identity, suite: 'national', districtKey: SM2, gatewayKey: SM2 };
    expect(writtenIdentity(Identity.parse(national))).toEqual(national);
    expect(Identity.safeParse({ ...national, districtKey: ED25519 }).success).toBe(false);
    expect(Identity.safeParse({ ...national, gatewayKey: ED25519 }).success).toBe(false);
    expect(Identity.safeParse({ ...identity, gatewayKey: SM2 }).success).toBe(false);
  });
});

describe('terminal.yaml', () => {
  it('chooses the suite, standard when it says nothing', () => {
    expect(Configuration.parse(settings).gateway.suite).toBe('standard');
    const gateway = { ...settings.gateway, suite: 'national' };
    expect(Configuration.parse({ ...settings, gateway }).gateway.suite).toBe('national');
    expect(Configuration.safeParse({ ...settings, gateway: { ...gateway, suite: 'sm2' } }).success).toBe(false);
  });
});

describe('what is signed', () => {
  const request = { method: 'GET', path: '/', query: '?', terminal: 'a', contentDigest: null };
  const parameters = { created: 1, nonce: 'abcdefghijklmnop', keyid: 'a' };

  it('names its algorithm, and is read back by it', () => {
    for (const [suite, alg] of [
      ['standard', 'ed25519'],
      ['national', 'sm2sig_sm3'],
    ] as const) {
      const { input } = requestSignature(request, { suite, ...parameters });
      expect(input).toContain(`;alg="${alg}"`);
      expect(parseSignatureInput(`yichuang=${input}`)).toMatchObject({ suite, ...parameters });
    }
    const { input } = requestSignature(request, { suite: 'standard', ...parameters });
    expect(parseSignatureInput(`yichuang=${input.replace('ed25519', 'hmac_sha256')}`)).toBeNull();
  });

  it('rests on a digest of its suite', () => {
    expect(contentDigest('standard', 'AA==')).toBe('sha-256=:AA==:');
    expect(contentDigest('national', 'AA==')).toBe('sm3=:AA==:');
  });
});
