/** A person's data is erased (R40): what goes, what stays, and what may not come back. */
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WireEntry } from '#contract/wire.ts';
import { verifyStore } from '#gateway/audit/verify.ts';
import { checkShared, gatewayKeys } from '#gateway/identity/keys.ts';
import { openIntake, openStore } from '#gateway/store/open.ts';
import { type Client, Journal, link, results } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { bytesBelow, finder, startGateway } from './stand.ts';
import { postgresStore, sqliteStore, stores, type TestStore } from './stores.ts';

async function stand(makeStore: () => Promise<TestStore>) {
  const made = await makeStore();
  const gateway = await startGateway(async () => made);
  await checkShared(gateway.store, 'gateway', gatewayKeys(made.keys));
  const terminal = await gateway.newTerminal();
  const writer = writerOf(terminal);
  const day = writer.dayKey();
  const keys = async () =>
    (await gateway.rows('SELECT incarnation, seq FROM wrapped_keys ORDER BY terminal, incarnation, seq')).map(
      ({ incarnation, seq }) => `${String(incarnation)}/${String(seq)}`,
    );
  const aside = () => gateway.rows('SELECT code, keys FROM quarantine ORDER BY incarnation, seq, fingerprint');
  const cases = () => gateway.rows('SELECT case_id, state FROM cases ORDER BY case_id');
  const open = async () =>
    (await gateway.rows('SELECT code FROM quarantine WHERE resolved_at IS NULL')).map(({ code }) => String(code));
  const faults = async () => {
    const found: unknown[] = [];
    await verifyStore(gateway.store, { kept: [], onFault: (fault) => found.push(fault) });
    return found;
  };
  return { gateway, terminal, writer, day, keys, aside, cases, open, faults };
}

function writerOf(terminal: Client, incarnation = 1): Writer {
  return new Writer(terminal.identity, new Journal(terminal.identity.terminalId, incarnation));
}

/** The same entry at another place, as a terminal sends it in a new incarnation. */
function carried(entry: WireEntry, incarnation = 2): WireEntry {
  const { id, kind, keys } = entry;
  return new Journal(entry.terminal, incarnation).add({ id, kind, keys, body: Buffer.from(entry.body) });
}

