import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { EntryBody, type WireEntry } from '#contract/wire.ts';
import { verifyStore } from '#gateway/audit/verify.ts';
import { watch } from '#gateway/audit/watch.ts';
import { checkShared } from '#gateway/identity/keys.ts';
import { HORIZON_MS } from '#gateway/store/archive.ts';
import { openStore } from '#gateway/store/open.ts';
import { Journal } from './client.ts';
import { onWire, Writer } from './sealing.ts';
import { startGateway } from './stand.ts';
import { postgresStore, sqliteStore, type TestStore } from './stores.ts';

const DAY_MS = 86_400_000;

/** A gateway with the journal of one terminal, and a pen for the rest of it. */
async function newStand(makeStore: () => Promise<TestStore> = postgresStore) {
  const made = await makeStore();
  const gateway = await startGateway(async () => made);
  await checkShared(gateway.store, 'gateway', gateway.signing);
  const terminal = await gateway.newTerminal();
  const { terminalId } = terminal.identity;
  const writer = new Writer(terminal.identity, new Journal(terminalId));
  const day = writer.dayKey();
  const cases = (count: number): WireEntry[] => Array.from({ length: count }, () => onWire(writer.case(day.dayKey)));
  return {
    ...gateway,
    terminal,
    terminalId,
    writer,
    day,
    cases,
    /** Sends, as of a day of UTC. */
    sendOn: async (date: string, entries: readonly WireEntry[]) => {
      await terminal.send(entries);
      const seqs = entries.map(({ seq }) => seq);
      await gateway.change(`UPDATE entries SET received_at = '${date}T12:00:00Z' WHERE seq IN (${seqs.join()})`);
    },
    archive: (before: string) => gateway.store.archive(new Date(before)),
    /** Months, and the places whose bodies lie there. */
    archived: () =>
      gateway.rows(`SELECT to_char(month, 'YYYY-MM') AS month, array_agg(seq::int ORDER BY seq) AS seqs
        FROM archived_bodies GROUP BY month ORDER BY month`),
    /** Places whose bodies stand with their entries. */
    standing: async () =>
      (await gateway.rows("SELECT seq::int FROM entries WHERE body <> '' ORDER BY seq")).map(({ seq }) => seq),
    faults: async () => {
      const faults: unknown[] = [];
      await verifyStore(gateway.store, { kept: [], onFault: ({ code, at }) => faults.push([code, at]) });
      return faults;
    },
  };
}

test('old bodies move into the table of their month, young ones stay, and the journal is as sound as before', async () => {
  const { day, cases, sendOn, drain, archive, archived, standing, faults, terminal, rows } = await newStand();
  const [first, second, third] = [cases(2), cases(2), cases(2)];
  await sendOn('2026-01-30', [day.entry, ...first]);
  await sendOn('2026-02-02', second);
  await sendOn('2026-03-05', third);
  await drain();
  expect(await archive('2026-03-01T00:00:00Z')).toBe(5);
  expect(await archive('2026-03-01T00:00:00Z')).toBe(0);
  expect(await archived()).toEqual([
    { month: '2026-01', seqs: [1, 2, 3] },
    { month: '2026-02', seqs: [4, 5] },
  ]);
  expect(await standing()).toEqual([6, 7]);
  expect(await faults()).toEqual([]);
  expect(
    (await rows("SELECT relname FROM pg_class WHERE relname LIKE 'archived_bodies_2%' AND relkind = 'r'")).length,
  ).toBe(2);

  // A late repeat finds its place taken, and no second copy of it anywhere.
  const again = await terminal.send([...first, ...second]);
  expect(again).toMatchObject({ entries: Array.from({ length: 4 }, () => ({ result: 'duplicate' })) });
  const altered = { ...first[0], body: '{}' };
  expect(await terminal.send([altered])).toMatchObject({
    entries: [{ result: 'quarantined', code: 'body-hash' }],
  });
  expect(await standing()).toEqual([6, 7]);
  expect(await archive('2026-04-01T00:00:00Z')).toBe(2);
  expect(await standing()).toEqual([]);
  expect(await faults()).toEqual([]);
});

test('what the intake has not seen stays, and so does what stands behind a place that was filled late', async () => {
  const { day, cases, sendOn, drain, archive, standing } = await newStand();
  const [missing, beyond] = [cases(1), cases(1)];
  await sendOn('2026-01-10', [day.entry]);
  expect(await archive('2026-03-01T00:00:00Z')).toBe(0);
  await drain();
  await sendOn('2026-01-10', beyond);
  expect(await archive('2026-03-01T00:00:00Z')).toBe(1);
  expect(await archive('2026-03-01T00:00:00Z')).toBe(0);
  await sendOn('2026-03-02', missing);
  await drain();
  expect(await archive('2026-03-01T00:00:00Z')).toBe(0);
  expect(await standing()).toEqual([2, 3]);
  expect(await archive('2026-04-01T00:00:00Z')).toBe(2);
});

