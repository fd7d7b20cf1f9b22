/** Scanned materials in a store: sealed, in the parts in which they came, so that any gateway takes the next one. */
import type { MaterialProgress } from '#contract/materials.ts';

/** Whose it is. */
export interface MaterialOwner {
  readonly region: string;
  /** The terminal. */
  readonly id: string;
}

export interface StoredProgress extends MaterialProgress {
  /** Its hash was checked. */
  readonly isWhole: boolean;
}

export interface MaterialStore {
  /** @returns null when no entry of this terminal that the intake has seen names it. */
  material(owner: MaterialOwner, hash: string): Promise<StoredProgress | null>;
  /** Keeps a part that begins where the material has come to and does not go beyond its end; any other changes nothing. */
  addMaterialPart(
    owner: MaterialOwner,
    hash: string,
    part: { readonly from: number; readonly content: Uint8Array },
    at: Date,
  ): Promise<StoredProgress | null>;
  /** @returns the part that begins there, null when there is none. */
  materialPart(owner: MaterialOwner, hash: string, from: number): Promise<Buffer | null>;
  /** Ends one of which everything is there: it is whole, and who waits for it is looked at again; or what came is thrown away. */
  settleMaterial(owner: MaterialOwner, hash: string, isRight: boolean): Promise<void>;
  /** Bytes that came of a terminal's materials which it has sent anything of since then. */
  materialBytesSince(owner: MaterialOwner, since: Date): Promise<number>;
  /**
   * Throws away what came of materials that are not whole and of which nothing came since then, and all of those whose wrapped key was
   * erased: nobody can open them any more.
   */
  forgetMaterials(untouchedSince: Date): Promise<{ readonly stopped: number; readonly erased: number }>;
}

/** What the intake reads of them. */
export type MaterialReader = Pick<MaterialStore, 'material' | 'materialPart'>;

/** The sealed bytes of one, a part at a time. @throws Error when a part is missing. */
export async function* materialBytes(
  store: Pick<MaterialStore, 'materialPart'>,
  owner: MaterialOwner,
  hash: string,
  bytes: number,
): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes; ) {
    const part = await store.materialPart(owner, hash, from);
    if (!part) throw new Error('a part of a material is missing');
    from += part.length;
    yield part;
  }
}
