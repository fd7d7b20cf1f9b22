/** Scanned materials of a case: how its body names them, how they are sealed, and how they travel in parts. */
import { z } from 'zod';

export const materialLimits = {
  /** Materials of one case. */
  perCase: 12,
  /** Bytes of one, sealed. */
  bytes: 8 * 1024 * 1024,
} as const;

/**
 * A sealed material: a prefix by chance, then chunks, each with its tag behind it (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015). A
 * chunk's nonce of 12 bytes is the prefix, the chunk's number from 0 in four bytes, the greatest first, and 1 for the last chunk, else 0.
 * All chunks but the last are full, and none is empty. They are small: SM4-GCM has to be computed in JavaScript, some milliseconds each.
 */
export const sealedMaterial = { prefixBytes: 7, chunkBytes: 16 * 1024, tagBytes: 16 } as const;

/** How a case's body names a material; what a person calls it stands nowhere. */
export const Material = z.strictObject({
  /** Of the sealed bytes, by the terminal's suite: its name everywhere. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** How many sealed bytes. */
  bytes: z
    .int()
    .min(sealedMaterial.prefixBytes + 1 + sealedMaterial.tagBytes)
    .max(materialLimits.bytes),
  mediaType: z.enum(['image/jpeg', 'image/png', 'application/pdf']),
});
export type Material = z.infer<typeof Material>;
export type MediaType = Material['mediaType'];

/** Associated data of every chunk; a case key is of one body alone. */
export function materialAad(terminal: string, caseKey: string, mediaType: MediaType): string {
  return ['yichuang-material-1', terminal, caseKey, mediaType].join('\n');
}

/** Where a terminal asks how far a material came, and sends parts of it. */
export function materialPath(hash: string): string {
  return `/v1/terminals/self/materials/${hash}`;
}

/** How far the district has come with one; whole, and checked, when the two are equal. */
export const MaterialProgress = z.strictObject({
  /** Sealed bytes of the whole. */
  bytes: z.int().min(1),
  /** Those that are there, from the beginning on. */
  here: z.int().min(0),
});
export type MaterialProgress = z.infer<typeof MaterialProgress>;