test('the intake opens a case from the archive when what it waited for comes at last', async () => {
  const { writer, day, sendOn, drain, archive, archived, terminal, terminalId, rows, store } = await newStand();
  // Another pen tells the key; its entry comes behind the case.
  const late = new Writer(terminal.identity, new Journal(terminalId)).dayKey();
  const { open } = EntryBody.parse(JSON.parse(late.entry.body));
  const waiting = onWire(writer.case(late.dayKey));
  await sendOn('2026-01-10', [day.entry, waiting]);
  await drain();
  expect(await rows('SELECT code FROM quarantine')).toEqual([{ code: 'no-day-key' }]);
  expect(await archive('2026-03-01T00:00:00Z')).toBe(2);
  expect(await archived()).toEqual([{ month: '2026-01', seqs: [1, 2] }]);
  await terminal.send([writer.plain('key', open)]);
  await drain();
  expect(await rows('SELECT code FROM quarantine WHERE resolved_at IS NULL')).toEqual([]);
  expect(await store.counts()).toMatchObject({ cases: 1, quarantined: 0 });
});

test('two gateways at the same time move each body once', async () => {
  const stand = await newStand();
  const { day, cases, sendOn, drain, archived, standing, faults, address, store } = stand;
  await sendOn('2026-01-10', [day.entry, ...cases(199)]);
  for (let i = 0; i < 6; i += 1) await sendOn(`2026-0${1 + (i % 2)}-11`, cases(200));
  await drain();
  const other = await openStore(address, { newEpoch: randomUUID, missing: 'refuse' });
  onTestFinished(() => other.close());
  const all = async (one: typeof store) => {
    let moved = 0;
    for (let portion = 1; portion > 0; moved += portion) portion = await one.archive(new Date('2026-03-01'));
    return moved;
  };
  const moved = await Promise.all([all(store), all(other)]);
  expect(moved.reduce((sum, count) => sum + count, 0)).toBe(1400);
  const seqs = (await archived()).flatMap((row) => row['seqs'] as number[]);
  expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1400 }, (_, i) => i + 1));
  expect(await standing()).toEqual([]);
  expect(await faults()).toEqual([]);
});

test('a month that was taken away is told by the check, place by place, and keeps nobody from sending', async () => {
  const { day, cases, sendOn, drain, archive, change, faults, terminal, terminalId } = await newStand();
  await sendOn('2026-01-10', [day.entry, ...cases(1)]);
  await sendOn('2026-02-10', cases(1));
  await drain();
  expect(await archive('2026-03-01T00:00:00Z')).toBe(3);
  await change('DROP TABLE archived_bodies_2026_01');
  const at = { region: '120103', terminal: terminalId, incarnation: 1 };
  expect(await faults()).toEqual([
    ['body', { ...at, seq: 1 }],
    ['body', { ...at, seq: 2 }],
  ]);
  await terminal.send(cases(1));
  expect(await terminal.cursor()).toMatchObject({ contiguousSeq: 4 });
});

test('the watch moves what is older than the horizon, once a day', async () => {
  const { day, cases, sendOn, drain, store, signing, standing, clock } = await newStand();
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
  const horizon = HORIZON_MS / DAY_MS;
  await sendOn(daysAgo(horizon + 2), [day.entry]);
  await sendOn(daysAgo(horizon - 2), cases(1));
  await drain();
  const said: string[] = [];
  const log = {
    info: (_: unknown, text?: string) => said.push(text ?? ''),
    warn: () => undefined,
    error: () => undefined,
  };
  const { round } = watch({
    store,
    keys: signing,
    log,
    now: clock.now,
    anchorHour: 2,
    gapMs: DAY_MS,
  });
  await round();
  expect(await standing()).toEqual([2]);
  expect(said).toContain('bodies were moved to the archive of their month');
  clock.offsetMs = 5 * DAY_MS;
  await round();
  expect(await standing()).toEqual([]);
});

test('in SQLite nothing moves', async () => {
  const { day, store, terminal, drain } = await newStand(sqliteStore);
  await terminal.send([day.entry]);
  await drain();
  expect(await store.archive(new Date('2100-01-01'))).toBe(0);
});
