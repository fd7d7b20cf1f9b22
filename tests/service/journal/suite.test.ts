import { expect, it } from 'vitest';
import { EntryBody, KeyOpen, WireEntry } from '#contract/wire.ts';
import { dayKeyOpener, openSealedPart, unwrapCaseKey } from '#gateway/intake/unseal.ts';
import { checkEntry } from '#gateway/journal/entry.ts';
import { Journal } from '#main/service/journal/journal.ts';
import { verifyJournal } from '#main/service/journal/verify.ts';
import { sm2Point } from '#main/service/suite/sm2.ts';
import { newKey } from '#main/service/suite/suite.ts';
import { openData } from '../store/fixture.ts';
import { type Book, caseEntry, helpEntry, journalOptions, openBook, TERMINAL } from './fixture.ts';

const districtKey = newKey('national');
const district = { suite: 'national', id: 'district-2', publicKey: sm2Point(districtKey) } as const;

function wire(book: Book): WireEntry[] {
  const { ndjson } = book.outbox.next(200, 512 * 1024) ?? { ndjson: '' };
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => WireEntry.parse(JSON.parse(line)));
}

function body(entry: WireEntry | undefined): EntryBody {
  return EntryBody.parse(JSON.parse(entry?.body ?? ''));
}

it("a national journal passes the gateway's check as one, and as no other", async () => {
  const book = await openBook(openData(), { district });
  book.write(caseEntry());
  book.write(helpEntry());
  for (const entry of wire(book)) {
    expect(checkEntry(entry, { id: TERMINAL, suite: 'national' })?.fault).toBeNull();
    expect(checkEntry(entry, { id: TERMINAL, suite: 'standard' })?.fault).toBe('body-hash');
  }
  expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { suite: 'national', entries: 3 } });
});

it('seals the personal part by SM2 and SM4 so that only the district opens it, and only where it stands', async () => {
  const book = await openBook(openData(), { district });
  const given = caseEntry();
  book.write(given);
  const [keyEntry, entry] = wire(book);
  const sealedKey = KeyOpen.parse(body(keyEntry).open);
  const opener = await dayKeyOpener('national', districtKey);
  const dayKey = await opener.open(TERMINAL, sealedKey);
  const [wrapped] = entry?.keys ?? [];
  const part = body(entry).sealed;
  if (!dayKey || !wrapped || !entry || !part) throw new Error('no key travelled');
  const sealedBy = { suite: 'national', terminal: TERMINAL } as const;
  const caseKey = unwrapCaseKey(sealedBy, wrapped, dayKey);
  if (!caseKey) throw new Error('the case key does not open');
  expect(openSealedPart({ ...sealedBy, id: entry.id, kind: 'case' }, part, caseKey)).toEqual({
    ok: true,
    value: given.sealed,
  });
  expect(openSealedPart({ ...sealedBy, id: TERMINAL, kind: 'case' }, part, caseKey).ok).toBe(false);

  // SM2 binds nothing by itself: what is sealed behind the key does.
  expect(await opener.open('01890000-0000-7000-8000-0000000000bb', sealedKey)).toBeNull();
  expect(await opener.open(TERMINAL, { ...sealedKey, dayKey: TERMINAL })).toBeNull();
  expect(await opener.open(TERMINAL, { ...sealedKey, data: sealedKey.data.slice(0, -8) })).toBeNull();
  expect(await opener.open(TERMINAL, { ...sealedKey, enc: '' })).toBeNull();
  expect(await (await dayKeyOpener('national', newKey('national'))).open(TERMINAL, sealedKey)).toBeNull();
});

it('a national journal that was altered is found out', async () => {
  const book = await openBook(openData(), { district });
  book.write(helpEntry());
  book.store.db.prepare("UPDATE entry SET wall = '2020-01-01T00:00:00.000+08:00' WHERE seq = 2").run();
  expect(verifyJournal(book.file)).toMatchObject({
    ok: false,
    error: { code: 'journal-broken', why: 'entry-altered' },
  });
});

it('is carried into a new incarnation in its own suite', async () => {
  const book = await openBook(openData(), { district });
  book.write(caseEntry());
  expect(await book.outbox.beginIncarnation(2)).toBe(2);
  for (const entry of wire(book)) {
    expect(checkEntry(entry, { id: TERMINAL, suite: 'national' })?.fault).toBeNull();
  }
  expect(verifyJournal(book.file).ok).toBe(true);
});

it.each([
  ['standard', undefined, district],
  ['national', district, undefined],
])('a %s journal is not carried on in the other suite', async (_suite, first, second) => {
  const data = openData();
  await openBook(data, first ? { district: first } : {});
  const again = await Journal.open(journalOptions(data, second ? { district: second } : {}));
  expect(again).toMatchObject({ ok: false, error: { code: 'foreign-journal' } });
});

it('a journal of the first release says no suite, and is standard', async () => {
  const data = openData();
  const book = await openBook(data);
  book.write(helpEntry());
  data.store.db.prepare("DELETE FROM meta WHERE key = 'suite'").run();
  expect(verifyJournal(book.file)).toMatchObject({ ok: true, value: { suite: 'standard' } });
  expect((await Journal.open(journalOptions(data))).ok).toBe(true);
});

it('a journal of a suite that this release does not know is left alone', async () => {
  const data = openData();
  const book = await openBook(data);
  data.store.setMeta('suite', 'lattice');
  expect(verifyJournal(book.file)).toMatchObject({ ok: false, error: { code: 'no-journal' } });
  expect(await Journal.open(journalOptions(data))).toMatchObject({ ok: false, error: { code: 'foreign-journal' } });
});
