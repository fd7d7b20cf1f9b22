import { Suite } from '#contract/suite.ts';
import { districtPrivateKeys } from '../identity/district.ts';
import type { DistrictKeyFiles } from './messages.ts';
import { type DayKeyOpener, type DistrictOpeners, dayKeyOpener } from './unseal.ts';

/** What opens day keys, by every private key of the district that is here. */
export class Openers {
  readonly of: Readonly<Record<Suite, DistrictOpeners>>;
  readonly #all: Readonly<Record<Suite, Map<string, DayKeyOpener>>> = { standard: new Map(), national: new Map() };
  readonly #folder: string;
  readonly #files: DistrictKeyFiles;

  constructor(folder: string, files: DistrictKeyFiles) {
    this.#folder = folder;
    this.#files = files;
    this.of = this.#all;
  }

  /**
   * Takes keys that were announced or brought back since the last time, and lets go of those that were taken away.
   * @returns the remedy for each suite whose newest key is gone
   * @throws Error in words as `districtPrivateKeys` does
   */
  async refresh(): Promise<string[]> {
    const remedies: string[] = [];
    for (const suite of Suite.options) {
      const { held, missing } = districtPrivateKeys(this.#folder, suite, this.#files[suite]);
      const all = this.#all[suite];
      for (const [id, key] of held) if (!all.has(id)) all.set(id, await dayKeyOpener(suite, key));
      for (const id of all.keys()) if (!held.has(id)) all.delete(id);
      if (missing !== null) remedies.push(missing);
    }
    return remedies;
  }

  get ids(): string[] {
    return Suite.options.flatMap((suite) => [...this.#all[suite].keys()]);
  }
}
