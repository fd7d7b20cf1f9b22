import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BatchAnswer, type WireEntry } from '#contract/wire.ts';
import { Journal, link, results, sha256 } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  /** A gateway, a terminal and the first entries of its journal. */
  async function stand(count: number) {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const journal = (incarnation: number) =>
      new Writer(terminal.identity, new Journal(terminal.identity.terminalId, incarnation));
    return { gateway, terminal, journal, entries: helpEntries(journal(1), count) };
  }

  function helpEntries(writer: Writer, count: number): WireEntry[] {
    return Array.from({ length: count }, () => writer.plain('help', { ticket: crypto.randomUUID(), why: 'called' }));
  }

  function at(entries: readonly WireEntry[], seq: number): WireEntry {
    const entry = entries[seq - 1];
    if (!entry) throw new Error(`no entry ${seq}`);
    return entry;
  }

  test('entries in order are stored, byte for byte', async () => {
    const { gateway, terminal, entries } = await stand(3);
    const answer = await terminal.send(entries);
    expect(results(answer)).toEqual(['stored', 'stored', 'stored']);
    expect(answer.cursor).toMatchObject({
      epoch: await gateway.store.epoch(),
      incarnation: 1,
      contiguousSeq: 3,
      holes: [],
      maxBatch: 200,
      headHash: at(entries, 3).hash,
    });
    const bodies = await gateway.rows('SELECT body, body_hash FROM entries ORDER BY seq');
    expect(bodies.map(({ body }) => Buffer.from(body as Buffer).toString('utf8'))).toEqual(entries.map((e) => e.body));
    expect(await terminal.cursor()).toMatchObject({ contiguousSeq: 3, headHash: at(entries, 3).hash });
  });

  test('what comes after a gap is held, shown as a hole, and joined when the gap fills', async () => {
    const { terminal, entries } = await stand(7);
    const late = await terminal.send([at(entries, 1), at(entries, 4), at(entries, 6), at(entries, 7)]);
    expect(results(late)).toEqual(['stored', 'held gap', 'held gap', 'held gap']);
    expect(late.cursor).toMatchObject({ contiguousSeq: 1, holes: [2, 3, 5] });
    expect(results(await terminal.send([at(entries, 4)]))).toEqual(['held gap']);
    const filled = await terminal.send([at(entries, 3), at(entries, 2)]);
    expect(results(filled)).toEqual(['stored', 'stored']);
    expect(filled.cursor).toMatchObject({ contiguousSeq: 4, holes: [5], headHash: at(entries, 4).hash });
    const last = await terminal.send([at(entries, 5)]);
    expect(last.cursor).toMatchObject({ contiguousSeq: 7, holes: [], headHash: at(entries, 7).hash });
    expect(results(await terminal.send(entries))).toEqual(entries.map(() => 'duplicate'));
  });

  test('a batch in any order of its own is stored as if it were in order', async () => {
    const { terminal, entries } = await stand(5);
    const answer = await terminal.send([5, 2, 4, 1, 3, 3].map((seq) => at(entries, seq)));
    expect(results(answer)).toEqual(['stored', 'stored', 'stored', 'stored', 'stored', 'duplicate']);
  });

  test('the holes of a wide gap are told up to a thousand', async () => {
    const { terminal, entries } = await stand(1);
    const far = link({ ...at(entries, 1), seq: Number.MAX_SAFE_INTEGER });
    const answer = await terminal.send([far]);
    expect(results(answer)).toEqual(['held gap']);
    expect(answer.cursor.holes).toHaveLength(1000);
    expect(answer.cursor.holes.at(-1)).toBe(1000);
  });

  test('another hash at a taken place goes to quarantine and overwrites nothing', async () => {
    const { gateway, terminal, entries } = await stand(3);
    await terminal.send(entries);
    const body = Buffer.from('{"v":1,"open":{},"sealed":null}');
    const other = link({ ...at(entries, 2), body: body.toString('utf8'), bodyHash: sha256(body) });
    const before = await gateway.rows('SELECT * FROM entries');
    const answer = await terminal.send([other]);
    expect(results(answer)).toEqual(['quarantined conflict']);
    expect(answer.cursor).toMatchObject({ contiguousSeq: 3, headHash: at(entries, 3).hash });
    expect(await gateway.rows('SELECT * FROM entries')).toEqual(before);
    expect(results(await terminal.send([other]))).toEqual(['quarantined conflict']);
    expect(await gateway.rows('SELECT seq, code, found_by FROM quarantine')).toEqual([
      { seq: 2, code: 'conflict', found_by: 'gateway' },
    ]);
    expect(await gateway.store.counts()).toMatchObject({ entries: 3, quarantined: 1 });
  });

  const poisons: [code: string, make: (entry: WireEntry) => object][] = [
    ['body-hash', (entry) => ({ ...entry, body: '{"v":1}' })],
    ['hash', (entry) => ({ ...entry, catalogue: 'd'.repeat(64) })],
    ['terminal', (entry) => link({ ...entry, terminal: '00000000-0000-4000-8000-000000000000' })],
    ['version', (entry) => ({ ...entry, v: 2 })],
    ['malformed', (entry) => ({ ...entry, more: 'unknown' })],
    ['malformed', (entry) => ({ ...entry, kind: 'nonsense' })],
    ['malformed', (entry) => link({ ...entry, at: { ...entry.at, boot: 'boot\0' } })],
    [
      'body-size',
      (entry) => {
        const body = Buffer.alloc(65 * 1024, 'x');
        return link({ ...entry, body: body.toString('utf8'), bodyHash: sha256(body) });
      },
    ],
  ];

  test.each(poisons)('one poison entry (%s) stops nothing and counts as received', async (code, make) => {
    const { gateway, terminal, entries } = await stand(4);
    const good = entries.map((entry) => entry);
    // What the terminal wrote after it links to the hash that its journal has: the poison's own.
    const poison = make(at(entries, 2)) as WireEntry;
    good.splice(2, 2, ...relinked(poison.hash, entries.slice(2)));
    const answer = await terminal.send([at(good, 1), poison, at(good, 3), at(good, 4)]);
    expect(results(answer)).toEqual(['stored', `quarantined ${code}`, 'stored', 'stored']);
    expect(answer.cursor).toMatchObject({ contiguousSeq: 4, holes: [], headHash: at(good, 4).hash });
    expect(await gateway.store.counts()).toMatchObject({ entries: 3, quarantined: 1 });
    const again = await terminal.send([poison, at(good, 3)]);
    expect(results(again)).toEqual([`quarantined ${code}`, 'duplicate']);
    expect(await gateway.store.counts()).toMatchObject({ entries: 3, quarantined: 1 });
  });

  test('one entry that nests deeper than can be written stops nothing and is kept by its address', async () => {
    const { gateway, terminal, entries } = await stand(1);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const hash = 'a'.repeat(64);
    const lines = [JSON.stringify(at(entries, 1)), `{"incarnation":1,"seq":2,"hash":"${hash}","more":${deep}}`];
    const { status, body } = await terminal.batch(zstdCompressSync(`${lines.join('\n')}\n`));
    expect(status).toBe(200);
    expect(results(BatchAnswer.parse(body))).toEqual(['stored', 'quarantined version']);
    expect(await gateway.rows('SELECT line, keys FROM quarantine')).toEqual([
      { line: JSON.stringify({ incarnation: 1, seq: 2, hash }), keys: 'null' },
    ]);
  });

  function relinked(prevHash: string, entries: readonly WireEntry[]): WireEntry[] {
    let head = prevHash;
    return entries.map((entry) => {
      const linked = link({ ...entry, prevHash: head });
      head = linked.hash;
      return linked;
    });
  }

  test('an entry whose hash alone is damaged does not break the link of the next', async () => {
    const { terminal, entries } = await stand(3);
    const damaged = { ...at(entries, 2), hash: 'a'.repeat(64) };
    const answer = await terminal.send([at(entries, 1), damaged, at(entries, 3)]);
    expect(results(answer)).toEqual(['stored', 'quarantined hash', 'stored']);
  });

  test('a quarantined entry that arrives whole takes its place after all', async () => {
    const { gateway, terminal, entries } = await stand(3);
    const damaged = { ...at(entries, 2), body: '{}' };
    await terminal.send([at(entries, 1), damaged, at(entries, 3)]);
    const answer = await terminal.send([at(entries, 2)]);
    expect(results(answer)).toEqual(['stored']);
    expect(results(await terminal.send(entries))).toEqual(['duplicate', 'duplicate', 'duplicate']);
    await gateway.drain();
    expect(await gateway.rows('SELECT intake_seq, contiguous_seq FROM heads')).toEqual([
      { intake_seq: 3, contiguous_seq: 3 },
    ]);
  });

  test('a broken link is quarantined, at once or when its gap fills, and what follows it is stored', async () => {
    const { gateway, terminal, entries } = await stand(5);
    const broken = link({ ...at(entries, 3), prevHash: 'b'.repeat(64) });
    const [four, five] = relinked(broken.hash, entries.slice(3));
    const held = await terminal.send([at(entries, 1), broken, four ?? {}]);
    expect(results(held)).toEqual(['stored', 'held gap', 'held gap']);
    const joined = await terminal.send([at(entries, 2), broken, five ?? {}]);
    expect(results(joined)).toEqual(['stored', 'quarantined chain', 'stored']);
    // Whoever wrote the end of this chain has not written all of it, and must not take it for its own.
    const torn = { contiguousSeq: 5, headHash: sha256(`yichuang-torn-1\n${five?.hash}`) };
    expect(joined.cursor).toMatchObject(torn);
    expect(await terminal.cursor(1)).toMatchObject(torn);
    expect(results(await terminal.send([broken]))).toEqual(['quarantined chain']);
    expect(await gateway.rows('SELECT seq, code FROM quarantine')).toEqual([{ seq: 3, code: 'chain' }]);
  });

  test('the first entry must begin a chain', async () => {
    const { terminal, entries } = await stand(1);
    const answer = await terminal.send([link({ ...at(entries, 1), prevHash: 'b'.repeat(64) })]);
    expect(results(answer)).toEqual(['quarantined chain']);
  });

  test('incarnations are chains of their own, also in one batch', async () => {
    const { terminal, journal, entries } = await stand(2);
    const second = helpEntries(journal(2), 2);
    const answer = await terminal.send([...entries, ...second]);
    expect(results(answer)).toEqual(['stored', 'stored', 'stored', 'stored']);
    expect(answer.cursor).toMatchObject({ incarnation: 2, contiguousSeq: 2, headHash: second[1]?.hash });
    expect(await terminal.cursor(1)).toMatchObject({ incarnation: 1, headHash: at(entries, 2).hash });
    expect(await terminal.cursor()).toMatchObject({ incarnation: 2 });
  });

  test('two terminals with the same places do not meet', async () => {
    const { gateway, terminal, entries } = await stand(2);
    const other = await gateway.newTerminal();
    const theirs = helpEntries(new Writer(other.identity, new Journal(other.identity.terminalId)), 2);
    expect(results(await terminal.send(entries))).toEqual(['stored', 'stored']);
    expect(results(await other.send(theirs))).toEqual(['stored', 'stored']);
    expect(results(await other.send([at(entries, 1)]))).toEqual(['quarantined terminal']);
  });
});
