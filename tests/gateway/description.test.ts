/** docs/wire.md against the code: a description that has gone out of date fails here. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dictionaries } from '#contract/dictionaries.ts';
import { requestSignature, responseSignature } from '#contract/signatures.ts';
import {
  BatchAnswer,
  Cursor,
  EntryAnswer,
  EntryKind,
  entryHashText,
  Heartbeat,
  KeyOpen,
  limits,
  paths,
  SealedPart,
  SyncWord,
  WireEntry,
  WireError,
  WrappedKey,
} from '#contract/wire.ts';
import { checkRequest } from '#gateway/http/signatures.ts';
import { dayKeyOpener, openSealedPart, unwrapCaseKey } from '#gateway/intake/unseal.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { signedHeaders, verifiedTime } from '#main/service/sync/signing.ts';

const page = readFileSync(new URL('../../docs/wire.md', import.meta.url), 'utf8');
const blocks = new Map(
  Array.from(page.matchAll(/^```(?:json|text) ([a-z0-9-]+)\n(.*?)\n```$/gms), ([, name = '', text = '']) => [
    name,
    text,
  ]),
);

function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`there is no block ${name}`);
  return text;
}

const values = new Map(
  block('keys')
    .split('\n')
    .map((line) => line.split(/ {2,}/) as [string, string]),
);

function bytes(name: string): Buffer {
  return Buffer.from(values.get(name) ?? '', 'hex');
}

/** PKCS8 (RFC 8410) around the raw bytes. */
function privateKey(name: string, oid: '6e' | '70'): KeyObject {
  const key = Buffer.concat([Buffer.from(`302e020100300506032b65${oid}04220420`, 'hex'), bytes(name)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** The first line and the headers of a request or an answer. */
function head(name: string): { first: string[]; header: (name: string) => string | undefined } {
  const [first = '', ...rest] = block(name).split('\n');
  const headers = new Map(rest.map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]));
  return { first: first.split(' '), header: (wanted) => headers.get(wanted) };
}

const content = `${block('content')}\n`;
const entries = block('content')
  .split('\n')
  .map((line) => WireEntry.parse(JSON.parse(line)));
const terminal = entries[0]?.terminal ?? '';
const suite = 'standard' as const;
const owner = { terminal, suite };

test('the keys of the example belong together', () => {
  const pairs = [
    ['terminal', '70'],
    ['gateway', '70'],
    ['district', '6e'],
  ] as const;
  for (const [whose, oid] of pairs) {
    const { x } = createPublicKey(privateKey(`${whose} private key`, oid)).export({ format: 'jwk' });
    expect(values.get(`${whose} public key`)).toBe(x);
  }
});

test('the gateway finds the entries of the example fit, and their texts are the ones that it hashes', () => {
  for (const [i, entry] of entries.entries()) {
    expect(checkEntry(entry, { id: terminal, suite })?.fault).toBeNull();
    expect(entry.body).toBe(block(`body-${i + 1}`));
    expect(entryHashText(entry)).toBe(block(`hash-text-${i + 1}`));
    expect(entry.hash).toBe(block(`hash-${i + 1}`));
    expect(entry.prevHash).toBe(entries[i - 1]?.hash ?? '0'.repeat(64));
  }
  expect(entries[1]?.keys).toEqual([JSON.parse(block('wrapped'))]);
});

test('the intake opens the day key, the case key and the personal part of the example', async () => {
  const opener = await dayKeyOpener(suite, privateKey('district private key', '6e'));
  const key = KeyOpen.parse(JSON.parse(block('body-1')).open);
  expect(block('hpke').split('\n').slice(-2)).toEqual([`enc            ${key.enc}`, `data           ${key.data}`]);
  expect(key.districtKeyId).toBe(values.get('district key id'));
  const dayKey = await opener.open(terminal, key);
  expect(dayKey).toEqual(new Uint8Array(bytes('day key')));
  const caseKey = unwrapCaseKey(owner, WrappedKey.parse(JSON.parse(block('wrapped'))), bytes('day key'));
  expect(caseKey).toEqual(bytes('case key'));
  const part = SealedPart.parse(JSON.parse(block('body-2')).sealed);
  const opened = openSealedPart({ ...owner, id: entries[1]?.id ?? '', kind: 'case' }, part, bytes('case key'));
  expect(opened).toEqual({ ok: true, value: JSON.parse(block('personal')) });
});

test('a terminal signs the requests of the example as they stand there, and the gateway takes them', () => {
  const requests = [
    { name: 'batch', content: Buffer.from(content) },
    { name: 'cursor', content: null },
  ];
  for (const request of requests) {
    const { first, header } = head(`${request.name}-head`);
    const [method = '', target = ''] = first;
    const [path = '', query = ''] = target.split('?');
    const created = Number(/created=(\d+)/.exec(header('signature-input') ?? '')?.[1]);
    const nonce = /nonce="(.*?)"/.exec(header('signature-input') ?? '')?.[1] ?? '';
    const now = new Date(created * 1000);
    const outgoing = { method: method as 'GET' | 'POST', path, query: `?${query}`, content: request.content };
    const key = privateKey('terminal private key', '70');
    for (const [name, value] of Object.entries(signedHeaders(outgoing, { ...owner, key, now, nonce }))) {
      expect(header(name)).toBe(value);
    }
    const signed = { ...outgoing, terminal, contentDigest: header('content-digest') ?? null };
    expect(requestSignature(signed, { suite, created, nonce, keyid: terminal }).base).toBe(
      block(`${request.name}-base`),
    );
    const given = { signatureInput: header('signature-input'), signature: header('signature') };
    expect(checkRequest(signed, given, { suite, publicKey: values.get('terminal public key') ?? '' }, now)).toEqual({
      ok: true,
    });
  }
});

test('a terminal believes the answer of the example', () => {
  const { first, header } = head('answer-head');
  const answer = { status: Number(first[1]), header, content: Buffer.from(block('answer-content')) };
  const nonce = /nonce="(.*?)"/.exec(header('signature-input') ?? '')?.[1] ?? '';
  const gateway = createPublicKey(privateKey('gateway private key', '70'));
  const time = verifiedTime(answer, { suite, gateway: () => gateway, nonce, terminal });
  expect(time).not.toBeNull();
  const created = Number(time) / 1000;
  const { base } = responseSignature(200, header('content-digest') ?? '', terminal, {
    suite,
    created,
    nonce,
    keyid: 'gateway',
  });
  expect(base).toBe(block('answer-base'));
  const { cursor } = BatchAnswer.parse(JSON.parse(block('answer-content')));
  expect(cursor.headHash).toBe(block('hash-2'));
});

test('the dictionaries stand there byte by byte', () => {
  expect(Object.keys(dictionaries)).toEqual(['1', '2']);
  expect(block('dictionary-1')).toBe(dictionaries[1].data);
  expect(page).toContain(`these ${Buffer.from(dictionaries[1].data).length} bytes of UTF-8`);
  const trained = Buffer.from(dictionaries[2].data, dictionaries[2].encoding);
  expect(readFileSync(new URL('../../docs/dictionary-2.zdict', import.meta.url))).toEqual(trained);
  expect(page).toContain(`the ${trained.length.toLocaleString('en-US')} bytes of [dictionary-2.zdict]`);
  expect(page).toContain(`\`${createHash('sha256').update(trained).digest('hex')}\``);
});

test('every address, word and limit of the contract is named', () => {
  for (const path of Object.values(paths)) expect(page).toMatch(new RegExp(`^(GET|POST) ${path}$`, 'm'));
  const members = [Cursor, Heartbeat, WireEntry, EntryAnswer, WireError].flatMap(({ shape }) => Object.keys(shape));
  const words = [EntryKind, SyncWord, EntryAnswer.shape.result, WireError.shape.code].flatMap(({ options }) => [
    ...options,
  ]);
  for (const word of [...members, ...words]) expect(page).toMatch(new RegExp(`[\`"]${word}[\`"]`));
  for (const limit of Object.values(limits)) expect(page).toContain(`| ${limit.toLocaleString('en-US')} |`);
});