describe.each(stores)('on $name', ({ makeStore }) => {
  test("a terminal's erasure destroys its entries' keys, and no other; the case stays known and the chain whole", async () => {
    const { gateway, terminal, writer, day, keys, cases, faults } = await stand(makeStore);
    const [kept, gone] = [writer.case(day.dayKey), writer.case(day.dayKey)];
    const other = await gateway.newTerminal();
    const beside = writerOf(other);
    const { entry, dayKey } = beside.dayKey();
    const theirs = beside.case(dayKey);
    await other.send([entry, onWire(theirs)]);
    await terminal.send([day.entry, onWire(kept), onWire(gone)]);
    await gateway.drain();
    expect(await keys()).toHaveLength(3);

    const order = writer.plain('erasure', { entries: [gone.id, theirs.id] });
    expect(results(await terminal.send([order]))).toEqual(['stored']);
    expect(await gateway.drain()).toEqual({ seen: 1, invalid: 0 });
    expect((await keys()).sort()).toEqual(['1/2', '1/2']);
    expect(await cases()).toHaveLength(3);
    expect(await faults()).toEqual([]);
    const { region, terminalId } = terminal.identity;
    const erased = { region, terminal: terminalId, by: 'terminal', order: order.id, at: expect.any(String) };
    expect(await gateway.store.erasures()).toEqual([gone.id, theirs.id].sort().map((id) => ({ ...erased, entry: id })));
  });

  test('no copy of what was erased brings its key back: again, healed, in a new incarnation, unfit or in conflict', async () => {
    const { gateway, terminal, writer, day, keys, aside, open, faults } = await stand(makeStore);
    const [unfit, whole] = [onWire(writer.case(day.dayKey)), onWire(writer.case(day.dayKey))];
    const order = writer.plain('erasure', { entries: [unfit.id, whole.id] });
    const bent = { ...unfit, at: { ...unfit.at, monotonicMs: 1 } };
    expect(results(await terminal.send([day.entry, bent, whole, order]))).toEqual([
      'stored',
      'quarantined hash',
      'stored',
      'stored',
    ]);
    const thief = link({ ...whole, prevHash: 'e'.repeat(64) });
    expect(results(await terminal.send([thief]))).toEqual(['quarantined conflict']);
    expect((await aside()).map((row) => typeof row['keys'])).toEqual(['string', 'string']);
    await gateway.drain();
    expect(await keys()).toEqual([]);
    expect((await aside()).map((row) => row['keys'])).toEqual([null, null]);

    const again = { ...unfit, at: { ...unfit.at, monotonicMs: 2 } };
    const stolen = link({ ...whole, prevHash: 'f'.repeat(64) });
    const malformed = { ...whole, more: 1 };
    expect(results(await terminal.send([bent, again, unfit, whole, stolen, malformed]))).toEqual([
      'quarantined hash',
      'quarantined hash',
      'stored',
      'duplicate',
      'quarantined conflict',
      'quarantined malformed',
    ]);
    await terminal.send([carried(whole)]);
    await terminal.send([carried(unfit, 3)]);
    // Before the intake, which the healed entry has read the order once more.
    expect(await keys()).toEqual([]);
    expect(new Set((await aside()).map((row) => row['keys']))).toEqual(new Set([null]));
    await gateway.drain();
    expect(await open()).not.toContain('no-case-key');
    expect(await faults()).toEqual([]);
  });

  test('a case that was erased before it came is known to the desk, with what became of it', async () => {
    const { gateway, terminal, day, writer, keys, cases, open } = await stand(makeStore);
    const lost = writer.case(day.dayKey);
    const later = writerOf(terminal, 2);
    await terminal.send([later.plain('erasure', { entries: [lost.id] })]);
    await gateway.drain();
    const seen = writer.plain('verification', { case: lost.case, worker: 'w1', outcome: 'confirmed', seen: [] });
    await terminal.send([day.entry, onWire(lost), seen]);
    expect(await gateway.drain()).toEqual({ seen: 3, invalid: 0 });
    expect([await keys(), await open()]).toEqual([[], []]);
    expect(await cases()).toEqual([{ case_id: lost.case, state: 'verified' }]);
  });

  test('what waited for a key, and a case whose terminal had erased it already, is settled by the erasure', async () => {
    const { gateway, terminal, day, writer, keys, cases, open } = await stand(makeStore);
    const waiting = writer.case({ id: randomUUID(), key: day.dayKey.key });
    const bare = { ...onWire(writer.case(day.dayKey)), keys: [] };
    const seen = writer.plain('verification', { case: waiting.case, worker: 'w1', outcome: 'refused', seen: [] });
    await terminal.send([day.entry, onWire(waiting), bare, seen]);
    await gateway.drain();
    expect((await open()).sort()).toEqual(['no-case', 'no-case-key', 'no-day-key']);
    await terminal.send([writer.plain('erasure', { entries: [waiting.id, bare.id] })]);
    await gateway.drain();
    expect([await keys(), await open()]).toEqual([[], []]);
    expect((await cases()).map(({ state }) => String(state)).sort()).toEqual(['accepted', 'refused']);
  });

  test('a case that is erased while the intake has it in hand is looked at anew', async () => {
    const { gateway, terminal, day, writer, cases, open } = await stand(makeStore);
    const accepted = writer.case({ id: randomUUID(), key: day.dayKey.key });
    await terminal.send([day.entry, onWire(accepted)]);
    const other = await openIntake(gateway.address, { newEpoch: randomUUID, missing: 'refuse' });
    onTestFinished(() => other.close());
    const work = await other.next(10);
    if (!work) throw new Error('no work');
    const { region, terminalId } = terminal.identity;
    const at = new Date().toISOString();
    const erasure = { region, terminal: terminalId, entry: accepted.id, by: 'staff', order: '2026-1', at } as const;
    expect(await gateway.store.erase([erasure])).toBe(1);
    const waits = { what: 'invalid', code: 'no-day-key', waitsFor: randomUUID() } as const;
    expect(await other.finish(work, [{ what: 'nothing' }, waits], new Date())).toBe(false);
    await gateway.drain();
    expect([await cases(), await open()]).toEqual([[{ case_id: accepted.case, state: 'accepted' }], []]);
  });

  test('an erasure that names nothing, or too much, erases nothing and waits for staff', async () => {
    const { gateway, terminal, day, writer, keys, open } = await stand(makeStore);
    const accepted = writer.case(day.dayKey);
    const bodies = [{}, { entries: [] }, { entries: ['x'] }, { entries: [...Array(101)].map(() => accepted.id) }];
    const orders = bodies.map((body) => writer.plain('erasure', body));
    await terminal.send([day.entry, onWire(accepted), ...orders]);
    expect(await gateway.drain()).toEqual({ seen: 6, invalid: 4 });
    expect(await open()).toEqual(Array(4).fill('open'));
    expect(await keys()).toEqual(['1/2']);
  });

  test('only a case has keys: those of another kind are not kept', async () => {
    const { terminal, day, writer, keys } = await stand(makeStore);
    const { key } = writer.seal(randomUUID(), day.dayKey, {});
    const body = Buffer.from(JSON.stringify({ v: 1, open: { ticket: randomUUID(), why: 'called' }, sealed: null }));
    const journal = new Journal(terminal.identity.terminalId, 2);
    await terminal.send([journal.add({ id: randomUUID(), kind: 'help', body, keys: [key] })]);
    expect(await keys()).toEqual([]);
  });
});

