import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { sm4 } from 'sm-crypto-v2';
import { describe, expect, it } from 'vitest';
import { Suite } from '#contract/suite.ts';
import { opened } from '#gateway/suite/aead.ts';
import type { SheetPaper } from '#main/service/documents/paper.ts';
import { codeIsGenuine, stampSheet } from '#main/service/documents/stamp.ts';
import { sealed } from '#main/service/sealing/aead.ts';
import {
  hashOf,
  newKey,
  publicKeyOf,
  rawPublicKey,
  signText,
  suiteOf,
  textIsSigned,
} from '#main/service/suite/suite.ts';
import { sm4GcmSeal } from '../../gateway/national.ts';
import { GCM, HASHED, hex } from '../../gateway/vectors.ts';

describe.each(Suite.options)('the %s suite', (suite) => {
  const key = newKey(suite);
  const other = Suite.options.find((option) => option !== suite) ?? suite;

  it('knows its keys again in the form in which they travel', () => {
    expect(suiteOf(key)).toBe(suite);
    const publicKey = publicKeyOf(rawPublicKey(key));
    expect(suiteOf(publicKey)).toBe(suite);
    expect(textIsSigned('text', signText('text', key), publicKey)).toBe(true);
    expect(textIsSigned('texts', signText('text', key), publicKey)).toBe(false);
  });

  it('takes no signature of the other', () => {
    expect(textIsSigned('text', signText('text', newKey(other)), publicKeyOf(rawPublicKey(key)))).toBe(false);
  });

  it('seals so that the gateway opens it, and the other suite does not', () => {
    const cipherKey = randomBytes(suite === 'national' ? 16 : 32);
    const nonce = randomBytes(12);
    const data = Buffer.from(sealed(suite, cipherKey, nonce, Buffer.from('plain'), 'aad')).toString('base64url');
    const open = (by: Suite) => opened(by, cipherKey, nonce.toString('base64url'), data, 'aad');
    expect(Buffer.from(open(suite) ?? []).toString()).toBe('plain');
    expect(open(other)).toBeNull();
  });

  it('stamps a sheet that only its own public key finds genuine', () => {
    const { code } = stampSheet(sheet, key);
    expect(codeIsGenuine(code, key)).toBe(true);
    expect(codeIsGenuine(code, createPublicKey(key))).toBe(true);
    expect(codeIsGenuine(code, createPublicKey(newKey(suite)))).toBe(false);
    expect(codeIsGenuine(code, createPublicKey(newKey(other)))).toBe(false);
    expect(codeIsGenuine(code.replace('.C.', '.N.'), key)).toBe(false);
  });
});

const sheet: SheetPaper = {
  document: 'certificate',
  template: 'certificate.typ',
  title: '社区居住证明',
  item: '社区居住证明',
  paragraphs: ['兹证明王秀英居住于此。'],
  facts: [],
  street: '友谊路街道',
  community: '测试里社区',
  phone: '022-55500107',
  committee: '测试里社区居民委员会',
  number: '120103-000101-260302-0001-X',
  date: '2026年3月2日',
  worker: '李工',
  verifiedAt: '2026年3月2日',
  steps: [],
  signature: { height: 400, strokes: [[1, 2, 3, 4]] },
};

describe('the national suite', () => {
  it('finds the hashes of GB/T 32905', () => {
    for (const [message, digest] of HASHED) expect(hashOf('national', message).toString('hex')).toBe(digest);
  });

  it('seals as a second implementation does, whatever stands beside', () => {
    const [key, nonce, plain] = [hex(GCM.key), hex(GCM.nonce), hex(GCM.plain)];
    for (const aad of ['', 'a', 'x'.repeat(16), '窗'.repeat(50)]) {
      const { ciphertext, tag } = sm4GcmSeal(key, nonce, plain, Buffer.from(aad));
      const found = Buffer.from(sealed('national', key, nonce, plain, aad));
      expect(found).toEqual(Buffer.concat([ciphertext, tag]));
    }
  });

  it('rests on a library that finds the ciphertext and the tag of RFC 8998', () => {
    const [iv, associatedData] = [hex(GCM.nonce), hex(GCM.aad)];
    const how = { mode: 'gcm', iv, associatedData, output: 'array', outputTag: true } as const;
    const { output, tag } = sm4.encrypt(hex(GCM.plain), hex(GCM.key), how);
    expect(Buffer.from(output).toString('hex')).toBe(GCM.ciphertext);
    expect(Buffer.from(tag ?? []).toString('hex')).toBe(GCM.tag);
  });
});

it('a key of no suite signs nothing', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  expect(suiteOf(privateKey)).toBeNull();
  expect(() => signText('text', privateKey)).toThrow('not for signatures');
  expect(() => publicKeyOf('short')).toThrow('no suite');
});
