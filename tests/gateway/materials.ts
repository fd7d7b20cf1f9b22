/** Seals materials as docs/wire.md says, apart from the terminal's own code. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { MediaType } from '#contract/materials.ts';
import type { Suite } from '#contract/suite.ts';
import { sm4GcmSeal } from './national.ts';

const CHUNK = 16_384;

export interface SealedBy {
  readonly suite: Suite;
  readonly terminal: string;
  readonly caseKey: { readonly id: string; readonly key: Buffer };
}

export function sealMaterial(by: SealedBy, mediaType: MediaType, plain: Uint8Array) {
  const prefix = randomBytes(7);
  const aad = Buffer.from(`yichuang-material-1\n${by.terminal}\n${by.caseKey.id}\n${mediaType}`);
  const pieces: Buffer[] = [prefix];
  for (let n = 0; n * CHUNK < plain.length; n += 1) {
    const chunk = plain.subarray(n * CHUNK, (n + 1) * CHUNK);
    const place = Buffer.alloc(5);
    place.writeUInt32BE(n);
    place[4] = (n + 1) * CHUNK >= plain.length ? 1 : 0;
    const nonce = Buffer.concat([prefix, place]);
    if (by.suite === 'national') {
      const { ciphertext, tag } = sm4GcmSeal(by.caseKey.key, nonce, chunk, aad);
      pieces.push(ciphertext, tag);
    } else {
      const cipher = createCipheriv('aes-256-gcm', by.caseKey.key, nonce).setAAD(aad);
      pieces.push(cipher.update(chunk), cipher.final(), cipher.getAuthTag());
    }
  }
  const sealed = Buffer.concat(pieces);
  const hash = createHash(by.suite === 'national' ? 'sm3' : 'sha256')
    .update(sealed)
    .digest('hex');
  return { sealed, material: { hash, bytes: sealed.length, mediaType } };
}
