import { generateKeyPairSync } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { NewEntry } from '#main/service/journal/entries.ts';
import { Journal, type JournalOptions } from '#main/service/journal/journal.ts';
import { Outbox } from '#main/service/journal/outbox.ts';
import { fromBase64Url } from '#main/service/sealing/base64url.ts';
import { systemRandom } from '#main/service/time/random.ts';
import { type Data, openData } from '../store/fixture.ts';

export const TERMINAL = '01890000-0000-7000-8000-0000000000aa';
const CATALOGUE = 'c'.repeat(64);

export const districtPair = generateKeyPairSync('x25519');

/** A district's public key in the form that an identity has. */
export const districtKey = String(districtPair.publicKey.export({ format: 'jwk' }).x);

export function journalOptions(data: Data, changes: Partial<JournalOptions> = {}): JournalOptions {
  return {
    store: data.store,
    clock: data.time,
    timers: data.time,
    random: systemRandom(data.time),
    serverTime: { offsetMs: null },
    terminal: TERMINAL,
    district: { suite: 'standard', id: 'district-1', publicKey: fromBase64Url(districtKey) },
    catalogue: CATALOGUE,
    ...changes,
  };
}

export interface Book extends Data {
  readonly journal: Journal;
  readonly outbox: Outbox;
  /** Appends in a transaction of its own. */
  write(entry: NewEntry): ReturnType<Journal['append']>;
}

/** A journal on disk; its first entry is the day key. */
export async function openBook(data: Data = openData(), changes: Partial<JournalOptions> = {}): Promise<Book> {
  const options = journalOptions(data, changes);
  const opened = await Journal.open(options);
  if (!opened.ok) throw new Error(opened.error.code);
  const journal = opened.value;
  onTestFinished(() => journal.close());
  return {
    ...data,
    journal,
    outbox: new Outbox({ ...options, suite: options.district.suite }),
    write: (entry) => data.store.transaction(() => journal.append(entry)),
  };
}

let made = 0;

function id(): string {
  made += 1;
  return `01890000-0000-7000-8000-${String(made).padStart(12, '0')}`;
}

export function helpEntry(): NewEntry {
  return { kind: 'help', open: { ticket: id(), why: 'called' } };
}

export function caseEntry(caseId = id()): Extract<NewEntry, { kind: 'case' }> {
  return {
    kind: 'case',
    open: {
      case: caseId,
      receiptNumber: '120103-000101-260302-0001-X',
      item: 'residence',
      offline: 'S',
      acceptedAt: '2026-03-02T09:00:00.000+08:00',
      answers: { tenure: 'owned' },
    },
    sealed: {
      card: { name: '王秀英', number: '120103195002280004' },
      answers: { phone: '13800001234' },
      signature: { height: 400, strokes: [[1, 2, 3]] },
    },
  };
}
