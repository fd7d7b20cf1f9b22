import { type MediaType, materialAad, sealedMaterial } from '#contract/materials.ts';
import type { Suite } from '#contract/suite.ts';
import type { Random } from '../time/random.ts';
import { sealed } from './aead.ts';

const { prefixBytes, chunkBytes } = sealedMaterial;

/** A key of one body and of the materials that it names. */
export interface CaseKey {
  /** UUID. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface MaterialSeal {
  readonly suite: Suite;
  readonly terminal: string;
  readonly caseKey: CaseKey;
  readonly mediaType: MediaType;
  readonly random: Random;
}

/**
 * Seals a material for the district, a chunk at a time, whatever its size; what was copied of the plain bytes is wiped.
 * @returns the sealed bytes in pieces; none of an empty material
 */
export async function* sealMaterial(
  seal: MaterialSeal,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const aad = materialAad(seal.terminal, seal.caseKey.id, seal.mediaType);
  const prefix = seal.random.bytes(prefixBytes);
  const chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  let n = 0;
  const closed = (isLast: boolean): Uint8Array => {
    const nonce = Buffer.alloc(prefixBytes + 5);
    nonce.set(prefix);
    nonce.writeUInt32BE(n, prefixBytes);
    nonce.writeUInt8(isLast ? 1 : 0, prefixBytes + 4);
    const piece = sealed(seal.suite, seal.caseKey.key, nonce, chunk.subarray(0, filled), aad);
    n += 1;
    filled = 0;
    return n === 1 ? Buffer.concat([prefix, piece]) : piece;
  };
  try {
    for await (const piece of content) {
      for (let taken = 0; taken < piece.length; ) {
        // A full chunk is closed only when more comes: the last one says that it is.
        if (filled === chunkBytes) yield closed(false);
        const more = piece.subarray(taken, taken + chunkBytes - filled);
        chunk.set(more, filled);
        filled += more.length;
        taken += more.length;
      }
    }
    if (filled > 0) yield closed(true);
  } finally {
    chunk.fill(0);
  }
}
