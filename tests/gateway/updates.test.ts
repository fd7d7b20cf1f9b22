/** What the district publishes for its terminals: the feed, its acknowledgements, and packages in parts. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Update, UpdatesAnswer } from '#contract/updates.ts';
import { limits } from '#contract/wire.ts';
import { content } from '../service/alerts/fixture.ts';
import { type Client, sha256 } from './client.ts';
import { runCli, startGateway } from './stand.ts';
import { stores } from './stores.ts';

const FEED = '/v1/terminals/self/updates';

function retry(changes: Partial<Update> = {}): Update {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  return { id: randomUUID(), kind: 'retry-entry', incarnation: 1, seq: 1, expiresAt, ...changes } as Update;
}

async function feed(terminal: Client, after?: string): Promise<UpdatesAnswer> {
  const answer = await terminal.request('GET', after === undefined ? FEED : `${FEED}?after=${after}`, null);
  expect(terminal.isSigned(answer)).toBe(true);
  return UpdatesAnswer.parse(answer.body);
}

function tell(terminal: Client, ack: object) {
  return terminal.request('POST', `${FEED}/ack`, Buffer.from(JSON.stringify(ack)));
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('a terminal hears what is for it or for its region, once, in order, and nothing of others', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const neighbour = await gateway.newTerminal();
    const elsewhere = await gateway.newTerminal('120104');
    const { terminalId } = terminal.identity;
    const all = retry();
    const own = retry();
    const expired = retry({ expiresAt: new Date(Date.now() - 1).toISOString() });
    const at = new Date();
    await gateway.store.publish(all, { region: '120103', terminal: null }, at);
    await gateway.store.publish(expired, { region: '120103', terminal: null }, at);
    await gateway.store.publish(own, { region: '120103', terminal: terminalId }, at);

    const first = await feed(terminal);
    expect(first.updates).toEqual([all, own]);
    expect((await feed(neighbour)).updates).toEqual([all]);
    expect((await feed(elsewhere)).updates).toEqual([]);
    const second = await feed(terminal, first.cursor);
    expect(second).toEqual({ updates: [], cursor: first.cursor });

    const late = retry();
    await gateway.store.publish(late, { region: '120103', terminal: null }, at);
    expect((await feed(terminal, second.cursor)).updates).toEqual([late]);

    // A store that was restored numbers anew: its cursors tell.
    await gateway.store.renewEpoch(randomUUID());
    expect((await feed(terminal, second.cursor)).updates).toEqual([all, own, late]);
  });

  test('a long feed comes in pages', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const updates = Array.from({ length: 101 }, () => retry());
    for (const one of updates) await gateway.store.publish(one, { region: '120103', terminal: null }, new Date());
    const first = await feed(terminal);
    expect(first.updates).toEqual(updates.slice(0, 100));
    expect((await feed(terminal, first.cursor)).updates).toEqual(updates.slice(100));
  });

  test('an outcome is kept once, and only from whom the update is for', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const neighbour = await gateway.newTerminal();
    const update = retry();
    const { terminalId } = terminal.identity;
    await gateway.store.publish(update, { region: '120103', terminal: terminalId }, new Date());
    expect((await tell(terminal, { id: update.id, outcome: 'done' })).status).toBe(200);
    expect((await tell(terminal, { id: update.id, outcome: 'failed' })).status).toBe(200);
    const notFound = { status: 404, body: { code: 'not-found' } };
    expect(await tell(neighbour, { id: update.id, outcome: 'done' })).toMatchObject(notFound);
    expect(await tell(terminal, { id: randomUUID(), outcome: 'done' })).toMatchObject(notFound);
    for (const ack of [{}, { id: update.id }, { id: 'x', outcome: 'done' }, { id: update.id, outcome: 'great' }]) {
      expect(await tell(terminal, ack)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    }
    expect(await gateway.store.published()).toEqual([
      { n: 1, region: '120103', terminal: terminalId, content: JSON.stringify(update), done: 1, expired: 0, failed: 0 },
    ]);
  });

  test.each(['', 'x', 'a.b', `x.${'9'.repeat(16)}`, 'x.-1', '%00.1'])('a cursor like %j is refused', async (after) => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const answer = await terminal.request('GET', `${FEED}?after=${after}`, null);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  test('a package comes in signed parts, whole and in any order, and to its own region alone', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal('120103', 'national');
    const elsewhere = await gateway.newTerminal('120104');
    const bytes = randomBytes(limits.partBytes * 2 + 7);
    const version = sha256(bytes);
    const catalogue = { version, region: '120103', sequence: 1, date: '2026-03-02' };
    await gateway.store.addCatalogue(catalogue, bytes, new Date());
    const ask = (range: string | null, of = version, by = terminal) =>
      by.request('GET', `/v1/packages/${of}`, null, range === null ? {} : { headers: { range } });

    const parts: Buffer[] = [];
    for (const from of [0, limits.partBytes, limits.partBytes * 2]) {
      const answer = await ask(`bytes=${from}-`);
      expect(answer.status).toBe(206);
      expect(terminal.isSigned(answer)).toBe(true);
      const last = Math.min(from + limits.partBytes, bytes.length) - 1;
      expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${last}/${bytes.length}`);
      expect(answer.headers.get('repr-digest')).toBe(`sha-256=:${Buffer.from(version, 'hex').toString('base64')}:`);
      parts.push(answer.content);
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect((await ask('bytes=5-5')).content).toEqual(bytes.subarray(5, 6));
    expect((await ask('bytes=0-999999999')).content).toEqual(bytes.subarray(0, limits.partBytes));

    for (const range of [`bytes=${bytes.length}-`, 'bytes=999999999999999-']) {
      const beyond = await ask(range);
      expect(beyond).toMatchObject({ status: 416, body: { code: 'range' } });
      expect(terminal.isSigned(beyond)).toBe(true);
      expect(beyond.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
    }
    for (const range of [null, 'bytes=-5', 'bytes=5-4', 'bytes=0-1,3-4', 'bytes=x-', 'lines=0-', 'bytes=0x1-']) {
      expect(await ask(range)).toMatchObject({ status: 400, body: { code: 'malformed' } });
    }
    expect(await ask('bytes=0-', version, elsewhere)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    for (const name of [
      'f'.repeat(64),
      version.toUpperCase(),
      `${version}0`,
      '..%2f..%2fgateway.key',
      '%00',
      "'%20OR%201=1",
      `${version}%00`,
    ]) {
      expect(await ask('bytes=0-', name)).toMatchObject({ status: 404 });
    }
  });

  test('the command line publishes what was added, to whom it belongs, and tells what became of it', async () => {
    const { address } = await makeStore();
    const cli = (...args: string[]) => runCli(...args, '--store', address.uri);
    const added = JSON.parse((await cli('catalogue', 'add', 'image/catalogue')).stdout) as Record<string, unknown>;
    const version = String(added['version']);
    const published = JSON.parse((await cli('publish', 'catalogue', version, '--region', '120103')).stdout) as object;
    expect(published).toMatchObject({ kind: 'catalogue', sha256: version, bytes: added['bytes'], terminal: null });
    expect(JSON.parse((await cli('updates')).stdout)).toEqual({ ...published, done: 0, expired: 0, failed: 0 });
    const file = join(mkdtempSync(join(tmpdir(), 'yc-alert-')), 'alert.json');
    writeFileSync(file, JSON.stringify(content));
    const alert = JSON.parse((await cli('publish', 'alert', file, '--region', '120103', '--hours', '6')).stdout) as {
      id: string;
      expiresAt: string;
    };
    expect(alert).toMatchObject({ kind: 'alert', ...content, region: '120103', terminal: null });
    expect((Date.parse(alert.expiresAt) - Date.now()) / 3_600_000).toBeCloseTo(6, 1);
    const end = JSON.parse((await cli('publish', 'alert-withdrawn', alert.id)).stdout) as object;
    const { expiresAt } = alert;
    expect(end).toMatchObject({ kind: 'alert-withdrawn', alert: alert.id, expiresAt, region: '120103' });
    const wrong = join(file, '..', 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ ...content, level: 'green' }));
    for (const args of [
      ['alert', file, '--hours', '6'],
      ['alert', wrong, '--region', '120103', '--hours', '6'],
      ['alert-withdrawn', version],
      ['catalogue', 'f'.repeat(64), '--region', '120103'],
      ['catalogue', version, '--region', '120104'],
      ['catalogue', version],
      ['catalogue', version, '--terminal', 'nobody'],
      ['retry-entry', '--terminal', 'nobody', '--seq', '1'],
      ['retry-entry', '--terminal', 'nobody', '--seq', '0'],
    ]) {
      expect((await cli('publish', ...args)).code, args.join(' ')).toBe(1);
    }
  });
});
