/** Journals that are long, or hold much behind a gap: what a batch costs is its own length, and nothing is too much to be joined. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkEntry } from '#gateway/journal/entry.ts';
import { openStore } from '#gateway/store/open.ts';
import { type Client, Journal, results } from './client.ts';
import { Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { postgresStore, stores, type TestStore } from './stores.ts';

/** A hash for a place, in the words of both databases. */
const hashOf = (place: string) => `substr('${'0'.repeat(64)}' || ${place}, length(CAST(${place} AS text)) + 1)`;

/** Copies a terminal's entry 3 to as many places behind it as it is told, each linked to the one before. @returns the last place */
async function lengthen({ change }: Pick<TestStore, 'change'>, terminal: Client, more: number): Promise<number> {
  const last = 3 + more;
  const linked = `CASE WHEN s = 4 THEN hash ELSE ${hashOf('(s - 1)')} END, ${hashOf('s')}`;
  await change(`
    WITH RECURSIVE places (s) AS (SELECT 4 UNION ALL SELECT s + 1 FROM places WHERE s < ${last})
    INSERT INTO entries (region, terminal, incarnation, seq, state, id, kind, catalogue, body, body_hash, prev_hash, hash,
      wall, monotonic_ms, boot, server_offset_ms, received_at)
    SELECT region, terminal, incarnation, s, state, id, kind, catalogue, body, body_hash, ${linked},
      wall, monotonic_ms, boot, server_offset_ms, received_at
    FROM entries, places WHERE seq = 3 AND terminal = '${terminal.identity.terminalId}'`);
  await change(`UPDATE heads SET max_seq = ${last} WHERE terminal = '${terminal.identity.terminalId}'`);
  return last;
}

function threeEntries(terminal: Client) {
  const writer = new Writer(terminal.identity, new Journal(terminal.identity.terminalId));
  const entry = () => writer.plain('help', { ticket: randomUUID(), why: 'called' });
  return [entry(), entry(), entry()] as const;
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test('however much is held behind a gap, it is joined when the gap fills, up to the next one', async () => {
    const gateway = await startGateway(makeStore);
    const terminal = await gateway.newTerminal();
    const [first, second, third] = threeEntries(terminal);
    expect(results(await terminal.send([first, third]))).toEqual(['stored', 'held gap']);
    const last = await lengthen(gateway, terminal, 150_000);
    await gateway.change(`DELETE FROM entries WHERE seq = ${last - 1}`);
    const answer = await terminal.send([second]);
    expect(results(answer)).toEqual(['stored']);
    expect(answer.cursor).toMatchObject({ contiguousSeq: last - 2, holes: [last - 1] });
    expect(await gateway.rows("SELECT seq FROM entries WHERE state = 'broken'")).toEqual([]);
  });
});

test('in PostgreSQL, which knows nothing of a new table, a repeated batch reads its own places and no others', async () => {
  const store = await postgresStore();
  const gateway = await startGateway(async () => store);
  const terminal = await gateway.newTerminal();
  const entries = threeEntries(terminal);
  await terminal.send(entries);
  await lengthen(gateway, terminal, 20_000);
  const fetched = async () => {
    const [row] = await gateway.rows(
      "SELECT sum(idx_tup_fetch)::integer AS n FROM pg_stat_user_tables WHERE relname LIKE 'entries%'",
    );
    return Number(row?.['n']);
  };
  const before = await fetched();
  const own = await openStore(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
  const registered = await own.terminal(terminal.identity.terminalId);
  if (!registered) throw new Error('the terminal is not registered');
  const items = entries.flatMap((entry) => checkEntry(entry, registered) ?? []);
  expect(await own.append(registered, items, new Date())).toMatchObject(items.map(() => ({ result: 'duplicate' })));
  // A connection tells what it read when it ends.
  await own.close();
  await expect.poll(fetched).toBeGreaterThan(before);
  expect((await fetched()) - before).toBeLessThan(100);
});
