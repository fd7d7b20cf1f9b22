/** Cases of about 1.5 KB, as residents hand them in: nothing is sealed, and a signature's points stand as they were drawn. */

import type { Catalogue } from '#main/service/catalogue/catalogue.ts';
import { syntheticApplication } from '#main/service/fleet/applications.ts';
import { chanceOf } from '#main/service/fleet/chance.ts';
import { inSteps } from '#main/service/intake/signature.ts';
import type { NewEntry } from '#main/service/journal/entries.ts';

export type CaseEntry = Extract<NewEntry, { readonly kind: 'case' }>;

/** What carrying a backlog took. */
export interface Flushed {
  /** From the first request to the last answer on the terminal's disk. */
  readonly ms: number;
  /** Content of the requests. */
  readonly bytes: number;
}

const BODY_BYTES = 1500;

/** As the desk journals it. */
export function asJournaled(entry: CaseEntry): CaseEntry {
  return { ...entry, sealed: { ...entry.sealed, signature: inSteps(entry.sealed.signature) } };
}

/** As text: a heap that holds twenty thousand of them as objects slows down whatever is measured beside it. */
export function caseTexts(catalogue: Catalogue, count: number, today: string): string[] {
  return caseEntries(catalogue, count, today).map((entry) => JSON.stringify(entry));
}

export function caseOf(text: string): CaseEntry {
  return JSON.parse(text) as CaseEntry;
}

/** @param today the local day */
export function caseEntries(catalogue: Catalogue, count: number, today: string): CaseEntry[] {
  const chance = chanceOf(1, 'bench sync');
  return Array.from({ length: count }, (_, i) => {
    const { answers, card, item, signature } = syntheticApplication(catalogue, today, chance);
    const entry: CaseEntry = {
      kind: 'case',
      open: {
        case: crypto.randomUUID(),
        receiptNumber: `120103-000101-${today.slice(2).replaceAll('-', '')}-${String(i).padStart(4, '0')}-0`,
        item: item.id,
        offline: item.offline,
        acceptedAt: `${today}T09:00:00+08:00`,
        answers: {},
      },
      sealed: { card: { ...card }, answers: { ...answers }, signature },
    };
    return shortened(entry);
  });
}

/** A signature is as long as it has to be for the size. */
function shortened(entry: CaseEntry): CaseEntry {
  const points = entry.sealed.signature.strokes.flat();
  const bare = JSON.stringify({
    ...entry,
    sealed: { ...entry.sealed, signature: { height: 400, strokes: [] } },
  }).length;
  // Four characters a number, and its comma.
  const kept = Math.max(3, Math.floor((BODY_BYTES - bare) / 4 / 3) * 3);
  return { ...entry, sealed: { ...entry.sealed, signature: { height: 400, strokes: [points.slice(0, kept)] } } };
}
