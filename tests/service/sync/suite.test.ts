import { expect, it } from 'vitest';
import { contentDigest, responseSignature } from '#contract/signatures.ts';
import { Suite } from '#contract/suite.ts';
import { checkRequest } from '#gateway/http/signatures.ts';
import { hashOf, newKey, publicKeyOf, rawPublicKey, signText } from '#main/service/suite/suite.ts';
import { signedHeaders, verifiedTime } from '#main/service/sync/signing.ts';

const NONCE = 'abcdefghijklmnop';
const TERMINAL = '01890000-0000-7000-8000-0000000000aa';
const NOW = new Date('2026-03-02T09:30:00Z');
const content = Buffer.from('{}');

/** An answer as a gateway with this key gives it, under the name and with the digest of a suite. */
function answer(
  key: ReturnType<typeof newKey>,
  says: { alg: Suite; digest: Suite; nonce?: string; terminal?: string },
) {
  const digest = contentDigest(says.digest, hashOf(says.digest, content).toString('base64'));
  const created = NOW.getTime() / 1000;
  const parameters = { suite: says.alg, created, nonce: says.nonce ?? NONCE, keyid: 'gateway' };
  const { input, base } = responseSignature(200, digest, says.terminal ?? TERMINAL, parameters);
  const headers: Record<string, string> = {
    'content-digest': digest,
    'signature-input': `yichuang=${input}`,
    signature: `yichuang=:${Buffer.from(signText(base, key)).toString('base64')}:`,
  };
  return { status: 200, content, header: (name: string) => headers[name] };
}

it.each(Suite.options)('a %s terminal believes its gateway, and only in its own suite', (suite) => {
  const other = Suite.options.find((option) => option !== suite) ?? suite;
  const gateway = newKey(suite);
  const known = publicKeyOf(rawPublicKey(gateway));
  const expected = { suite, gateway: () => known, nonce: NONCE, terminal: TERMINAL };
  expect(verifiedTime(answer(gateway, { alg: suite, digest: suite }), expected)).toEqual(NOW);

  expect(verifiedTime(answer(gateway, { alg: other, digest: other }), expected)).toBeNull();
  expect(verifiedTime(answer(gateway, { alg: suite, digest: other }), expected)).toBeNull();
  expect(verifiedTime(answer(newKey(suite), { alg: suite, digest: suite }), expected)).toBeNull();
  expect(verifiedTime(answer(newKey(other), { alg: suite, digest: suite }), expected)).toBeNull();
  expect(verifiedTime(answer(newKey(other), { alg: other, digest: other }), expected)).toBeNull();
  const replayed = answer(gateway, { alg: suite, digest: suite, nonce: 'ponmlkjihgfedcba' });
  expect(verifiedTime(replayed, expected)).toBeNull();
  const another = '01890000-0000-7000-8000-0000000000bb';
  expect(verifiedTime(answer(gateway, { alg: suite, digest: suite, terminal: another }), expected)).toBeNull();
});

it.each(Suite.options)('a %s request is what the gateway checks, for terminals of that suite alone', (suite) => {
  const key = newKey(suite);
  const request = { method: 'POST', path: '/v1/x', query: '?', content } as const;
  const headers = signedHeaders(request, { suite, terminal: TERMINAL, key, now: NOW, nonce: NONCE });
  const signed = {
    method: 'POST',
    path: '/v1/x',
    query: '?',
    terminal: TERMINAL,
    contentDigest: headers['content-digest'] ?? null,
  };
  const given = { signatureInput: headers['signature-input'], signature: headers['signature'] };
  const check = (by: Suite, publicKey: string) => checkRequest(signed, given, { suite: by, publicKey }, NOW).ok;
  expect(check(suite, rawPublicKey(key))).toBe(true);
  expect(check(suite, rawPublicKey(newKey(suite)))).toBe(false);
  for (const other of Suite.options.filter((option) => option !== suite)) {
    expect(check(other, rawPublicKey(newKey(other)))).toBe(false);
  }
});
