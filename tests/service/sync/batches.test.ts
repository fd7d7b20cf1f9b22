import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { err, ok, type Result } from '#contract/result.ts';
import { type BatchAnswer, GENESIS_HASH } from '#contract/wire.ts';
import { Batches, type PackedBatch } from '#main/service/sync/batches.ts';
import type { ExchangeError } from '#main/service/sync/client.ts';
import { helpEntry, openBook } from '../journal/fixture.ts';

const MOST = { entries: 3, bytes: 1e6 };

function taken(): Result<BatchAnswer, ExchangeError> {
  const cursor = { epoch: 'epoch-1', incarnation: 1, contiguousSeq: 3, headHash: GENESIS_HASH, holes: [] };
  return ok({ entries: [], cursor: { ...cursor, serverTime: '2026-03-02T09:00:00Z', maxBatch: 200 } });
}

/** Nine entries, the first of them a day key, and a gateway that answers when it is told to. */
async function stand() {
  const book = await openBook();
  for (let i = 0; i < 8; i += 1) book.write(helpEntry());
  const next = vi.spyOn(book.outbox, 'next');
  const sent: number[][] = [];
  const answers: ((answer: Result<BatchAnswer, ExchangeError>) => void)[] = [];
  const send = ({ content }: Pick<PackedBatch, 'content'>, onOut?: () => void) => {
    if (onOut && !line.isAway) book.time.after(0, onOut);
    const lines = zstdDecompressSync(content).toString('utf8').trim().split('\n');
    sent.push(lines.map((line) => (JSON.parse(line) as { seq: number }).seq));
    return new Promise<Result<BatchAnswer, ExchangeError>>((resolve) => answers.push(resolve));
  };
  /** While it is away nothing goes out. */
  const line = { isAway: false };
  const batches = new Batches({ outbox: book.outbox, client: { send }, timers: book.time });

  /** Sends one, lets the one behind be packed, and hears the answer. */
  async function exchange(most = MOST): Promise<PackedBatch | undefined> {
    const answering = batches.exchange(most);
    book.time.advance(0);
    answers.shift()?.(taken());
    return (await answering)?.batch;
  }
  const goOn = async (batch: PackedBatch | undefined, most = MOST) => batch && batches.goOn(batch, most);
  const settle = (batch: PackedBatch | undefined) =>
    book.outbox.answer([...(batch?.seqs ?? [])].map((seq) => ({ incarnation: 1, seq, result: 'stored' as const })));
  return { ...book, line, batches, exchange, goOn, settle, next, sent, answers };
}

describe('batches', () => {
  it('the one behind is packed while the one ahead is on its way, and goes without another look', async () => {
    const { exchange, settle, next, sent } = await stand();
    settle(await exchange());
    const looks = next.mock.calls.length;
    const answering = exchange();
    expect(sent).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect((await answering)?.seqs).toEqual(new Set([4, 5, 6]));
    // One look for each batch, and each time for the one behind it.
    expect([looks, next.mock.calls.length]).toEqual([2, 3]);
  });

  it('the one behind goes before the answers are written down, and its own answer is heard next', async () => {
    const { batches, exchange, goOn, settle, sent, answers } = await stand();
    const first = await exchange();
    void goOn(first);
    expect(sent).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(batches.isUnderWay).toBe(true);
    settle(first);
    answers.shift()?.(taken());
    expect((await batches.exchange(MOST))?.batch.seqs).toEqual(new Set([4, 5, 6]));
    expect([sent.length, batches.isUnderWay]).toEqual([2, false]);
  });

  it('the answers wait until the one behind is out, or has an answer itself', async () => {
    const { exchange, goOn, settle, answers, line, time } = await stand();
    const out = vi.fn();
    const first = await exchange();
    const going = goOn(first).then(out);
    await Promise.resolve();
    expect(out).not.toHaveBeenCalled();
    time.advance(0);
    await going;
    settle(first);
    answers.shift()?.(taken());
    line.isAway = true;
    const hurried = goOn(await exchange());
    answers.shift()?.(taken());
    await hurried;
  });

  it('a line that takes its time keeps the answers for a tenth of a second at most', async () => {
    const { exchange, goOn, line, next, time } = await stand();
    const first = await exchange();
    const looks = next.mock.calls.length;
    line.isAway = true;
    const out = vi.fn();
    const going = goOn(first).then(out);
    time.advance(99);
    await Promise.resolve();
    expect(out).not.toHaveBeenCalled();
    time.advance(1);
    await going;
    // What stands behind is packed all the same, once.
    time.advance(1000);
    expect(next.mock.calls.length).toBe(looks + 1);
  });

  it('nothing goes on that was not packed in time, or for other limits', async () => {
    const { batches, answers, exchange, goOn, sent } = await stand();
    const hurried = batches.exchange(MOST);
    answers.shift()?.(taken());
    const first = await hurried;
    await goOn(first?.batch);
    expect(batches.isUnderWay).toBe(false);
    const again = await exchange();
    await goOn(again, { ...MOST, entries: 2 });
    expect(sent).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('what is forgotten comes again, once its answer has come', async () => {
    const { batches, exchange, goOn, settle, answers, sent, next, time } = await stand();
    const first = await exchange();
    void goOn(first);
    settle(first);
    const forgotten = batches.forget();
    expect(batches.isUnderWay).toBe(true);
    answers.shift()?.(err({ code: 'unreachable', why: 'ECONNRESET' }));
    await forgotten;
    expect(batches.isUnderWay).toBe(false);
    const looks = next.mock.calls.length;
    time.advance(0);
    expect(next.mock.calls.length).toBe(looks);
    await exchange();
    expect(sent.at(-1)).toEqual([4, 5, 6]);
  });

  it('what was not answered comes again, whatever was packed', async () => {
    const { exchange, outbox, sent } = await stand();
    await exchange();
    outbox.answer([{ incarnation: 1, seq: 1, result: 'stored' }]);
    await exchange();
    expect(sent.at(-1)).toEqual([2, 3, 4]);
  });

  it('a new incarnation is packed anew', async () => {
    const { exchange, outbox } = await stand();
    await exchange();
    await outbox.beginIncarnation(2);
    expect(await exchange()).toMatchObject({ incarnation: 2, seqs: new Set([1, 2, 3]) });
  });

  it('other limits than it was packed for pack anew', async () => {
    const { exchange, settle, sent } = await stand();
    settle(await exchange());
    await exchange({ ...MOST, entries: 2 });
    expect(sent.at(-1)).toEqual([4, 5]);
  });

  it('nothing stands behind the last entry, and what is written then comes', async () => {
    const { exchange, settle, sent, ...book } = await stand();
    settle(await exchange({ ...MOST, entries: 200 }));
    expect(await exchange()).toBeUndefined();
    book.write(helpEntry());
    await exchange();
    expect(sent.at(-1)).toEqual([10]);
  });
});
