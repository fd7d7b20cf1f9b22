import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { opened } from '#gateway/suite/aead.ts';
import { sm4GcmSeal } from '../national.ts';
import { GCM, hex } from '../vectors.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

it('opens what a second implementation sealed by SM4-GCM, of any length', () => {
  for (const length of [0, 1, 15, 16, 17, 500, 65_536]) {
    const [key, nonce, plain] = [randomBytes(16), randomBytes(12), randomBytes(length)];
    const { ciphertext, tag } = sm4GcmSeal(key, nonce, plain, Buffer.from('where it stands'));
    const data = text(Buffer.concat([ciphertext, tag]));
    expect(opened('national', key, text(nonce), data, 'where it stands')).toEqual(new Uint8Array(plain));
    expect(opened('national', key, text(nonce), data, 'elsewhere')).toBeNull();
  }
});

it('opens nothing that was altered, cut or given the wrong key', () => {
  const [key, nonce] = [hex(GCM.key), text(hex(GCM.nonce))];
  const { ciphertext, tag } = sm4GcmSeal(key, hex(GCM.nonce), hex(GCM.plain), Buffer.from('aad'));
  const data = Buffer.concat([ciphertext, tag]);
  expect(opened('national', key, nonce, text(data), 'aad')).toEqual(new Uint8Array(hex(GCM.plain)));
  for (const at of [0, 63, 64, 79]) {
    const altered = Buffer.from(data);
    altered.writeUInt8(altered.readUInt8(at) ^ 128, at);
    expect(opened('national', key, nonce, text(altered), 'aad')).toBeNull();
  }
  for (const length of [0, 15, 16, 79]) {
    expect(opened('national', key, nonce, text(data.subarray(0, length)), 'aad')).toBeNull();
  }
  expect(opened('national', key, text(Buffer.alloc(11)), text(data), 'aad')).toBeNull();
  expect(opened('national', randomBytes(16), nonce, text(data), 'aad')).toBeNull();
  // A key of the other suite is refused by its length, before any cipher sees it.
  expect(opened('national', randomBytes(32), nonce, text(data), 'aad')).toBeNull();
  expect(opened('standard', key, nonce, text(data), 'aad')).toBeNull();
});
