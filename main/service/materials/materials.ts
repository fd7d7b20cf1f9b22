import { type Material, type MediaType, materialLimits } from '#contract/materials.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { type Suite, suites } from '#contract/suite.ts';
import type { Log } from '../log/log.ts';
import { type CaseKey, sealMaterial } from '../sealing/material.ts';
import { DISK_FULL, type StoreError, StoreWriteError, storeError } from '../store/errors.ts';
import { MaterialRows } from '../store/materials.ts';
import type { Store } from '../store/store.ts';
import type { Random } from '../time/random.ts';
import { MaterialFolder } from './folder.ts';

export interface MaterialsOptions {
  readonly store: Store;
  readonly folder: string;
  readonly terminal: string;
  readonly suite: Suite;
  readonly random: Random;
  readonly log: Log;
}

/** Why a material was not taken; for staff, and nothing of it is left. */
export interface MaterialError {
  readonly code: StoreError['code'] | 'too-large' | 'too-many' | 'empty';
  readonly detail: string;
  readonly remedy: string;
}

const TOO_LARGE: MaterialError = {
  code: 'too-large',
  detail: `a material has more than ${materialLimits.bytes} bytes`,
  remedy: 'scan it again with fewer dots or as fewer pages',
};
const TOO_MANY: MaterialError = {
  code: 'too-many',
  detail: `a case takes ${materialLimits.perCase} materials`,
  remedy: 'scan several pages as one material',
};
const EMPTY: MaterialError = { code: 'empty', detail: 'the material has no bytes', remedy: 'scan it again' };

/** Thrown while a material is written, to end that. */
class Refused extends Error {
  readonly why: MaterialError;

  constructor(why: MaterialError) {
    super(why.detail);
    this.why = why;
  }
}

/**
 * The scanned materials of a terminal, sealed for the district alone before they reach the disk: nobody here opens them again. What no
 * accepted case names is removed.
 */
export class Materials {
  readonly rows: MaterialRows;
  readonly folder: MaterialFolder;
  readonly #o: MaterialsOptions;

  constructor(o: MaterialsOptions) {
    this.#o = o;
    this.rows = new MaterialRows(o.store);
    this.folder = new MaterialFolder(o.folder, o.suite);
  }

  /** For one application. */
  begin(): MaterialDraft {
    return new MaterialDraft(this.#o, this.folder, this.rows);
  }

  /** At the start, before anything is scanned: what a crash has left of applications that were never accepted. */
  removeOrphans(): void {
    try {
      const orphans = this.folder.names().filter((name) => !this.rows.has(name));
      for (const name of orphans) this.folder.remove(name);
      if (orphans.length > 0) this.#o.log.info({ event: 'store.materials-removed', orphans: orphans.length });
    } catch (error) {
      // The terminal serves all the same; they are removed at another start.
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'store.materials-not-removed', code: error.code });
    }
  }

  /** Removes what nobody can open any more. @throws StoreWriteError */
  sweep(): void {
    const hashes = this.rows.unopenable();
    for (const hash of hashes) {
      this.folder.remove(hash);
      this.rows.forget(hash);
    }
    if (hashes.length > 0) this.#o.log.info({ event: 'store.materials-removed', unopenable: hashes.length });
  }
}

/** What one resident has laid under the scanner so far, under the case key that the case's body will have. */
export class MaterialDraft {
  readonly caseKey: CaseKey;
  readonly #o: MaterialsOptions;
  readonly #folder: MaterialFolder;
  readonly #rows: MaterialRows;
  readonly #materials: Material[] = [];

  constructor(o: MaterialsOptions, folder: MaterialFolder, rows: MaterialRows) {
    this.#o = o;
    this.#folder = folder;
    this.#rows = rows;
    this.caseKey = { id: o.random.uuid(), key: o.random.bytes(suites[o.suite].keyBytes) };
  }

  get materials(): readonly Material[] {
    return this.#materials;
  }

  /**
   * Seals a material and writes it; when this resolves it is on the disk. One at a time.
   * @param content the plain bytes, in pieces of any size; what it throws is thrown
   */
  async add(mediaType: MediaType, content: AsyncIterable<Uint8Array>): Promise<Result<Material, MaterialError>> {
    const { random } = this.#o;
    if (this.#materials.length >= materialLimits.perCase) return err(TOO_MANY);
    const pieces = this.#bounded(sealMaterial({ ...this.#o, caseKey: this.caseKey, mediaType }, content));
    try {
      const written = await this.#folder.write(random.uuid(), pieces);
      if (!written) return err(EMPTY);
      const material = { ...written, mediaType };
      this.#materials.push(material);
      return ok(material);
    } catch (error) {
      if (error instanceof Refused) return err(error.why);
      if (error instanceof StoreWriteError) return err(storeError(error));
      throw error;
    }
  }

  /** Writes down whose they are; inside the transaction that writes the case's entry. */
  keep(caseId: string): void {
    for (const material of this.#materials) this.#rows.insert(material, caseId, this.caseKey.id);
  }

  /** The case was accepted: its key is wiped, its materials stay. */
  close(): void {
    this.caseKey.key.fill(0);
    this.#materials.length = 0;
  }

  /** The resident went without handing in. */
  discard(): void {
    try {
      for (const { hash } of this.#materials) this.#folder.remove(hash);
    } catch (error) {
      // The next start removes what lies there.
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'store.materials-not-removed', code: error.code });
    } finally {
      this.close();
    }
  }

  /** Stops before the limit or the disk's reserve is touched. */
  async *#bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > materialLimits.bytes) throw new Refused(TOO_LARGE);
      if (!this.#o.store.hasRoom(piece.length)) throw new Refused(DISK_FULL);
      yield piece;
    }
  }
}
