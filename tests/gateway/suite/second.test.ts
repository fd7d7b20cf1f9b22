/** The tests' own SM2 and SM4-GCM against the standards' examples: what checks the product is checked first. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { number, sm2Decrypt, sm2Encrypt, sm2Pair, sm2Sign, sm2Verify, sm4Block, sm4GcmSeal } from '../national.ts';
import { BLOCK, ENCRYPTED, GCM, HASHED, hex, SIGNED } from '../vectors.ts';

it('finds the public key, the signature and the ciphertext of GB/T 32918.5', () => {
  const secret = number(hex(SIGNED.secret));
  const random = number(hex(SIGNED.random));
  expect(sm2Pair(secret).point.toString('hex')).toBe(SIGNED.point);
  expect(sm2Sign(Buffer.from(SIGNED.message), secret, random).toString('hex')).toBe(SIGNED.signature);
  expect(sm2Verify(Buffer.from(SIGNED.message), hex(SIGNED.signature), hex(SIGNED.point))).toBe(true);
  const sealed = sm2Encrypt(Buffer.from(ENCRYPTED.message), hex(SIGNED.point), random);
  expect(sealed.toString('hex')).toBe(ENCRYPTED.sealed);
  expect(sm2Decrypt(sealed, secret)?.toString()).toBe(ENCRYPTED.message);
});

it('finds the hashes of GB/T 32905, the block of GB/T 32907 and the tag of RFC 8998', () => {
  for (const [message, digest] of HASHED) expect(createHash('sm3').update(message).digest('hex')).toBe(digest);
  expect(sm4Block(hex(BLOCK.key), hex(BLOCK.key)).toString('hex')).toBe(BLOCK.once);
  const { ciphertext, tag } = sm4GcmSeal(hex(GCM.key), hex(GCM.nonce), hex(GCM.plain), hex(GCM.aad));
  expect(ciphertext.toString('hex')).toBe(GCM.ciphertext);
  expect(tag.toString('hex')).toBe(GCM.tag);
});
