import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { Batches, type PackedBatch } from '#main/service/sync/batches.ts';
import { helpEntry, openBook } from '../journal/fixture.ts';

const MOST = { entries: 3, bytes: 1e6 };

/** Nine entries, the first of them a day key. */
async function stand() {
  const book = await openBook();
  for (let i = 0; i < 8; i += 1) book.write(helpEntry());
  const next = vi.spyOn(book.outbox, 'next');
  const answer = (batch: PackedBatch | null) =>
    book.outbox.answer([...(batch?.seqs ?? [])].map((seq) => ({ incarnation: 1, seq, result: 'stored' as const })));
  return { ...book, batches: new Batches(book.outbox), answer, next };
}

function seqs(batch: PackedBatch | null): number[] {
  const lines = zstdDecompressSync(batch?.content ?? new Uint8Array())
    .toString('utf8')
    .trim()
    .split('\n');
  const told = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(batch?.seqs).toEqual(new Set(told));
  return told;
}

describe('batches', () => {
  it('the one behind is ready before the one ahead is answered, and comes without another look', async () => {
    const { batches, answer, next } = await stand();
    const first = batches.next(MOST);
    expect(seqs(first)).toEqual([1, 2, 3]);
    if (first) batches.prepareBehind(first, MOST);
    answer(first);
    const looks = next.mock.calls.length;
    expect(seqs(batches.next(MOST))).toEqual([4, 5, 6]);
    expect(next.mock.calls.length).toBe(looks);
  });

  it('what was not answered comes again, whatever was made ready', async () => {
    const { batches, outbox } = await stand();
    const first = batches.next(MOST);
    if (first) batches.prepareBehind(first, MOST);
    outbox.answer([{ incarnation: 1, seq: 1, result: 'stored' }]);
    expect(seqs(batches.next(MOST))).toEqual([2, 3, 4]);
  });

  it('a new incarnation is packed anew', async () => {
    const { batches, outbox } = await stand();
    const first = batches.next(MOST);
    if (first) batches.prepareBehind(first, MOST);
    outbox.beginIncarnation(2);
    expect(batches.next(MOST)).toMatchObject({ incarnation: 2, seqs: new Set([1, 2, 3]) });
  });

  it('other limits than it was made ready for pack anew', async () => {
    const { batches, answer } = await stand();
    const first = batches.next(MOST);
    if (first) batches.prepareBehind(first, MOST);
    answer(first);
    expect(seqs(batches.next({ ...MOST, entries: 2 }))).toEqual([4, 5]);
  });

  it('nothing is ready behind the last entry, and what is written then comes', async () => {
    const { batches, answer, ...book } = await stand();
    const all = batches.next({ ...MOST, entries: 200 });
    if (all) batches.prepareBehind(all, MOST);
    answer(all);
    expect(batches.next(MOST)).toBeNull();
    book.write(helpEntry());
    expect(seqs(batches.next(MOST))).toEqual([10]);
  });
});