test('nothing of an erased key stands in the files of SQLite, among others that stay', async () => {
  const { gateway, terminal, writer, day } = await stand(sqliteStore);
  // Enough that pages were split, and rows moved between them.
  const sent = Array.from({ length: 150 }, () => onWire(writer.case(day.dayKey)));
  await terminal.send([day.entry, ...sent]);
  await gateway.drain();
  const lost = sent.filter((_, i) => i % 3 === 0);
  const secret = (entry: WireEntry) => entry.keys[0]?.data ?? '';
  await terminal.send([writer.plain('erasure', { entries: lost.slice(0, 40).map(({ id }) => id) })]);
  expect(finder(bytesBelow(gateway.files))(secret(lost[0] as WireEntry))).toBe(true);
  await gateway.drain();
  const has = finder(bytesBelow(gateway.files));
  expect(lost.slice(0, 40).filter((entry) => has(secret(entry)))).toEqual([]);
  expect(sent.filter((entry) => has(secret(entry)))).toHaveLength(110);
});

test('lines that PostgreSQL kept aside before there were erasures are erased by the id that they name', async () => {
  const { address, change, rows } = await postgresStore();
  const open = async () => (await openStore(address, { newEpoch: randomUUID, missing: 'create' })).close();
  await open();
  const id = randomUUID();
  const line = JSON.stringify({ v: 1, incarnation: 1, id, text: 'it\'s "id"' }).replaceAll("'", "''");
  await change(`ALTER TABLE quarantine DROP COLUMN claimed_id; DROP INDEX entries_of_cases; DROP TABLE erasures;
    DROP TABLE archived_bodies; ALTER TABLE entries DROP COLUMN archived_in; ALTER TABLE heads DROP COLUMN archived_seq;
    DROP TABLE materials; DROP TABLE material_parts; DROP TABLE gateway_successors; DROP INDEX quarantine_district_key;
    DELETE FROM gateway_migrations WHERE version >= 10;
    INSERT INTO quarantine (region, terminal, incarnation, seq, fingerprint, found_by, code, takes_place, hash, line, keys, found_at)
    VALUES ('120103', 't', 1, 1, 'a', 'gateway', 'hash', true, 'a', '${line}', '[]', now()),
      ('120103', 't', 1, 2, 'b', 'gateway', 'hash', true, 'b', '{"id":1}', '[]', now())`);
  await open();
  expect(await rows('SELECT seq, claimed_id FROM quarantine ORDER BY seq')).toEqual([
    { seq: 1, claimed_id: id },
    { seq: 2, claimed_id: null },
  ]);
});

test('PostgreSQL clears away a single erased key, and does not wait for a fifth of the table', async () => {
  const { gateway } = await stand(postgresStore);
  const tables = await gateway.rows(`SELECT relname FROM pg_class WHERE relname ~ '^(wrapped_keys_[0-9]+|quarantine)$'
    AND relkind = 'r' AND reloptions @> ARRAY['autovacuum_vacuum_threshold=0', 'autovacuum_vacuum_scale_factor=0']`);
  expect(tables).toHaveLength(17);
});
