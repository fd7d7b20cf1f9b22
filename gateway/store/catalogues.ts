/** Catalogue packages in a store: every published version stays, under its content hash. */

export interface Catalogue {
  /** SHA-256 of the package. */
  readonly version: string;
  readonly region: string;
  readonly sequence: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

export interface StoredCatalogue extends Catalogue {
  readonly bytes: number;
}

export interface CatalogueStore {
  /**
   * Keeps a version, and has the intake look again at the cases that waited for it.
   * @returns false when it is there already: adding again changes nothing.
   */
  addCatalogue(catalogue: Catalogue, content: Uint8Array, at: Date): Promise<boolean>;
  /** All versions, by region and sequence. */
  catalogues(): Promise<StoredCatalogue[]>;
}

/** What the intake finds under a version; a store to which none was ever added checks no case by one. */
export type FoundCatalogue =
  | { readonly found: 'package'; readonly content: Uint8Array }
  | { readonly found: 'nothing' }
  | { readonly found: 'no-version-at-all' };
