/** Opens the scanned materials of a case, and lays them down for the desk. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type MediaType, materialAad, sealedMaterial } from '#contract/materials.ts';
import type { Suite } from '#contract/suite.ts';
import { openedBytes } from '../suite/aead.ts';

const { prefixBytes, chunkBytes, tagBytes } = sealedMaterial;

export interface MaterialSeal {
  readonly suite: Suite;
  readonly terminal: string;
  readonly caseKey: { readonly id: string; readonly key: Uint8Array };
  readonly mediaType: MediaType;
}

/** What was sealed is not what a terminal seals, or with another key. */
export class NotSealed extends Error {
  override readonly name = 'NotSealed';
}

/** The plain bytes, a chunk at a time: nobody may use them before the last one came. @throws NotSealed */
export async function* openMaterial(seal: MaterialSeal, sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const aad = materialAad(seal.terminal, seal.caseKey.id, seal.mediaType);
  let waiting = Buffer.alloc(0);
  let prefix: Buffer | null = null;
  let n = 0;
  const chunk = (bytes: Buffer, isLast: boolean): Uint8Array => {
    if (!prefix || bytes.length <= tagBytes) throw new NotSealed();
    const nonce = Buffer.concat([prefix, Buffer.alloc(5)]);
    nonce.writeUInt32BE(n, prefixBytes);
    nonce.writeUInt8(isLast ? 1 : 0, prefixBytes + 4);
    const plain = openedBytes(seal.suite, seal.caseKey.key, nonce, bytes, aad);
    if (!plain) throw new NotSealed();
    n += 1;
    return plain;
  };
  for await (const part of sealed) {
    waiting = Buffer.concat([waiting, part]);
    if (!prefix && waiting.length >= prefixBytes) {
      prefix = waiting.subarray(0, prefixBytes);
      waiting = waiting.subarray(prefixBytes);
    }
    // The last one is only known by the end.
    while (waiting.length > chunkBytes + tagBytes) {
      yield chunk(waiting.subarray(0, chunkBytes + tagBytes), false);
      waiting = waiting.subarray(chunkBytes + tagBytes);
    }
  }
  yield chunk(waiting, true);
}

interface DeskMaterial {
  readonly terminal: string;
  readonly case: string;
  readonly hash: string;
  readonly mediaType: MediaType;
}

/** Where the desk finds materials. */
export interface DeskMaterials {
  has(material: DeskMaterial): Promise<boolean>;
  /** Takes all of it or, when `content` throws, nothing. */
  write(material: DeskMaterial, content: AsyncIterable<Uint8Array>): Promise<void>;
}

const ENDINGS: Readonly<Record<MediaType, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/pdf': 'pdf',
};

/** A folder of the desk's: `<terminal>/<case>/<hash>.<jpg, png or pdf>`, in the clear, for its owner alone. */
export function deskFolder(folder: string): DeskMaterials {
  const homeOf = (material: DeskMaterial) => join(folder, material.terminal, material.case);
  const fileOf = (material: DeskMaterial) => join(homeOf(material), `${material.hash}.${ENDINGS[material.mediaType]}`);
  return {
    has: (material) =>
      stat(fileOf(material)).then(
        () => true,
        () => false,
      ),
    async write(material, content) {
      const home = homeOf(material);
      await mkdir(home, { recursive: true, mode: 0o700 });
      // Two workers may open the same one.
      const part = `${fileOf(material)}.${process.pid}.part`;
      try {
        const file = await open(part, 'w', 0o600);
        try {
          for await (const chunk of content) await file.writeFile(chunk);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(part, fileOf(material));
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
  };
}
