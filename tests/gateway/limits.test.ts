import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Journal, ndjson, results } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { stores } from './stores.ts';

describe.each(stores)('on $name', ({ makeStore }) => {
  async function stand() {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
    const entry = (padding = 0) =>
      writer.plain('help', { ticket: crypto.randomUUID(), why: 'called', x: 'x'.repeat(padding) });
    const taken = async () => (await gateway.store.counts()).entries;
    return { gateway, terminal, entry, taken };
  }

  const TOO_LARGE = { status: 413, body: { code: 'too-large' } };
  const MALFORMED = { status: 400, body: { code: 'malformed' } };

  test('200 entries are taken and 201 are refused', async () => {
    const { terminal, entry, taken } = await stand();
    const entries = Array.from({ length: 201 }, () => entry());
    expect(await terminal.batch(zstdCompressSync(ndjson(entries)))).toMatchObject(TOO_LARGE);
    expect(await taken()).toBe(0);
    expect(new Set(results(await terminal.send(entries.slice(0, 200))))).toEqual(new Set(['stored']));
  });

  test('more than 512 KB before compression is refused, however small it travels', async () => {
    const { terminal, entry, taken } = await stand();
    const entries = Array.from({ length: 14 }, () => entry(40_000));
    const answer = await terminal.batch(zstdCompressSync(ndjson(entries)));
    expect(answer).toMatchObject(TOO_LARGE);
    expect(terminal.isSigned(answer)).toBe(true);
    expect(await terminal.batch(ndjson(entries), { headers: { 'content-encoding': 'identity' } })).toMatchObject(
      TOO_LARGE,
    );
    expect(await taken()).toBe(0);
  });

  test('an incarnation far above the newest one is refused, so that nobody uses up what a terminal may begin', async () => {
    const { gateway, terminal } = await stand();
    const help = (incarnation: number) => {
      const { identity } = terminal;
      const writer = new Writer(identity, new Journal(identity.terminalId, incarnation));
      return writer.plain('help', { ticket: crypto.randomUUID(), why: 'called' });
    };
    const refused = async (...incarnations: number[]) => {
      const answer = await terminal.batch(ndjson(incarnations.map(help)), {
        headers: { 'content-encoding': 'identity' },
      });
      expect(answer).toMatchObject(MALFORMED);
      expect(terminal.isSigned(answer)).toBe(true);
    };
    await refused(Number.MAX_SAFE_INTEGER);
    await refused(1, 1002);
    expect(await terminal.cursor()).toMatchObject({ incarnation: 1, contiguousSeq: 0 });
    // As many as a terminal may be ahead of a gateway that was restored from long ago, and the older ones after it.
    expect(results(await terminal.send([help(1001), help(3)]))).toEqual(['stored', 'stored']);
    await refused(2002);
    expect(results(await terminal.send([help(2001)]))).toEqual(['stored']);
    expect(await terminal.cursor()).toMatchObject({ incarnation: 2001 });
    expect((await gateway.store.counts()).entries).toBe(3);
  });

  test('a zstd bomb is not blown up', async () => {
    const { terminal } = await stand();
    const bomb = zstdCompressSync(Buffer.alloc(256 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(64 * 1024);
    const before = process.memoryUsage().rss;
    expect(await terminal.batch(bomb)).toMatchObject(TOO_LARGE);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  /** A zstd frame (RFC 8878, 3.1.1) of one raw block, whose header asks for a window of 2^windowLog bytes. */
  function rawFrame(content: Buffer, windowLog: number): Buffer {
    const block = Buffer.alloc(3);
    block.writeUIntLE((content.length << 3) | 1, 0, 3);
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]), block, content]);
  }

  test('a frame that wants a huge window is refused', async () => {
    const { terminal, entry } = await stand();
    const content = ndjson([entry()]);
    expect(await terminal.batch(rawFrame(content, 24))).toMatchObject(MALFORMED);
    expect((await terminal.batch(rawFrame(content, 20))).status).toBe(200);
  });

  test('a content longer than any batch is refused before it is read', async () => {
    const { terminal } = await stand();
    expect(await terminal.batch(Buffer.alloc(600 * 1024, 'x'))).toMatchObject(TOO_LARGE);
  });

  test.each([
    ['not zstd', Buffer.from('hello')],
    ['nothing', zstdCompressSync(Buffer.alloc(0))],
    ['not JSON', zstdCompressSync(Buffer.from('{"incarnation":1\n'))],
    ['no place', zstdCompressSync(ndjson([{ seq: 1, hash: 'a'.repeat(64) }]))],
    ['not UTF-8', zstdCompressSync(Buffer.from([0xff, 0xfe, 0x0a]))],
    ['a cut frame', zstdCompressSync(Buffer.alloc(1000, 'abc')).subarray(0, 12)],
  ])('a batch of %s is malformed, and the answer repeats nothing of it', async (_, content) => {
    const { gateway, terminal } = await stand();
    const answer = await terminal.batch(content);
    expect(answer).toMatchObject(MALFORMED);
    expect(terminal.isSigned(answer)).toBe(true);
    expect(gateway.logged.join() + answer.text).not.toContain('hello');
  });

  test('another encoding is refused, and plain content is taken', async () => {
    const { terminal, entry } = await stand();
    const plain = ndjson([entry()]);
    expect(await terminal.batch(plain, { headers: { 'content-encoding': 'gzip' } })).toMatchObject(MALFORMED);
    expect((await terminal.batch(plain, { headers: { 'content-encoding': 'identity' } })).status).toBe(200);
  });

  test('a store that stays locked asks for patience, and nothing is taken', async () => {
    const { gateway, terminal, entry, taken } = await stand();
    const content = zstdCompressSync(ndjson([entry()]));
    const letGo = await gateway.lock();
    const answer = await terminal.batch(content);
    expect(answer).toMatchObject({ status: 503, body: { code: 'busy' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(terminal.isSigned(answer)).toBe(true);
    expect(await taken()).toBe(0);
    await letGo();
    expect((await terminal.batch(content)).status).toBe(200);
  });
});
