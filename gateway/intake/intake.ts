import type { CataloguePackage } from '#contract/catalogue.ts';
import type { Suite } from '#contract/suite.ts';
import { openPackage } from '../catalogue/package.ts';
import { materialBytes } from '../store/materials.ts';
import type { IntakeStore, IntakeWork } from '../store/store.ts';
import { type CaseMaterials, type Catalogues, type DayKeys, interpret } from './interpret.ts';
import { type DeskMaterials, NotSealed, openMaterial } from './materials.ts';
import type { DistrictOpeners } from './unseal.ts';

/** Entries of one transaction: short enough that a batch of the HTTP side does not wait long for the file. */
const PORTION = 100;

/** Opened day keys that are kept in memory. */
const CACHED_KEYS = 10_000;
/** Catalogue packages, which never change, that are kept in memory. */
const CACHED_CATALOGUES = 20;

export interface IntakeOptions {
  readonly store: IntakeStore;
  /** The district's keys of each suite; more may come at any time. */
  readonly districts: Readonly<Record<Suite, DistrictOpeners>>;
  readonly now: () => Date;
  /** Waited for after each portion. @param workedMs how long that one took */
  readonly rest?: (workedMs: number, signal: AbortSignal) => Promise<void>;
  /** Without it materials stay sealed in the store. */
  readonly desk?: DeskMaterials | undefined;
}

export interface Intake {
  /**
   * Works until nothing is left, or until the signal, after the portion in hand.
   * @returns how many entries were seen, and how many of them are invalid.
   */
  drain(signal: AbortSignal): Promise<{ seen: number; invalid: number }>;
}

/** Opens, checks and feeds to the desk what was joined; each portion in one transaction, so that a restart loses nothing. */
export function intake({ store, districts, now, rest, desk }: IntakeOptions): Intake {
  const cache = new Map<string, Uint8Array>();

  function dayKeysOf({ region, terminal, suite }: IntakeWork): DayKeys {
    const name = (dayKey: string) => `${terminal}/${dayKey}`;
    const add = (dayKey: string, key: Uint8Array) => {
      if (cache.size >= CACHED_KEYS) cache.clear();
      cache.set(name(dayKey), key);
    };
    return {
      add,
      async find(dayKey) {
        const cached = cache.get(name(dayKey));
        if (cached) return cached;
        const sealed = await store.dayKey(region, terminal, dayKey);
        if (!sealed) return null;
        const opener = districts[suite].get(sealed.districtKeyId);
        if (!opener) return { sealedTo: sealed.districtKeyId };
        const key = await opener.open(terminal, sealed);
        if (key) add(dayKey, key);
        return key;
      },
    };
  }

  const packages = new Map<string, CataloguePackage>();
  async function findCatalogue(version: string): ReturnType<Catalogues['find']> {
    const cached = packages.get(version);
    if (cached) return cached;
    const stored = await store.catalogue(version);
    if (stored.found !== 'package') return stored.found;
    const opened = openPackage(Buffer.from(stored.content));
    if (!opened.ok) throw new Error(`the catalogue ${version} can't be read any more: ${opened.error}`);
    if (packages.size >= CACHED_CATALOGUES) packages.clear();
    packages.set(version, opened.value.content);
    return opened.value.content;
  }

  /** What is missing may come at any time: it is asked for once in a portion. */
  function catalogues(): Catalogues {
    const asked = new Map<string, ReturnType<Catalogues['find']>>();
    return {
      find(version) {
        const found = asked.get(version) ?? findCatalogue(version);
        asked.set(version, found);
        return found;
      },
    };
  }

  function materialsOf({ region, terminal, suite }: IntakeWork): CaseMaterials {
    const owner = { region, id: terminal };
    return {
      async take(materials, { case: caseId, caseKey }) {
        for (const { hash, bytes } of materials) {
          const found = await store.material(owner, hash);
          // Another entry named it before, with another length.
          if (found && found.bytes !== bytes) return { code: 'material' };
          if (!found?.isWhole) return { code: 'no-material', waitsFor: hash };
        }
        for (const { hash, bytes, mediaType } of materials) {
          const material = { terminal, case: caseId, hash, mediaType };
          if (!desk || (await desk.has(material))) continue;
          try {
            const sealed = materialBytes(store, owner, hash, bytes);
            await desk.write(material, openMaterial({ suite, terminal, caseKey, mediaType }, sealed));
          } catch (error) {
            if (error instanceof NotSealed) return { code: 'material' };
            throw error;
          }
        }
        return null;
      },
    };
  }

  return {
    async drain(signal) {
      const sum = { seen: 0, invalid: 0 };
      while (!signal.aborted) {
        const began = performance.now();
        const work = await store.next(PORTION);
        if (!work) break;
        const { terminal, suite } = work;
        const context = {
          terminal,
          suite,
          openers: districts[suite],
          dayKeys: dayKeysOf(work),
          catalogues: catalogues(),
          materials: materialsOf(work),
        };
        const findings = [];
        for (const entry of work.entries) findings.push(await interpret(entry, context));
        if (!(await store.finish(work, findings, now()))) continue;
        sum.seen += findings.length;
        sum.invalid += findings.filter(({ what }) => what === 'invalid').length;
        await rest?.(performance.now() - began, signal);
      }
      return sum;
    },
  };
}
